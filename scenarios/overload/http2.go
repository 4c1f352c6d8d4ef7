// Links over HTTP/2, by net/http at both ends.

package overload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"

	"flowlab/peers"
)

// mostStreams is how many requests may be under way: more than a queue holds.
const mostStreams = 1 << 20

// serveHTTP2 serves HTTP/2 without TLS at one end of a connection, and returns a client at
// the other, and what ends both.
func serveHTTP2(near, far net.Conn, handler http.HandlerFunc) (client *http.Transport, end func()) {
	p := new(http.Protocols)
	p.SetUnencryptedHTTP2(true)
	server := &http.Server{Handler: handler, Protocols: p, HTTP2: &http.HTTP2Config{MaxConcurrentStreams: mostStreams}}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(peers.Once(far)) // that it is closed
	}()
	dialled := peers.Once(near)
	client = &http.Transport{Protocols: p, DialContext: func(context.Context, string, string) (net.Conn, error) {
		return dialled.Accept()
	}}
	return client, func() {
		_ = dialled.Close()
		client.CloseIdleConnections()
		_ = server.Close() // nobody is left to whom an error would say anything
		<-served
	}
}

// url is what requests are for: who serves it is the connection's other end.
const url = "http://consumer/work"

// HTTP2 returns a link on one stream of HTTP/2 on the connection of a hop: messages are the
// body of a request, and signals that of its response. What it returns besides ends it.
func (w *Wire) HTTP2(ctx context.Context, hop int) (Link, func(), error) {
	type upload struct {
		body io.Reader
		back io.Writer
	}
	began, over := make(chan upload, 1), make(chan struct{})
	client, end := serveHTTP2(w.hops[hop].near, w.hops[hop].far, func(out http.ResponseWriter, r *http.Request) {
		flushed := &flushing{out, http.NewResponseController(out)}
		if flushed.control.Flush() == nil {
			began <- upload{r.Body, flushed}
			<-over
		}
	})
	out := newPipe()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, pipeReader{out})
	if err == nil {
		var response *http.Response
		if response, err = client.RoundTrip(request); err == nil {
			u := <-began
			return Stream(out, u.body, u.back, response.Body), func() {
				close(over)
				_ = response.Body.Close()
				end()
			}, nil
		}
	}
	close(over)
	end()
	return nil, nil, errors.Join(fmt.Errorf("open a stream of HTTP/2"), err)
}

// flushing sends what is written at once.
type flushing struct {
	out     io.Writer
	control *http.ResponseController
}

func (f *flushing) Write(b []byte) (int, error) {
	n, err := f.out.Write(b)
	if err == nil {
		err = f.control.Flush()
	}
	return n, err
}
