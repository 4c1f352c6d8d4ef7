package peer

import (
	"context"
	"testing"

	"flowlab/flow"
)

// Both sides of a connection may be ended by one context. The one that closes last then
// finds its socket reset, which is no error of its own.
func TestRunOfBothSidesEnds(t *testing.T) {
	for range 200 {
		ctx, cancel := context.WithCancel(t.Context())
		near, far := loopback(t)
		server, err := New(flow.Server, far, Config{}, func(*Stream) {})
		if err != nil {
			t.Fatal(err)
		}
		client, err := New(flow.Client, near, Config{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 2)
		for _, c := range []*Conn{server, client} {
			go func() { ended <- c.Run(ctx) }()
		}
		if _, err := client.Open(Request{Method: "POST", Path: "/", Body: Source{Bytes: 50_000}}); err != nil {
			t.Fatal(err)
		}
		server.StopReading() // what is not read makes closing a reset
		cancel()
		for range 2 {
			if err := <-ended; err != nil {
				t.Fatal(err)
			}
		}
	}
}
