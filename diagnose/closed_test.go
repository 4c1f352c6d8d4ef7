package diagnose

import (
	"testing"
	"time"

	"flowlab/flow"
	"flowlab/tcpwin"
)

// TestClosedWindow is about what senders do while the window is closed, which
// looks like something else.
func TestClosedWindow(t *testing.T) {
	const window = 64 * 128 // five full segments and 952 bytes
	tests := []struct {
		name string
		tell func(*world)
		end  time.Duration
		want string
	}{
		{"a persist timer sends the rest that the window offers", func(w *world) {
			w.hears(3*oneWay+oneWay, w.next, 2)
			w.sends(300*ms, 256)
			w.hears(340*ms, w.next, 0)
			w.probes(800 * ms)
			w.hears(840*ms, w.next, 0)
			w.hears(1500*ms, w.next, 64)
			w.sends(1500*ms, window)
		}, 1501 * ms, "receive-window 97%, handshake 3%"},
		{"an application sends little into little room", func(w *world) {
			w.hears(4*oneWay, w.next, 2)
			w.sends(300*ms, 100)
			w.hears(340*ms, w.next, 512)
		}, 380 * ms, "application 89%, handshake 11%"},
		{"a tail loss probe asks for a delayed ACK", func(w *world) {
			w.resends(140*ms, window-952, 952)
			w.hears(240*ms, w.next, 64)
			w.sends(240*ms, window)
			w.hears(280*ms, w.next, 64)
			w.sends(280*ms, window)
		}, 281 * ms, "receive-window 86%, handshake 14%"},
		{"a timer resends after a tail loss probe", func(w *world) {
			w.resends(140*ms, window-952, 952)
			w.resends(400*ms, 0, mss)
			w.hears(440*ms, w.next, 64)
			w.sends(440*ms, window)
		}, 441 * ms, "loss-recovery 91%, handshake 9%"},
		{"a duplicate ACK comes before the tail is resent", func(w *world) {
			w.hears(2*oneWay+oneWay, 0, 64)
			w.resends(140*ms, window-952, 952)
			w.hears(440*ms, w.next, 64)
			w.sends(440*ms, window)
		}, 441 * ms, "loss-recovery 91%, handshake 9%"},
	}
	for _, test := range tests {
		for _, nearServer := range []bool{false, true} {
			name := test.name + " near the client"
			if nearServer {
				name = test.name + " near the server"
			}
			t.Run(name, func(t *testing.T) {
				w := newWorld()
				w.segments[1].Window = window
				w.sends(2*oneWay, window)
				test.tell(w)
				d := w.observe(t, nearServer, test.end)
				if got := shares(d.Limits()); got != test.want {
					t.Errorf("shares %s\nwant   %s", got, test.want)
				}
			})
		}
	}
}

// TestHandshakeStallBeginsInTheCapture has a SYN sent twice, and its answer acknowledged 400 ms
// after it passed: the client is 200 ms away. Shares have what it waited before its first
// packet passed, too, and the stall does not.
func TestHandshakeStallBeginsInTheCapture(t *testing.T) {
	c := observation(at(0))
	for i, s := range []tcpwin.Segment{
		{Time: at(0), Seq: 1, Flags: tcpwin.SYN, Scale: 7},
		{Time: at(1000 * ms), Seq: 1, Flags: tcpwin.SYN, Scale: 7},
		{Time: at(1000 * ms), From: flow.Server, Seq: 1, Ack: 2, Flags: tcpwin.SYN | tcpwin.ACK, Scale: 7},
		{Time: at(1400 * ms), Seq: 2, Ack: 2, Flags: tcpwin.ACK, Scale: -1},
	} {
		c.observe(&s, nil, i+1, nil)
	}
	c.end(at(1500 * ms))
	d := &c.Directions[flow.Client]
	want := flow.Interval{Start: at(0), End: at(1200 * ms)}
	if len(d.Stalls.Kept) != 1 || d.Stalls.Kept[0].Interval != want || d.Stalls.Sum != want.Length() {
		t.Errorf("stalls %+v of %v, want one of %v", d.Stalls.Kept, d.Stalls.Sum, want)
	}
	if l := d.Limits(); l[flow.Handshake] != 1400*ms || l.Total() != 1500*ms {
		t.Errorf("limits %v, want 1.4 s of handshake in 1.5 s", l)
	}
}

// TestPacedSender fills a window of 20 segments at a pace of one a millisecond,
// on a path that takes 40 ms: half of the time it is paced, and half of the time
// it is held by the window. In the first five of 25 round trips it is twice as
// fast, so that the path is known not to be what spaces its segments.
func TestPacedSender(t *testing.T) {
	w := newWorld()
	w.segments[1].Window = 20 * mss
	const scaled = 20*mss/128 + 1
	for round := range 25 {
		from := 2*oneWay + time.Duration(round)*2*oneWay
		for i := range 20 {
			pace := ms
			if round < 5 {
				pace = ms / 2
			}
			w.sends(from+time.Duration(i)*pace, mss)
			sent := &w.segments[len(w.segments)-1]
			sent.TSVal = uint32(sent.Time / flow.Time(ms))
			if i == 19 {
				w.hears(from+2*oneWay, w.next, scaled)
			}
		}
	}
	for _, nearServer := range []bool{false, true} {
		d := w.observe(t, nearServer, 2*oneWay+25*2*oneWay-ms)
		l := d.Limits()
		if share := l.Share(flow.ReceiveWindow); share < 0.5 || share > 0.6 {
			t.Errorf("near the server %v: %s, want receive-window 54%%", nearServer, shares(l))
		}
	}
}
