package metrics

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"flowlab/scenarios/solo"
)

// Serve is the metrics of connections that are served on real sockets. Use [NewServe]. Its
// methods may be called from any goroutine.
type Serve struct {
	exposed
	connections prometheus.Gauge
	read        prometheus.Counter
	window      prometheus.Gauge

	mu      sync.Mutex
	windows int64 // of all that are being served
}

// NewServe returns the metrics of no connection.
func NewServe() *Serve {
	e := newExposed("serve")
	return &Serve{
		exposed:     e,
		connections: e.gauge("flowlab_served_connections").WithLabelValues(),
		read:        e.counter("flowlab_read_bytes_total").WithLabelValues(),
		window:      e.gauge("flowlab_advertised_window_bytes").WithLabelValues(),
	}
}

// Served is one connection that is being served. It is for one goroutine at a time.
type Served struct {
	of     *Serve
	bytes  int64
	window int64
}

// Begin enters a connection that is now served.
func (s *Serve) Begin() *Served {
	s.connections.Inc()
	return &Served{of: s}
}

// Enter enters how it stands.
func (c *Served) Enter(a *solo.Account) {
	c.of.read.Add(float64(max(0, a.Bytes-c.bytes)))
	c.bytes = max(c.bytes, a.Bytes)
	if a.Kernel != nil {
		c.advertises(a.Kernel.RcvWnd)
	}
}

// End enters that it is over.
func (c *Served) End() {
	c.advertises(0)
	c.of.connections.Dec()
}

func (c *Served) advertises(window int64) {
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	c.of.windows += window - c.window
	c.window = window
	c.of.window.Set(float64(c.of.windows))
}
