package diagnose

import (
	"math/rand/v2"
	"testing"
	"time"

	"flowlab/capture"
	"flowlab/flow"
	"flowlab/tcpwin"
)

// watch collects what is settled, and fails if it is not one stretch after the
// other without a gap.
type watch struct {
	t        *testing.T
	reached  [2]flow.Time
	begun    [2]flow.Time
	segments int
}

func (w *watch) settled(from flow.Side, i flow.Interval) {
	if w.begun[from] == 0 {
		w.begun[from], w.reached[from] = i.Start, i.Start
	}
	if i.Start != w.reached[from] || i.Length() <= 0 {
		w.t.Fatalf("segment %d: settled from %d to %d after %d", w.segments, i.Start, i.End, w.reached[from])
	}
	w.reached[from] = i.End
}

// TestEveryInstantHasOneCause feeds segments of all kinds in any order, as no
// sane pair of stacks would send them: whatever comes, each instant of a
// direction's life has exactly one cause.
func TestEveryInstantHasOneCause(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		w := &watch{t: t}
		c := observation(at(0))
		for i := range c.Directions {
			d := &c.Directions[i]
			d.settled = func(i flow.Interval, _ flow.Cause, _ flow.HeldBy) {
				w.settled(d.From, flow.Interval{Start: i.Start.Add(d.shift), End: i.End.Add(d.shift)})
			}
		}
		now := at(0)
		var next [2]flow.Seq
		for w.segments = range 500 {
			s := randomSegment(r, &next)
			now = now.Add(time.Duration(r.ExpFloat64() * float64(5*ms)))
			s.Time = now
			c.observe(&s, nil, w.segments+1, nil)
		}
		c.end(now)
		for _, d := range c.Directions {
			l := d.Limits()
			if got := w.reached[d.From].Sub(w.begun[d.From]); l.Total() != got {
				t.Errorf("seed %d: the limits add up to %v, of %v", seed, l.Total(), got)
			}
		}
	}
}

func randomSegment(r *rand.Rand, next *[2]flow.Seq) tcpwin.Segment {
	from := flow.Side(r.IntN(2))
	s := tcpwin.Segment{
		From: from, Seq: next[from].Add(r.IntN(3000) - 1500), Ack: next[from.Peer()].Add(r.IntN(3000) - 2500),
		Flags: tcpwin.ACK, Scale: -1, Window: uint16(r.IntN(3) * r.IntN(65536)), HasTS: r.IntN(2) == 0, TSVal: r.Uint32N(100), TSEcr: r.Uint32N(100),
	}
	if r.IntN(2) == 0 {
		s.Seq = next[from]
	}
	if r.IntN(2) == 0 {
		s.Len = r.IntN(3000)
	}
	switch r.IntN(40) {
	case 0, 1:
		s.Flags, s.Scale, s.MSS, s.Len = tcpwin.SYN, int8(r.IntN(15)), 1460, 0
	case 2, 3:
		s.Flags, s.Scale, s.MSS, s.Len = tcpwin.SYN|tcpwin.ACK, int8(r.IntN(15)), 1460, 0
	case 4:
		s.Flags |= tcpwin.FIN
	case 5:
		s.Flags |= tcpwin.RST
	}
	if s.End().After(next[from]) {
		next[from] = s.End()
	}
	return s
}

// TestPacketsAllocateNothing holds the whole way of a packet to no allocation
// in the steady state.
func TestPacketsAllocateNothing(t *testing.T) {
	c := observation(at(0))
	now, seq, events := at(0), flow.Seq(1), []tcpwin.Event(nil)
	step := func() {
		now = now.Add(10 * time.Microsecond)
		data := tcpwin.Segment{Time: now, Seq: seq, Ack: 1, Flags: tcpwin.ACK, Len: mss, Window: 512, Scale: -1, HasTS: true}
		events = c.observe(&data, nil, 1, events[:0])
		seq = data.End()
		ack := tcpwin.Segment{Time: now.Add(5 * time.Microsecond), From: flow.Server, Seq: 1, Ack: seq, Flags: tcpwin.ACK, Window: 512, Scale: -1, HasTS: true}
		events = c.observe(&ack, nil, 2, events[:0])
	}
	for range 3_000_000 { // half a minute: the timeline has grown as far as it will
		step()
	}
	if n := testing.AllocsPerRun(1000, step); n > 0.01 {
		t.Errorf("%v allocations for two segments, want none", n)
	}
}

// FuzzAnalysis feeds packets as they come off a hostile wire.
func FuzzAnalysis(f *testing.F) {
	f.Add([]byte{0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0x50, 0x10, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		a := New()
		now := at(0)
		for n := 0; len(data) > 0; n++ {
			size := min(len(data), 20+int(data[0]))
			now = now.Add(time.Duration(data[len(data)/2]) * ms)
			a.Observe(capture.RawIP, capture.Packet{Time: now, Interface: n % 2, Data: data[:size], Length: size})
			data = data[size:]
		}
		a.End(now)
		for _, c := range a.Connections() {
			c.View(now, flow.Interval{Start: at(0), End: now.Add(ms)}, 10)
		}
	})
}

func BenchmarkAnalysis(b *testing.B) {
	c := observation(at(0))
	data := tcpwin.Segment{Seq: 1, Ack: 1, Flags: tcpwin.ACK, Len: mss, Window: 512, Scale: -1, HasTS: true}
	ack := tcpwin.Segment{From: flow.Server, Seq: 1, Flags: tcpwin.ACK, Window: 512, Scale: -1, HasTS: true}
	now := at(0)
	var events []tcpwin.Event
	b.ReportAllocs()
	for range b.N/2 + 1 {
		now = now.Add(10 * time.Microsecond)
		data.Time, ack.Time = now, now.Add(time.Microsecond)
		events = c.observe(&data, nil, 1, events[:0])
		data.Seq = data.End()
		ack.Ack = data.Seq
		events = c.observe(&ack, nil, 2, events[:0])
	}
}
