package survey

import (
	"math/bits"
	"time"
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
	seen [groups][doublePlaces][4]sighting
}

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

// again tells whether a segment was captured before, and remembers it.
func (d *doubles) again(c *card) bool {
	s := &c.segment
	sum := c.hash ^ uint64(c.tuple.Src.Port)<<48
	sum = mix(sum, uint64(s.Seq)|uint64(s.Ack)<<32)
	sum = mix(sum, uint64(s.TSVal)|uint64(s.TSEcr)<<32)
	sum = mix(sum, uint64(s.Len)|uint64(s.Window)<<24|uint64(s.Flags)<<40|uint64(s.IPID)<<48)
	for i := range s.NumSACK {
		sum = mix(sum, uint64(s.SACK[i][0])|uint64(s.SACK[i][1])<<32)
	}
	within := doubleWithin
	if s.IPID == 0 && !s.HasTS {
		within = doubleUnmarked
	}
	now := sighting(sum<<16) | sighting(uint16(s.Time/tick))
	place := &d.seen[groupOf(c.hash)][sum>>48%doublePlaces]
	for _, was := range place {
		if age := int16(now - was); was>>16 == now>>16 && -within <= age && age <= within {
			return true
		}
	}
	copy(place[1:], place[:])
	place[0] = now
	return false
}

func mix(sum, v uint64) uint64 {
	high, low := bits.Mul64(sum^0x9E3779B97F4A7C15, v^0xE7037ED1A0B428DB)
	return high ^ low ^ v
}
