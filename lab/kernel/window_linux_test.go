package kernel

import (
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"flowlab/flow"
	"flowlab/lab"
	"flowlab/tcpwin"
)

// windows returns what the server advertised after its SYN, in bytes.
func windows(list []observed) (all []int) {
	scale := int8(0)
	for _, s := range list {
		switch {
		case s.port != 1 || !s.sent:
		case s.Has(tcpwin.SYN):
			scale = s.Scale
		case !s.Has(tcpwin.RST):
			all = append(all, int(s.Window)<<scale)
		}
	}
	return all
}

// TestAdvertisedWindowIsTheKnob fills the buffer and then reads on.
func TestAdvertisedWindowIsTheKnob(t *testing.T) {
	for _, c := range []struct{ mtu, knob int }{
		{1500, 4 << 10}, {1500, 16 << 10}, {1500, 65535}, {1500, 128 << 10}, {1500, 1 << 20}, {1500, 4 << 20},
		{9000, 128 << 10}, {9000, 1 << 20},
	} {
		for n, version := range []string{"IPv4", "IPv6"} {
			t.Run(fmt.Sprintf("%d, %s, MTU %d", c.knob, version, c.mtu), func(t *testing.T) {
				t.Parallel()
				w := lab.NewWire(1)
				t.Cleanup(w.Close)
				seen := record(t, w)
				client, server := newHosts(t, w, Options{MTU: c.mtu}, Options{MTU: c.mtu, Window: c.knob}, lab.Path{Delay: time.Millisecond})
				conn, accepted := connect(t, client, server, n)
				size := 3*c.knob + 100_000
				background(t, func() { conn.Write(make([]byte, size)) })
				queued := accepted.untilClosed(t)
				if _, err := io.CopyN(io.Discard, accepted, int64(size)); err != nil {
					t.Fatal(err)
				}
				all := windows(seen())
				if len(all) == 0 {
					t.Fatal("no window seen")
				}
				if largest := slices.Max(all); !near(largest, c.knob, 0) {
					t.Errorf("the largest window is %d bytes", largest)
				}
				if !near(queued, c.knob, c.mtu) {
					t.Errorf("%d bytes came before the window closed", queued)
				}
			})
		}
	}
}

// near tells whether a number of bytes is that of the knob, within 7 %, and may be
// so many more.
func near(got, knob, more int) bool { return got >= knob*93/100 && got <= knob*107/100+more }

// untilClosed waits until nothing more comes in, as the window is closed, and
// returns what is queued.
func (c *Conn) untilClosed(t *testing.T) int {
	t.Helper()
	for last := -1; ; {
		if n := c.ReceiveQueue(); n > 0 && n == last {
			return n
		} else {
			last = n
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func TestSetWindowWhileRunning(t *testing.T) {
	w := lab.NewWire(1)
	t.Cleanup(w.Close)
	seen := record(t, w)
	client, server := newHosts(t, w, Options{}, Options{Window: 16 << 10}, lab.Path{Delay: time.Millisecond})
	conn, accepted := connect(t, client, server, 0)
	background(t, func() {
		for {
			if _, err := conn.Write(make([]byte, 64<<10)); err != nil {
				return
			}
		}
	})
	read := func(n int64) flow.Time {
		if _, err := io.CopyN(io.Discard, accepted, n); err != nil {
			t.Fatal(err)
		}
		return w.Now()
	}
	turn := func(window int) {
		if err := server.SetWindow(window); err != nil {
			t.Fatal(err)
		}
	}
	grow := read(256 << 10)
	turn(512 << 10)
	shrink := read(16 << 20)
	turn(32 << 10)
	small := read(4 << 20) // takes effect as data come in
	read(256 << 10)
	conn.Close()

	var before, large, after int
	scale := int8(0)
	for _, s := range seen() {
		window := int(s.Window) << scale
		switch {
		case s.port != 1 || !s.sent || s.Has(tcpwin.RST):
		case s.Has(tcpwin.SYN):
			scale = s.Scale
		case s.Time < grow:
			before = max(before, window)
		case s.Time < shrink:
			large = max(large, window)
		case s.Time > small:
			after = max(after, window)
		}
	}
	if !near(before, 16<<10, 0) || !near(large, 512<<10, 0) || !near(after, 32<<10, 0) {
		t.Errorf("the largest windows were %d, %d and %d; want about %d, %d and %d", before, large, after, 16<<10, 512<<10, 32<<10)
	}
}
