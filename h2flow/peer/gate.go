package peer

import (
	"errors"
	"net"
	"sync"
	"time"
)

// gate is the reading side of a socket. While it is shut nothing is taken from the
// socket, not even by a read that was under way.
type gate struct {
	conn net.Conn

	mu    sync.Mutex
	shut  bool
	over  bool          // no more shutting: the connection ends
	moved chan struct{} // closed when it opens
}

func newGate(conn net.Conn) *gate { return &gate{conn: conn, moved: make(chan struct{})} }

// close stops reading.
func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut || g.over {
		return
	}
	g.shut = true
	g.conn.SetReadDeadline(time.Unix(1, 0))
}

// open goes on reading.
func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.shut || g.over {
		return
	}
	g.shut = false
	g.conn.SetReadDeadline(time.Time{})
	close(g.moved)
	g.moved = make(chan struct{})
}

// end opens the gate for good. From then on a read fails when the time is up.
func (g *gate) end(deadline time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.over {
		return
	}
	g.over = true
	g.conn.SetDeadline(deadline)
	close(g.moved)
}

// wait returns when the gate is open, and whether it is so for good.
func (g *gate) wait() (over bool) {
	for {
		g.mu.Lock()
		shut, over, moved := g.shut, g.over, g.moved
		g.mu.Unlock()
		if over || !shut {
			return over
		}
		<-moved
	}
}

// Read reads from the socket while the gate is open.
func (g *gate) Read(p []byte) (int, error) {
	for {
		over := g.wait()
		n, err := g.conn.Read(p)
		var timeout net.Error
		if n == 0 && !over && errors.As(err, &timeout) && timeout.Timeout() {
			continue // the gate was shut meanwhile, or ended
		}
		return n, err
	}
}
