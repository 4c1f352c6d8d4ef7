package backpressure

import "time"

// Limit is how many requests may be under way at a time, and finds out by itself how many
// that should be: additive increase, multiplicative decrease, as the AIMDLimit of
// Netflix's concurrency-limits. A response that came in time to a request that began with
// at least half of the limit used raises it by one; one that was refused or late lowers it
// to nine tenths, in whole requests.
type Limit struct {
	limit    int
	low      int
	high     int
	late     time.Duration
	underWay int
}

// backoff is what a limit is lowered to: the library's default.
const backoff = 0.9

// NewLimit returns a limit between low and high, from 1 on, which begins at low; a
// response that takes longer than late counts as refused.
func NewLimit(low, high int, late time.Duration) *Limit {
	return &Limit{limit: low, low: low, high: high, late: late}
}

// Limit is how many may be under way now.
func (l *Limit) Limit() int { return l.limit }

// Begin begins a request, and returns how many are under way with it; it is false if as
// many as may be are.
func (l *Limit) Begin() (underWay int, ok bool) {
	if l.underWay >= l.limit {
		return 0, false
	}
	l.underWay++
	return l.underWay, true
}

// End ends a request that began as one of so many, and took so long.
func (l *Limit) End(underWay int, took time.Duration, refused bool) {
	l.underWay--
	switch {
	case refused || took > l.late:
		l.limit = int(float64(l.limit) * backoff)
	case 2*underWay >= l.limit:
		l.limit++
	}
	l.limit = max(l.low, min(l.limit, l.high))
}
