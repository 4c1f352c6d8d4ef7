package grpcgo

import (
	"context"
	"fmt"
	"io"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"flowlab/peers"
)

// Duplex is one call between the two ends of one connection, with a stream of messages each
// way. To its users these are streams of bytes: each write is a message.
type Duplex struct {
	conn   *grpc.ClientConn
	server *grpc.Server
	served chan struct{} // closed once the server is at its end
	over   chan struct{} // closed once the call is to end
	up     grpc.ClientStream
	down   grpc.ServerStream
}

// duplexPath is the method that is called.
const duplexPath = "/flowlab.Duplex/Stream"

// NewDuplex opens a call, whose client is at near. The error is grpc-go's.
func NewDuplex(ctx context.Context, near, far net.Conn) (*Duplex, error) {
	d := &Duplex{served: make(chan struct{}), over: make(chan struct{})}
	began := make(chan grpc.ServerStream, 1)
	d.server = grpc.NewServer(grpc.ForceServerCodecV2(codec{}), grpc.UnknownServiceHandler(func(_ any, s grpc.ServerStream) error {
		if err := s.SendHeader(nil); err != nil {
			return err
		}
		began <- s
		<-d.over
		return nil
	}))
	go func() {
		defer close(d.served)
		_ = d.server.Serve(peers.Once(far)) // that it is stopped
	}()
	dialled := peers.Once(near)
	var err error
	d.conn, err = grpc.NewClient("passthrough:///consumer",
		grpc.WithContextDialer(func(context.Context, string) (net.Conn, error) { return dialled.Accept() }),
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultCallOptions(grpc.ForceCodecV2(codec{})), grpc.WithNoProxy())
	if err != nil {
		d.server.Stop()
		return nil, fmt.Errorf("make a gRPC client: %w", err)
	}
	if d.up, err = d.conn.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, duplexPath); err == nil {
		_, err = d.up.Header()
	}
	if err != nil {
		_ = dialled.Close()
		d.Close()
		return nil, fmt.Errorf("open a gRPC call: %w", err)
	}
	d.down = <-began
	return d, nil
}

// Up is the client's end of the messages to the server; Close says that none follows.
func (d *Duplex) Up() io.WriteCloser { return &duplexWriter{messages{of: d.up}, d.up} }

// Arrived is the server's end of them.
func (d *Duplex) Arrived() io.Reader { return &duplexReader{of: &messages{of: d.down}} }

// Down is the server's end of the messages to the client, and Answers the client's.
func (d *Duplex) Down() io.Writer    { return &duplexWriter{messages{of: d.down}, nil} }
func (d *Duplex) Answers() io.Reader { return &duplexReader{of: &messages{of: d.up}} }

// Close ends the call and closes the connection.
func (d *Duplex) Close() {
	close(d.over)
	_ = d.conn.Close() // it is an error to close it twice, and no other
	d.server.Stop()
	<-d.served
}

// duplexWriter writes each piece as a message.
type duplexWriter struct {
	messages
	end grpc.ClientStream
}

func (w *duplexWriter) Write(b []byte) (int, error) {
	if err := w.messages.Write(b); err != nil {
		return 0, err
	}
	return len(b), nil
}

func (w *duplexWriter) Close() error { return w.end.CloseSend() }

// duplexReader reads messages as one stream.
type duplexReader struct {
	of   *messages
	rest []byte // of the latest message
}

func (r *duplexReader) Read(b []byte) (int, error) {
	for len(r.rest) == 0 {
		m, err := r.of.Read()
		if err != nil {
			return 0, err
		}
		r.rest = m
	}
	n := copy(b, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}
