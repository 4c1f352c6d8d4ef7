package backpressure

import "time"

// Limit is how many requests may be under way at a time, and finds out by itself how many
// that should be: additive increase, multiplicative decrease, as the AIMDLimit of
// Netflix's concurrency-limits. A response that came in time while at least half of the
// limit was used raises it by one; one that was refused or late lowers it to nine tenths.
type Limit struct {
	limit    float64
	low      float64
	high     float64
	late     time.Duration
	underWay int
}

// backoff is what a limit is lowered to: the library's default.
const backoff = 0.9

// NewLimit returns a limit between low and high, from 1 on, which begins at low; a
// response that takes longer than late counts as refused.
func NewLimit(low, high int, late time.Duration) *Limit {
	return &Limit{limit: float64(low), low: float64(low), high: float64(high), late: late}
}

// Limit is how many may be under way now.
func (l *Limit) Limit() int { return int(l.limit) }

// Begin begins a request; it is false if as many as may be are under way.
func (l *Limit) Begin() bool {
	if l.underWay >= l.Limit() {
		return false
	}
	l.underWay++
	return true
}

// End ends a request that took so long.
func (l *Limit) End(took time.Duration, refused bool) {
	used := l.underWay
	l.underWay--
	switch {
	case refused || took > l.late:
		l.limit *= backoff
	case 2*used >= l.Limit():
		l.limit++
	}
	l.limit = max(l.low, min(l.limit, l.high))
}
