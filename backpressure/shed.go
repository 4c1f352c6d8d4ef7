package backpressure

import "time"

// Shedder refuses work before it is queued: what matters least first, the fuller the queue
// is, and all of it when it is full. It says after which time it is worth to ask again, as
// HTTP's 503 does with Retry-After (RFC 9110 10.2.3, 15.6.4).
type Shedder struct {
	capacity int
	rate     int64 // messages a second that are processed
}

// shares are the parts of the capacity, in percent, at which a priority is refused.
var shares = [numPriorities]int{Low: 50, Normal: 80, High: 100}

// NewShedder returns a shedder for a queue of that capacity, of which so many messages a
// second are processed; both are at least 1.
func NewShedder(capacity int, rate int64) *Shedder { return &Shedder{capacity, rate} }

// Admit tells whether a message is taken while so many wait. If it is not, retry is how
// long it takes until fewer wait than its priority may find.
func (s *Shedder) Admit(p Priority, waiting int) (retry time.Duration, ok bool) {
	most := s.capacity * shares[p] / 100
	if waiting < most {
		return 0, true
	}
	over := int64(waiting-most) + 1
	return time.Duration(over * billion / s.rate), false
}
