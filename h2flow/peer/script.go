package peer

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"flowlab/flow"

	"golang.org/x/net/http2"
)

// WindowUpdate grants credit by hand: of the connection's window on stream 0, else of
// the stream's. It can be granted before the bytes have come; what is owed for bytes
// that have come counts as paid. An increment of 0, and one that takes the window above
// 2^31-1, break WindowUpdateZero and WindowOverflow, and an idle stream the latter.
func (c *Conn) WindowUpdate(stream uint32, n uint32) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.gone(); err != nil {
		return err
	}
	s, size := c.streams[stream], int64(0)
	switch {
	case stream == 0:
		size = c.recv.size
	case s != nil:
		size = s.recv.size
	case c.isIdle(stream) && !c.broken.has(WindowOverflow):
		return fmt.Errorf("stream %d is idle", stream)
	}
	switch {
	case n == 0 && !c.broken.has(WindowUpdateZero):
		return fmt.Errorf("a WINDOW_UPDATE of 0 breaks %v", WindowUpdateZero)
	case n > maxWindow:
		return fmt.Errorf("a WINDOW_UPDATE of %d: the field ends at %d", n, maxWindow)
	case size+int64(n) > maxWindow && !c.broken.has(WindowOverflow):
		return fmt.Errorf("a WINDOW_UPDATE of %d makes the window %d, which breaks %v", n, size+int64(n), WindowOverflow)
	case stream != 0 && s == nil:
		c.framer.WriteWindowUpdate(stream, n)
		return nil
	}
	c.grant(s, int64(n))
	return nil
}

// ping is a PING under way.
type ping struct {
	sent     time.Time
	took     time.Duration
	ok       bool
	answered chan struct{}
}

func (p *ping) end() {
	p.took, p.ok = time.Since(p.sent), true
	close(p.answered)
}

// Ping sends a PING, and returns how long its answer took. It goes before DATA, but
// behind what was handed to the socket.
func (c *Conn) Ping(ctx context.Context) (time.Duration, error) {
	c.mu.Lock()
	if err := c.gone(); err != nil {
		c.mu.Unlock()
		return 0, err
	}
	c.pingCount++
	var data [8]byte
	binary.BigEndian.PutUint64(data[:], c.pingCount)
	p := &ping{sent: time.Now(), answered: make(chan struct{})}
	c.pings[data] = p
	c.framer.WritePing(false, data)
	c.mu.Unlock()
	select {
	case <-p.answered:
	case <-ctx.Done():
		c.mu.Lock()
		delete(c.pings, data)
		c.mu.Unlock()
		return 0, ctx.Err()
	}
	if !p.ok {
		return 0, errClosed
	}
	return p.took, nil
}

// GoAway tells the other side that its streams above last are not processed. They are
// not answered any more, and what comes on them is ignored (RFC 9113 6.8). The
// connection goes on.
func (c *Conn) GoAway(last uint32, code http2.ErrCode, why string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.gone(); err != nil {
		return err
	}
	if c.goneAway != nil && last > *c.goneAway {
		return fmt.Errorf("GOAWAY after stream %d: it was %d before, and may not rise", last, *c.goneAway)
	}
	c.goneAway = &last
	c.framer.WriteGoAway(last, code, []byte(why))
	if c.side == flow.Server {
		c.closeAbove(last, resetHere, fmt.Errorf("GOAWAY after stream %d", last))
	}
	return nil
}

// closeAbove closes the streams that a GOAWAY leaves unprocessed.
func (c *Conn) closeAbove(last uint32, how closing, why error) {
	for _, id := range c.ids() {
		if s := c.streams[id]; id > last {
			s.abandon()
			c.close(s, how, why)
		}
	}
}

// lastAccepted is the last stream that this side has processed, or said it would.
func (c *Conn) lastAccepted() uint32 {
	if c.goneAway != nil {
		return min(*c.goneAway, c.lastID)
	}
	return c.lastID
}
