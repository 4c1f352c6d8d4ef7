package peers_test

import (
	"context"
	"net"
	"net/http"
	"testing"

	"flowlab/peers"
	"flowlab/peers/grpcgo"
	"flowlab/peers/nethttp"
)

// client is a stock client of either library.
type client interface {
	Open(peers.Call) *peers.Party
	Total() peers.Total
	Close()
}

type dialer func(context.Context) (net.Conn, error)

// guest is a library's client and server with their options.
type guest struct {
	serve func(net.Listener, *peers.Answers) (closing func())
	dial  func(testing.TB, dialer) client
}

func netHTTP(server http.HTTP2Config, options nethttp.ClientOptions) guest {
	return guest{
		serve: func(l net.Listener, a *peers.Answers) func() { return nethttp.Serve(l, server, a).Close },
		dial:  func(_ testing.TB, d dialer) client { return nethttp.NewClient(d, options) },
	}
}

func grpcGo(server grpcgo.ServerOptions, options grpcgo.Options) guest {
	return guest{
		serve: func(l net.Listener, a *peers.Answers) func() { return grpcgo.Serve(l, server, a).Close },
		dial: func(t testing.TB, d dialer) client {
			c, err := grpcgo.NewClient(d, options)
			if err != nil {
				t.Fatal(err)
			}
			return c
		},
	}
}
