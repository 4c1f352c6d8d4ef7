package tcpwin

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"unsafe"

	"flowlab/flow"
)

// entries is what Wireshark keeps: an entry for each segment.
type entries []span

func (e *entries) acked(ack uint32) {
	var kept entries
	for _, s := range *e {
		if s = s.above(ack); !s.empty() {
			kept = append(kept, s)
		}
	}
	*e = kept
}

func (e entries) extent(base uint32) uint32 {
	if len(e) == 0 {
		return 0
	}
	from, upto := e[0].start-base, e[0].end-base
	for _, s := range e {
		from, upto = min(from, s.start-base), max(upto, s.end-base)
	}
	return upto - from
}

// TestUnackedIsExact: what is joined gives the same answers as what is kept
// apart, also where the sequence numbers come round to the base.
func TestUnackedIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		base := r.Uint32()
		next := base + 1 - uint32(r.IntN(2)*r.IntN(3000))
		low := next
		var u unacked
		var all entries
		for step := range 300 {
			switch r.IntN(8) {
			case 0:
				low += uint32(r.IntN(int(next-low) + 1))
				u.acked(low)
				all.acked(low)
			case 1:
				old := low - 20 + uint32(r.IntN(int(next-low)+20))
				s := span{old, old + 1 + uint32(r.IntN(30))}
				u.add(s, base)
				all = append(all, s)
			case 2:
				next += uint32(r.IntN(100))
				fallthrough
			default:
				s := span{next, next + 1 + uint32(r.IntN(30))}
				next = s.end
				u.add(s, base)
				all = append(all, s)
			}
			if got, want := u.extent(base), all.extent(base); got != want {
				t.Fatalf("step %d: the extent is %d, want %d", step, got, want)
			}
		}
	}
}

// TestUnackedIsBounded: a capture with holes and no ACK.
func TestUnackedIsBounded(t *testing.T) {
	var u unacked
	const n = 20 * maxHoles
	for i := range uint32(n) {
		u.add(span{10 * i, 10*i + 5}, 0)
	}
	if got := cap(*u.rest); got > 2*maxHoles {
		t.Errorf("room for %d spans, want at most %d", got, 2*maxHoles)
	}
	if got := u.extent(0); got != 10*n-5 {
		t.Errorf("the extent is %d, want %d", got, 10*n-5)
	}
	u.acked(10*(n-100) + 7) // in a hole
	if got := u.extent(0); got != 10*99-5 {
		t.Errorf("after an ACK in one of the newer holes the extent is %d, want %d", got, 10*99-5)
	}
}

// maxMarker is how many bytes a Marker of a connection without holes takes.
const maxMarker = 168

func TestMarkerIsSmall(t *testing.T) {
	if n := unsafe.Sizeof(Marker{}); n > maxMarker {
		t.Errorf("a Marker takes %d bytes, want at most %d", n, maxMarker)
	}
}

func FuzzMarker(f *testing.F) {
	f.Add([]byte("0123456789abcdef0123456789abcdef"))
	f.Add(make([]byte, 160))
	f.Fuzz(func(t *testing.T, data []byte) {
		var m Marker
		now := flow.Time(0)
		for ; len(data) >= 16; data = data[16:] {
			now += flow.Time(int16(binary.LittleEndian.Uint16(data[14:]))) * 10_000
			s := Segment{
				Time: now, From: flow.Side(data[0] & 1), Flags: Flags(data[0] >> 1 & 31),
				// Near each other, so that they meet, or anywhere.
				Seq:    flow.Seq(int8(data[1])) + flow.Seq(data[2]&1)*flow.Seq(binary.LittleEndian.Uint32(data[2:])),
				Ack:    flow.Seq(int8(data[6])) + flow.Seq(data[7]&1)*flow.Seq(binary.LittleEndian.Uint32(data[7:])),
				Len:    int(data[11]) << (data[12] & 15),
				Window: uint16(data[13]), Scale: int8(data[12]) >> 3, NumSACK: data[12] % 5,
			}
			for i := range s.SACK {
				s.SACK[i] = [2]flow.Seq{s.Ack.Add(10 * i), s.Ack.Add(10*i + int(data[13]))}
			}
			got := m.Observe(&s)
			if got.Marks >= 1<<NumMarks || got.Marks.Has(MarkFastRetransmission|MarkSpuriousRetransmission) && !got.Marks.Has(MarkRetransmission) {
				t.Errorf("marks %v of %+v", got.Marks, s)
			}
			if got.BytesInFlight >= maxInFlight || got.BytesInFlight > 0 && s.Len == 0 {
				t.Errorf("%d bytes in flight with %+v", got.BytesInFlight, s)
			}
			if got.Window < uint32(s.Window) || got.Window > uint32(s.Window)<<maxScale {
				t.Errorf("window %d of %+v", got.Window, s)
			}
			if (got.DupAck > 0) != got.Marks.Has(MarkDuplicateAck) {
				t.Errorf("duplicate ACK %d with %v", got.DupAck, got.Marks)
			}
		}
		for i := range m.sides {
			if rest := m.sides[i].unacked.rest; rest != nil && cap(*rest) > 2*maxHoles {
				t.Errorf("room for %d spans, want at most %d", cap(*rest), 2*maxHoles)
			}
		}
	})
}
