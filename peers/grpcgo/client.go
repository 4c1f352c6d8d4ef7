package grpcgo

import (
	"context"
	"fmt"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"flowlab/peers"
)

// Client is a client of one server. Its methods may be called from any goroutine.
type Client struct {
	conn  *grpc.ClientConn
	calls *peers.Calls
}

// NewClient returns a client; dial opens a connection to the server when it needs one.
// The error is grpc-go's, if it does not take the options.
func NewClient(dial func(context.Context) (net.Conn, error), options Options) (*Client, error) {
	conn, err := grpc.NewClient("passthrough:///lab", append(options.dialList(),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return dial(ctx) }),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodecV2(codec{})),
		grpc.WithIdleTimeout(0), grpc.WithNoProxy())...)
	if err != nil {
		return nil, fmt.Errorf("make a gRPC client: %w", err)
	}
	return &Client{conn: conn, calls: peers.NewCalls()}, nil
}

// Open opens a call, and does not wait. Calls share a connection.
func (c *Client) Open(call peers.Call) *peers.Party {
	return c.calls.Open(call, func(ctx context.Context) (peers.Stream, error) {
		stream, err := c.conn.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, call.Path)
		if err != nil {
			return nil, err
		}
		return &clientStream{messages: messages{of: stream}, stream: stream}, nil
	})
}

// Total is the account of all calls so far.
func (c *Client) Total() peers.Total { return c.calls.Total() }

// Close cancels all calls, waits until they are over, and closes the connection.
func (c *Client) Close() {
	c.calls.Close()
	_ = c.conn.Close() // it is an error to close it twice, and no other
}

// clientStream is a call as the client has it.
type clientStream struct {
	messages
	stream grpc.ClientStream
}

// Begin is for a server.
func (s *clientStream) Begin() error { return nil }

func (s *clientStream) End() error { return s.stream.CloseSend() }
