package diagnose

import (
	"time"

	"flowlab/flow"
)

// train is how many segments are timed together to learn a path's spacing:
// long enough that one late segment does not count, short enough that a flight
// of the initial window (RFC 6928: ten segments) is one.
const train = 8

// spacing learns how far apart a path spreads full segments that were sent
// together: the time that its narrowest link takes for one.
type spacing struct {
	times [train]flow.Time
	n     int
	last  flow.Time
	least time.Duration
}

// observe enters a full segment. One that comes more than pause after the last
// begins a new train.
func (s *spacing) observe(t flow.Time, pause time.Duration) {
	if t.Sub(s.last) > pause {
		s.n = 0
	}
	s.last = t
	first := s.times[s.n%train]
	s.times[s.n%train] = t
	s.n++
	if s.n <= train {
		return
	}
	if d := t.Sub(first) / train; s.least == 0 || d < s.least {
		s.least = max(d, 1)
	}
}

// most is the longest time between two segments of one flight.
func (s *spacing) most() time.Duration { return max(300*time.Microsecond, 2*s.least) }
