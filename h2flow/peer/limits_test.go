package peer

import (
	"sync"
	"testing"
	"time"

	"flowlab/flow"

	"golang.org/x/net/http2"
)

// below is the account of a TCP whose time passes when the test says so.
type below struct {
	mu     sync.Mutex
	limits flow.Limits
}

func (b *below) get() flow.Limits {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.limits
}

func (b *below) pass(c flow.Cause, d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.limits[c] += d
}

// TestLimits has a second pass in which TCP had nothing to send, in each state that
// HTTP/2 can hold a client in, and then one in which TCP's own rules held it.
func TestLimits(t *testing.T) {
	t.Parallel()
	wide := Config{Settings: initial(1 << 20), ConnWindow: 1 << 20}
	for _, row := range []struct {
		name   string
		server Config
		client []Rule
		until  func(*testing.T, *end)
		want   flow.Cause
	}{
		{"nothing to send", Config{}, nil, func(*testing.T, *end) {}, flow.Application},
		{"all was sent", wide, nil, func(t *testing.T, c *end) {
			c.mustOpen(t, Source{Bytes: 100_000})
			c.until(t, "DATA", func(a Account) bool { return a.Send.Conn.Bytes == 100_000 })
		}, flow.Application},
		{"stream window", Config{ConnWindow: 1 << 20}, nil, func(t *testing.T, c *end) {
			c.mustOpen(t, Source{Bytes: Endless})
			c.until(t, "DATA", func(a Account) bool { return a.Send.Conn.Bytes == 65_535 })
		}, flow.StreamWindow},
		{"stream window, without a frame", Config{ConnWindow: 1 << 20}, nil, func(t *testing.T, c *end) {
			s := c.mustOpen(t, Source{Bytes: 65_535})
			c.until(t, "DATA", func(a Account) bool { return a.Send.Conn.Bytes == 65_535 })
			if err := s.Send(Source{Bytes: 1}); err != nil {
				t.Fatal(err)
			}
		}, flow.StreamWindow},
		{"connection window", Config{Settings: initial(1 << 20)}, nil, func(t *testing.T, c *end) {
			c.mustOpen(t, Source{Bytes: Endless})
			c.until(t, "DATA", func(a Account) bool { return a.Send.Conn.Bytes == 65_535 })
		}, flow.ConnectionWindow},
		{"one stream is shut, and the other has nothing to send", Config{ConnWindow: 1 << 20}, nil, func(t *testing.T, c *end) {
			c.mustOpen(t, Source{})
			c.mustOpen(t, Source{Bytes: Endless})
			c.until(t, "DATA", func(a Account) bool { return a.Send.Conn.Bytes == 65_535 })
		}, flow.StreamWindow},
		{"stream limit", Config{Settings: streams(1)}, nil, func(t *testing.T, c *end) {
			c.mustOpen(t, Source{})
			c.mustOpen(t, Source{})
		}, flow.StreamLimit},
		{"a window, before the stream limit", Config{Settings: streams(1), ConnWindow: 1 << 20}, nil, func(t *testing.T, c *end) {
			c.mustOpen(t, Source{Bytes: Endless})
			c.mustOpen(t, Source{})
			c.until(t, "DATA", func(a Account) bool { return a.Send.Conn.Bytes == 65_535 })
		}, flow.StreamWindow},
		{"reset ends it", Config{ConnWindow: 1 << 20}, nil, func(t *testing.T, c *end) {
			s := c.mustOpen(t, Source{Bytes: Endless})
			c.until(t, "DATA", func(a Account) bool { return a.Send.Conn.Bytes == 65_535 })
			if err := s.Reset(http2.ErrCodeCancel); err != nil {
				t.Fatal(err)
			}
		}, flow.Application},
		{"credit that the library does not use", Config{ConnWindow: 1 << 20}, []Rule{IgnoreWindowUpdate}, func(t *testing.T, c *end) {
			c.mustOpen(t, Source{Bytes: Endless})
			c.until(t, "an update", func(a Account) bool { return len(a.Streams) == 1 && a.Streams[0].Send.Credit > 0 })
		}, flow.Application},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			tcp := &below{}
			tcp.pass(flow.Handshake, time.Second)
			handler := NeverRead
			if len(row.client) > 0 {
				handler = Discard
			}
			c, _ := pair(t, loopback, Config{Below: tcp.get, Break: row.client}, row.server, handler)
			row.until(t, c)
			tcp.pass(flow.Application, time.Second)
			tcp.pass(flow.LossRecovery, time.Minute)
			tcp.pass(flow.ReceiveWindow, time.Hour)
			want := flow.Limits{flow.Handshake: time.Second, flow.LossRecovery: time.Minute, flow.ReceiveWindow: time.Hour}
			want[row.want] += time.Second
			if got := c.Limits(); got != want {
				t.Errorf("limits %v, want %v", got, want)
			}
		})
	}
}

func TestLimitsWithoutTCP(t *testing.T) {
	t.Parallel()
	c, _ := pair(t, loopback, Config{}, Config{}, NeverRead)
	if got := c.Limits(); got != (flow.Limits{}) {
		t.Errorf("limits %v, want none", got)
	}
}
