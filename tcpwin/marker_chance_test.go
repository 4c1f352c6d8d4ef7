package tcpwin_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"flowlab/flow"
	"flowlab/tcpwin"
)

// chance makes connections that no stack would hold: each segment is a step
// from what both sides said last, right about half of the time.
type chance struct {
	*rand.Rand
	now  flow.Time
	isn  [2]uint32 // where a side began
	next [2]uint32 // the highest end that it sent
	ack  [2]uint32 // what it acknowledged last
	win  [2]uint16
}

// pick returns one of the values.
func pick[T any](c *chance, values ...T) T { return values[c.IntN(len(values))] }

var chanceScales = []int8{-1, 0, 2, 3, 3, 3, 7, 14, 15}

// connection makes the segments of one connection.
func (c *chance) connection() []tcpwin.Segment {
	c.next = [2]uint32{c.Uint32(), pick(c, c.Uint32(), -uint32(c.IntN(3000)))}
	c.isn, c.ack = c.next, [2]uint32{c.next[1], c.next[0]}
	c.win = [2]uint16{1000, 1000}
	var all []tcpwin.Segment
	add := func(s tcpwin.Segment) {
		s.Time = c.now
		all = append(all, s)
		c.now += pick(c, flow.Time(0), 100_000, 100_000, 1e6, 2_999_999, 3e6, 3_000_001, 5e6, 19_999_999, 20e6, 20_000_001, 1e9, -3e6)
	}
	if seen := c.IntN(8); seen > 0 { // of the handshake
		syn := tcpwin.Segment{Seq: flow.Seq(c.next[0]), Flags: tcpwin.SYN, Window: c.window(), Scale: pick(c, chanceScales...)}
		add(syn)
		c.next[0]++
		c.ack[1]++
		if seen > 1 {
			add(tcpwin.Segment{From: flow.Server, Seq: flow.Seq(c.next[1]), Ack: flow.Seq(c.next[0]), Flags: tcpwin.SYN | tcpwin.ACK, Window: c.window(), Scale: pick(c, chanceScales...)})
			c.next[1]++
			c.ack[0]++
		}
		if seen > 2 {
			add(tcpwin.Segment{Seq: flow.Seq(c.next[0]), Ack: flow.Seq(c.next[1]), Flags: tcpwin.ACK, Window: 1000, Scale: -1})
		}
	}
	for range 40 + c.IntN(40) {
		s := c.segment(flow.Side(c.IntN(2)))
		add(s)
		if end := uint32(s.End()); int32(end-c.next[s.From]) > 0 {
			c.next[s.From] = end
		}
	}
	return all
}

func (c *chance) window() uint16 { return pick[uint16](c, 0, 0, 1, 10, 100, 300, 1000, 65535) }

// segment makes one that the side sends.
func (c *chance) segment(from flow.Side) tcpwin.Segment {
	to := from.Peer()
	if c.IntN(4) == 0 {
		c.win[from] = c.window()
	}
	next := c.next[from]
	c.ack[from] = pick(c, c.ack[from], c.ack[from], c.next[to], c.next[to], c.next[to], c.ack[from]+1,
		c.next[to]-c.Uint32N(300), c.next[to]+c.Uint32N(100))
	s := tcpwin.Segment{
		From: from, Flags: tcpwin.ACK, Scale: -1, Window: c.win[from], Ack: flow.Seq(c.ack[from]),
		Seq: flow.Seq(pick(c, next, next, next, next, next, next, next-1, next-c.Uint32N(300), next+c.Uint32N(300), c.ack[to])),
		Len: pick(c, 0, 0, 0, 0, 1, 1, 2, 50, 100, 100, 200),
	}
	if room := int(int32(c.ack[to] + uint32(c.win[to])<<pick(c, 0, 2, 3, 7) - uint32(s.Seq))); s.Len > 0 && room > 0 && room < 60000 && c.IntN(4) == 0 {
		s.Len = room
	}
	switch c.IntN(30) {
	case 0:
		s.Flags |= pick(c, tcpwin.FIN, tcpwin.RST, tcpwin.PSH)
	case 1:
		s.Flags = pick(c, 0, tcpwin.FIN, tcpwin.RST, tcpwin.PSH)
	case 2:
		c.synchronize(&s)
	case 3, 4, 5:
		for i := range 1 + c.IntN(4) {
			left := c.next[to] - c.Uint32N(500)
			s.SACK[i] = [2]flow.Seq{flow.Seq(left), flow.Seq(left + c.Uint32N(200))}
			s.NumSACK++
		}
	}
	return s
}

