// Where Prometheus asks.

package metrics

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Exposed is what a [Listener] serves: [Run], [Watch] or [Serve].
type Exposed interface{ gatherer() prometheus.Gatherer }

func (e *exposed) gatherer() prometheus.Gatherer { return e.registry }

// Listener answers on /metrics.
type Listener struct {
	listener net.Listener
	server   *http.Server
	done     chan struct{}
}

// loopback is where it listens if only a port is given: metrics name the addresses of
// others, so who may read them is to be said.
const loopback = "127.0.0.1"

// Listen listens on an address, HOST:PORT, for who asks for the metrics of e. An address
// without a host is one of this machine only. The error is that of the address or of
// listening.
func Listen(address string, e Exposed) (*Listener, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if host == "" {
		host = loopback
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(e.gatherer(), promhttp.HandlerOpts{}))
	s := &Listener{listener: l, server: &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}, done: make(chan struct{})}
	go func() {
		defer close(s.done)
		_ = s.server.Serve(l) // it ends by Close
	}()
	return s, nil
}

// URL is where the metrics are.
func (l *Listener) URL() string { return fmt.Sprintf("http://%v/metrics", l.listener.Addr()) }

// Close ends it: answers under way are given a second.
func (l *Listener) Close() error {
	ctx, stop := context.WithTimeout(context.Background(), time.Second)
	defer stop()
	err := l.server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = l.server.Close()
	}
	<-l.done
	return err
}
