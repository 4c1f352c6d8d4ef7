package diagnose

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"flowlab/diagnose/timeline"
	"flowlab/flow"
	"flowlab/tcpwin"
)

const (
	ms = time.Millisecond

	mss    = 1448 // with time stamps, of an MSS option of 1460
	oneWay = 20 * ms
)

// world is a transfer of a client, told as the client lived it: when it sent
// each segment, and when each ACK reached it. It is then observed at either end,
// on a path that takes oneWay in each direction.
type world struct {
	segments []tcpwin.Segment // Time is the client's
	next     int              // of the client's stream
	from     int              // the first segment that is observed
}

// at is an instant of the client's time.
func at(d time.Duration) flow.Time { return flow.Time(time.Hour + d) }

func newWorld() *world {
	w := &world{}
	syn := tcpwin.Segment{Seq: 0, Flags: tcpwin.SYN, Window: 65535, MSS: 1460, Scale: 7, HasTS: true}
	answer := tcpwin.Segment{From: flow.Server, Seq: 0, Ack: 1, Flags: tcpwin.SYN | tcpwin.ACK, Window: 65535, MSS: 1460, Scale: 7, HasTS: true}
	w.put(0, syn)
	w.put(2*oneWay, answer)
	w.put(2*oneWay, tcpwin.Segment{Seq: 1, Ack: 1, Flags: tcpwin.ACK, Window: 512})
	return w
}

func (w *world) put(t time.Duration, s tcpwin.Segment) {
	s.Time = at(t)
	if !s.Has(tcpwin.SYN) {
		s.Scale = -1
		s.HasTS = true
	}
	w.segments = append(w.segments, s)
}

// sends has the client send new bytes at t, in full segments and a rest.
func (w *world) sends(t time.Duration, bytes int) {
	for bytes > 0 {
		n := min(bytes, mss)
		w.put(t, tcpwin.Segment{Seq: flow.Seq(1 + w.next), Ack: 1, Flags: tcpwin.ACK | tcpwin.PSH, Len: n, Window: 512})
		w.next += n
		bytes -= n
		t += time.Microsecond
	}
}

// resends has it send bytes again.
func (w *world) resends(t time.Duration, from, bytes int) {
	w.put(t, tcpwin.Segment{Seq: flow.Seq(1 + from), Ack: 1, Flags: tcpwin.ACK, Len: bytes, Window: 512})
}

// probes has it probe as Linux does.
func (w *world) probes(t time.Duration) {
	w.put(t, tcpwin.Segment{Seq: flow.Seq(w.next), Ack: 1, Flags: tcpwin.ACK, Window: 512})
}

// hears has an ACK of n bytes reach it, with a window in units of 128 bytes.
func (w *world) hears(t time.Duration, n, window int) {
	w.put(t, tcpwin.Segment{From: flow.Server, Seq: 1, Ack: flow.Seq(1 + n), Flags: tcpwin.ACK, Window: uint16(window)})
}

// observe returns what the analysis says until end, seen near the client or
// near the server. An ACK's stamp is when its server sent it, in milliseconds,
// and the client echoes the newest that it has.
func (w *world) observe(t *testing.T, nearServer bool, end time.Duration) *Direction {
	t.Helper()
	segments := slices.Clone(w.segments[w.from:])
	echo := uint32(0)
	for i := range segments {
		s := &segments[i]
		if s.From == flow.Server {
			s.TSVal = uint32(s.Time.Add(-oneWay) / flow.Time(ms))
			echo = s.TSVal
		} else {
			s.TSEcr = echo
		}
		switch {
		case nearServer && s.From == flow.Client:
			s.Time = s.Time.Add(oneWay)
		case nearServer:
			s.Time = s.Time.Add(-oneWay)
		}
	}
	slices.SortStableFunc(segments, func(a, b tcpwin.Segment) int { return int(a.Time - b.Time) })
	c := observation(segments[0].Time)
	for i := range segments {
		c.observe(&segments[i], nil, i+1, nil)
	}
	last := at(end)
	if nearServer {
		last = last.Add(oneWay)
	}
	c.end(last)
	return &c.Directions[flow.Client]
}

