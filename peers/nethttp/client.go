package nethttp

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"

	"flowlab/peers"
)

// ClientOptions are what a client is made with.
type ClientOptions struct {
	http.HTTP2Config
	// KeepBodies leaves the body of an answer open when its call is cancelled or over, as
	// a program does that forgets to close it, until the client is closed: what came and
	// was not read is not credited to the connection until then.
	KeepBodies bool
}

// Client is a client of one server. Its methods may be called from any goroutine.
type Client struct {
	transport http.Transport
	options   ClientOptions
	calls     *peers.Calls
	trips     sync.WaitGroup

	mu   sync.Mutex
	open []io.Closer // connections and bodies, until the client is closed
}

// NewClient returns a client; dial opens a connection to the server when it needs one.
func NewClient(dial func(context.Context) (net.Conn, error), options ClientOptions) *Client {
	c := &Client{options: options, calls: peers.NewCalls()}
	c.transport = http.Transport{
		Protocols:          priorKnowledge(),
		HTTP2:              &c.options.HTTP2Config,
		DisableCompression: true,
		// Else calls that begin at once would each dial before the first connection is there.
		MaxConnsPerHost: 1,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			conn, err := dial(ctx)
			if err == nil {
				c.atClose(conn)
			}
			return conn, err
		},
	}
	return c
}

// Open opens a call, a POST, and does not wait. Calls share a connection.
func (c *Client) Open(call peers.Call) *peers.Party {
	return c.calls.Open(call, func(ctx context.Context) (peers.Stream, error) { return c.call(ctx, call) })
}

// Total is the account of all calls so far.
func (c *Client) Total() peers.Total { return c.calls.Total() }

// Close cancels all calls, closes the connections, and waits until nothing is left of
// them.
func (c *Client) Close() {
	c.calls.Close()
	c.trips.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, x := range slices.Backward(c.open) {
		x.Close()
	}
	c.transport.CloseIdleConnections()
}

// atClose has something closed with the client; what was opened last is closed first.
func (c *Client) atClose(x io.Closer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open = append(c.open, x)
}

func (c *Client) call(ctx context.Context, call peers.Call) (peers.Stream, error) {
	s := &clientStream{answered: make(chan struct{})}
	var body io.Reader
	if call.Bytes > 0 || !call.Ends {
		body, s.out = io.Pipe()
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://lab"+call.Path, body)
	if err != nil {
		return nil, fmt.Errorf("call %s: %w", call.Path, err)
	}
	c.trips.Go(func() {
		defer close(s.answered)
		s.response, s.err = c.transport.RoundTrip(r)
		if s.err == nil {
			c.keep(ctx, s.response.Body)
		}
	})
	return s, nil
}

// keep closes a body when its call ends, or when the client is closed.
func (c *Client) keep(ctx context.Context, body io.Closer) {
	if !c.options.KeepBodies {
		context.AfterFunc(ctx, func() { body.Close() })
		return
	}
	c.atClose(body)
}

// clientStream is a call as the client has it.
type clientStream struct {
	bodyReader
	out      *io.PipeWriter // nil if the request has no body
	answered chan struct{}  // closed once there is a response or an error
	response *http.Response
	err      error
}

func (s *clientStream) Read() ([]byte, error) {
	<-s.answered
	if s.err != nil {
		return nil, s.err
	}
	return s.next(s.response.Body)
}

// Begin is for a server.
func (s *clientStream) Begin() error { return nil }

func (s *clientStream) Write(b []byte) error {
	_, err := s.out.Write(b)
	return err
}

func (s *clientStream) End() error {
	if s.out == nil {
		return nil
	}
	return s.out.Close()
}

// bodyReader reads a body in pieces.
type bodyReader struct{ buf []byte }

func (r *bodyReader) next(body io.Reader) ([]byte, error) {
	if r.buf == nil {
		r.buf = make([]byte, 32<<10)
	}
	n, err := body.Read(r.buf)
	if n > 0 {
		return r.buf[:n], nil
	}
	return nil, err
}