// synchronize makes a segment a SYN of any kind: one sent again, or mostly that
// of a new connection. What begins elsewhere begins far away: see join.
func (c *chance) synchronize(s *tcpwin.Segment) {
	s.Flags = pick(c, tcpwin.SYN, tcpwin.SYN|tcpwin.ACK) | pick(c, 0, 0, 0, tcpwin.FIN, tcpwin.RST, tcpwin.PSH)
	s.Scale = pick(c, chanceScales...)
	if c.IntN(3) > 0 {
		c.next[s.From] += 1<<20 + c.Uint32N(1<<31)
		c.isn[s.From] = c.next[s.From]
	}
	s.Seq = flow.Seq(c.isn[s.From])
}

// newChance returns a source that always gives the same connections.
func newChance(seed uint64) *chance {
	return &chance{Rand: rand.New(rand.NewPCG(seed, 0)), now: 1_700_000_000e9}
}

// TestWrap: where the sequence numbers begin makes no difference, and so
// neither does where they wrap. But for two things that Wireshark does, which
// are left out here: 0 stands for "unknown", and the acknowledgement number is
// heeded without the ACK flag.
func TestWrap(t *testing.T) {
	c := newChance(7)
	compared := 0
	for range 2000 {
		segments := slices.DeleteFunc(c.connection(), func(s tcpwin.Segment) bool { return !s.Has(tcpwin.ACK) })
		shift := [2]uint32{c.Uint32(), -uint32(segments[0].Seq) - c.Uint32N(500)}
		var plain, shifted tcpwin.Marker
		if touchesZero(segments, [2]uint32{}) || touchesZero(segments, shift) {
			continue
		}
		compared++
		for i, s := range segments {
			moved := move(s, shift)
			want, got := plain.Observe(&s), shifted.Observe(&moved)
			if got != want {
				t.Fatalf("segment %d of %d, shifted by %d: got %v, want %v\n%+v", i, len(segments), shift, describe(got), describe(want), s)
			}
		}
	}
	if compared < 1000 {
		t.Errorf("only %d connections were compared", compared)
	}
}

// move adds to the sequence numbers of both sides.
func move(s tcpwin.Segment, by [2]uint32) tcpwin.Segment {
	own, peer := flow.Seq(by[s.From]), flow.Seq(by[s.From.Peer()])
	s.Seq += own
	s.Ack += peer
	for i := range s.SACK[:s.NumSACK] {
		s.SACK[i][0] += peer
		s.SACK[i][1] += peer
	}
	return s
}

// touchesZero tells whether a segment of the moved connection begins, ends or
// acknowledges at 0 or right before it.
func touchesZero(segments []tcpwin.Segment, by [2]uint32) bool {
	for _, s := range segments {
		s = move(s, by)
		end := s.Seq.Add(s.Len)
		for _, n := range []flow.Seq{s.Seq, end, end + 1, s.Ack} {
			if n == 0 || n+1 == 0 {
				return true
			}
		}
	}
	return false
}

// TestSidesAreOnlyNames: marks are by direction, so whoever is called the
// client, they are the same.
func TestSidesAreOnlyNames(t *testing.T) {
	c := newChance(8)
	for range 500 {
		var one, other tcpwin.Marker
		for i, s := range c.connection() {
			want := one.Observe(&s)
			s.From = s.From.Peer()
			if got := other.Observe(&s); got != want {
				t.Fatalf("segment %d: got %v, want %v", i, describe(got), describe(want))
			}
		}
	}
}

// BenchmarkMarker marks a transfer: two full segments, an ACK, and now and then
// a hole that is filled later.
func BenchmarkMarker(b *testing.B) {
	var m tcpwin.Marker
	data := tcpwin.Segment{Time: 1, Seq: 1000, Ack: 9000, Flags: tcpwin.ACK, Window: 1000, Scale: -1}
	ack := tcpwin.Segment{Time: 1, From: flow.Server, Seq: 9000, Ack: 1000, Flags: tcpwin.ACK, Window: 1000, Scale: -1}
	data.Len = 1448
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%3 == 2 {
			ack.Ack, ack.Time = data.Seq, data.Time
			m.Observe(&ack)
			continue
		}
		if i%100 == 0 {
			data.Seq += 1448
		}
		m.Observe(&data)
		data.Seq += 1448
		data.Time += 1000
	}
}
