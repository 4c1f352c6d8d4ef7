package survey

import (
	"math/bits"
	"time"

	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/tcpwin"
)

// doubles finds packets that one interface of a capture has twice: as on Linux's
// "any", which sees a packet on a bridge and on what is behind it, as a switch's
// mirror port gives them, or as a file into which the captures of both ends were
// merged. Sent once and captured twice is no retransmission.
//
// What is sent again has another identification in its IP header (RFC 6864) or,
// where that is 0 as in IPv6, another time stamp; so a packet that has all of
// these as before was captured again.
//
// The newest four packets of each place are remembered, and each group of
// connections has 512 places of its own (so that the number of workers does not
// matter): a double is found if at most some two thousand packets of its connection
// came in between.
type doubles struct {
	seen [groups][doublePlaces]place
	// touched is what was read of places so that the processor has them; it is kept so
	// that the compiler does not leave the reading out.
	touched sighting
}

// place is where the newest packets are remembered whose sums lead there.
type place [4]sighting

// sighting is a packet that was captured: 48 bits of a sum over what it says, and
// 16 bits of the time, in ticks, which come round every four seconds.
type sighting uint64

const (
	doublePlaces = 512
	tick         = 1 << 16 // nanoseconds

	// doubleWithin is how much later a double may come: the longest round trips
	// of a path, and much less than an identification takes to come round.
	doubleWithin = int16(500 * time.Millisecond / tick)
	// doubleUnmarked is that for a packet without identification and without
	// time stamps.
	doubleUnmarked = int16(200 * time.Microsecond / tick)
)

// lookups is how many segments are looked up at a time.
const lookups = 32

// again tells which of some segments, lookups at the most, were captured before, and
// remembers all. Hardly any place is in the processor's cache, so all are asked for
// before the first is looked at: then they are waited for together.
func (d *doubles) again(cards []card, twice *[lookups]bool) {
	var sums [lookups]uint64
	var places [lookups]*place
	for i := range cards {
		c := &cards[i]
		sums[i] = c.sum()
		places[i] = &d.seen[groupOf(c.hash)][sums[i]>>48%doublePlaces]
	}
	for _, p := range places[:len(cards)] {
		d.touched |= p[0]
	}
	for i, p := range places[:len(cards)] {
		twice[i] = p.again(sums[i], &cards[i].segment)
	}
}

// double is [doubles.again] of one segment.
func (d *doubles) double(iface int, tuple *flow.Tuple, s *tcpwin.Segment) bool {
	var twice [lookups]bool
	d.again([]card{{segment: *s, tuple: *tuple, hash: diagnose.Hash(iface, tuple)}}, &twice)
	return twice[0]
}

// sum is one over all that a segment says, but for its time.
func (c *card) sum() uint64 {
	s := &c.segment
	sum := c.hash ^ uint64(c.tuple.Src.Port)<<48
	sum = mix(sum, uint64(s.Seq)|uint64(s.Ack)<<32)
	sum = mix(sum, uint64(s.TSVal)|uint64(s.TSEcr)<<32)
	sum = mix(sum, uint64(s.Len)|uint64(s.Window)<<24|uint64(s.Flags)<<40|uint64(s.IPID)<<48)
	for i := range s.NumSACK {
		sum = mix(sum, uint64(s.SACK[i][0])|uint64(s.SACK[i][1])<<32)
	}
	return sum
}

// again tells whether a segment of that sum was captured before, and remembers it.
func (p *place) again(sum uint64, s *tcpwin.Segment) bool {
	within := doubleWithin
	if s.IPID == 0 && !s.HasTS {
		within = doubleUnmarked
	}
	now := sighting(sum<<16) | sighting(uint16(s.Time/tick))
	for _, was := range p {
		if age := int16(now - was); was>>16 == now>>16 && -within <= age && age <= within {
			return true
		}
	}
	p[0], p[1], p[2], p[3] = now, p[0], p[1], p[2]
	return false
}

func mix(sum, v uint64) uint64 {
	high, low := bits.Mul64(sum^0x9E3779B97F4A7C15, v^0xE7037ED1A0B428DB)
	return high ^ low ^ v
}