func TestVerdicts(t *testing.T) {
	tests := []struct {
		name string
		tell func(*world)
		end  time.Duration
		want string // causes of at least 1 % with their shares
		by   flow.HeldBy
	}{
		{"the application sends a message now and then", func(w *world) {
			for i := range 10 {
				t := time.Duration(i)*100*ms + 100*ms
				w.sends(t, 2000)
				w.hears(t+2*oneWay, w.next, 512)
			}
		}, 1100 * ms, "application 96%, handshake 4%", flow.Nobody},
		{"the window is smaller than the path", func(w *world) {
			w.segments[1].Window = 64 * 128 // of the SYN/ACK, which is never scaled
			for i := range 25 {
				t := 2*oneWay + time.Duration(i)*2*oneWay
				w.sends(t, 64*128)
				w.hears(t+2*oneWay, w.next, 64)
			}
		}, 2*oneWay + 25*2*oneWay - ms, "receive-window 96%, handshake 4%", flow.WindowSize},
		{"the reader stops", func(w *world) {
			w.sends(2*oneWay, 512*128)
			w.hears(4*oneWay, w.next, 0)
			for _, d := range []time.Duration{200, 600, 1400} {
				w.probes(4*oneWay + d*ms)
				w.hears(6*oneWay+d*ms, w.next, 0)
			}
			w.hears(1900*ms, w.next, 512)
			w.sends(1900*ms, 64*128)
			w.hears(1900*ms+2*oneWay, w.next, 512)
		}, 1950 * ms, "receive-window 95%, application 3%, handshake 2%", flow.Reader},
		{"an update is lost and a probe finds out", func(w *world) {
			w.sends(2*oneWay, 512*128)
			w.hears(4*oneWay, w.next, 0)
			w.probes(300 * ms)
			w.hears(300*ms+2*oneWay, w.next, 0)
			w.probes(900 * ms)
			w.hears(900*ms+2*oneWay, w.next, 512)
			w.sends(900*ms+2*oneWay, 64*128)
		}, 941 * ms, "receive-window 96%, handshake 4%", flow.LostUpdate},
		{"the path takes no more", func(w *world) {
			w.sends(2*oneWay, 10*mss)
			for i := range 25 {
				t := 4*oneWay + time.Duration(i)*2*oneWay
				w.hears(t, w.next, 512)
				w.sends(t, 10*mss)
			}
		}, 2*oneWay + 26*2*oneWay, "congestion 96%, handshake 4%", flow.Path},
		{"Nagle waits for a delayed ACK", func(w *world) {
			for i := range 10 {
				t := 100*ms + time.Duration(i)*100*ms
				w.sends(t, 100)
				w.hears(t+80*ms, w.next, 512)
				w.sends(t+80*ms, 100)
				w.hears(t+95*ms, w.next, 512)
			}
		}, 1100 * ms, "nagle 73%, application 24%, handshake 4%", flow.Nobody},
		{"what answers payload is not Nagle's", func(w *world) {
			for i := range 10 {
				t := 100*ms + time.Duration(i)*100*ms
				w.sends(t, 100)
				w.hears(t+40*ms, w.next, 512)
				w.put(t+40*ms+100*time.Microsecond, tcpwin.Segment{
					From: flow.Server, Seq: flow.Seq(1 + 100*i), Ack: flow.Seq(1 + w.next), Flags: tcpwin.ACK | tcpwin.PSH, Len: 100, Window: 512})
				w.sends(t+40*ms+200*time.Microsecond, 50)
				w.hears(t+85*ms, w.next, 512)
			}
		}, 1100 * ms, "application 93%, congestion 4%, handshake 4%", flow.Nobody},
		{"the first thing that is sent is an answer", func(w *world) {
			w.put(500*ms, tcpwin.Segment{From: flow.Server, Seq: 1, Ack: 1, Flags: tcpwin.ACK | tcpwin.PSH, Len: 100, Window: 512})
			w.sends(500*ms+100*time.Microsecond, 50)
			w.hears(545*ms, w.next, 512)
		}, 1000 * ms, "application 96%, handshake 4%", flow.Nobody},
		{"a timer repairs a lost tail", func(w *world) {
			w.sends(100*ms, 3*mss)
			w.hears(140*ms, mss, 512)
			w.resends(500*ms, mss, mss)
			w.hears(540*ms, w.next, 512)
		}, 1000 * ms, "application 52%, loss-recovery 40%, handshake 4%, congestion 4%", flow.Path},
		{"the connection's start was not seen", func(w *world) {
			w.from = len(w.segments)
			w.sends(2*oneWay, 10*mss)
			for i := range 10 {
				t := 4*oneWay + time.Duration(i)*2*oneWay
				w.hears(t, w.next, 512)
				w.sends(t, 10*mss)
			}
		}, 2*oneWay + 11*2*oneWay - ms, "unknown 100%", flow.Nobody},
	}
	for _, test := range tests {
		for _, nearServer := range []bool{false, true} {
			name := test.name + " near the client"
			if nearServer {
				name = test.name + " near the server"
			}
			t.Run(name, func(t *testing.T) {
				w := newWorld()
				test.tell(w)
				d := w.observe(t, nearServer, test.end)
				if got := shares(d.Limits()); got != test.want {
					t.Errorf("shares %s\nwant   %s", got, test.want)
				}
				by := flow.Nobody
				for _, s := range d.Stalls.Kept {
					by = s.HeldBy
				}
				if by != test.by {
					t.Errorf("held by %v, want %v; stalls %v", by, test.by, d.Stalls.Kept)
				}
			})
		}
	}
}

// shares writes the causes that hold at least 1 %, the largest first.
func shares(l flow.Limits) string {
	type part struct {
		cause flow.Cause
		share float64
	}
	var parts []part
	for c := range flow.NumCauses {
		if s := l.Share(flow.Cause(c)); s >= 0.01 {
			parts = append(parts, part{flow.Cause(c), s})
		}
	}
	slices.SortFunc(parts, func(a, b part) int { return int(math.Copysign(1, b.share-a.share)) })
	var words []string
	for _, p := range parts {
		words = append(words, fmt.Sprintf("%v %.0f%%", p.cause, 100*p.share))
	}
	return strings.Join(words, ", ")
}

// observation is that of a connection which begins, with its history.
func observation(start flow.Time) *Connection {
	c := new(Connection)
	c.begin(1, 0, flow.Conn{}, start)
	for i := range c.Directions {
		c.Directions[i].Timeline = timeline.New(start)
	}
	return c
}
