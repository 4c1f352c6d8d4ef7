package survey

import (
	"math/bits"
	"time"

	"flowlab/flow"
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
// The newest four packets of each place are remembered: 16,384 in all, in which a
// double is found unless four others of its place came in between.
type doubles struct {
	seen [doublePlaces][4]sighting
}

// sighting is a packet that was captured.
type sighting struct {
	sum uint64
	at  flow.Time
}

const (
	doublePlaces = 1 << 12
	// doubleWithin is how much later a double may come: the longest round trips
	// of a path, and much less than an identification takes to come round.
	doubleWithin = 500 * time.Millisecond
	// doubleUnmarked is that for a packet without identification and without
	// time stamps.
	doubleUnmarked = 200 * time.Microsecond
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
	place := &d.seen[sum%doublePlaces]
	for i := range place {
		if was := &place[i]; was.sum == sum && s.Time.Sub(was.at).Abs() <= within {
			return true
		}
	}
	copy(place[1:], place[:])
	place[0] = sighting{sum, s.Time}
	return false
}

func mix(sum, v uint64) uint64 {
	high, low := bits.Mul64(sum^0x9E3779B97F4A7C15, v^0xE7037ED1A0B428DB)
	return high ^ low ^ v
}
