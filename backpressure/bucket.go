package backpressure

import (
	"time"

	"flowlab/flow"
)

// Bucket is a token bucket, as RFC 2697 and every rate limiter has it: it gains so many
// tokens a second up to its burst, and each message takes one. It counts in whole
// billionths of a token, so that no rate drifts.
type Bucket struct {
	rate  int64 // tokens a second
	burst int64 // tokens
	level int64 // billionths of a token
	at    flow.Time
}

const billion = 1e9

// NewBucket returns a full bucket. The rate, in tokens a second, and the burst, in tokens,
// are from 1 to a billion.
func NewBucket(rate, burst int64, now flow.Time) *Bucket {
	return &Bucket{rate: rate, burst: burst, level: burst * billion, at: now}
}

// SetRate changes the rate from now on; what was gained stays. Below 1 it is 1.
func (b *Bucket) SetRate(rate int64, now flow.Time) {
	b.gain(now)
	b.rate = max(1, rate)
}

// Take takes a token if there is one. Otherwise it returns how long it takes until there
// is.
func (b *Bucket) Take(now flow.Time) (wait time.Duration, ok bool) {
	b.gain(now)
	if b.level >= billion {
		b.level -= billion
		return 0, true
	}
	return time.Duration((billion - b.level + b.rate - 1) / b.rate), false
}

// gain adds what the time since has brought.
func (b *Bucket) gain(now flow.Time) {
	passed := int64(now.Sub(b.at))
	if passed <= 0 {
		return
	}
	b.at = now
	full := b.burst*billion - b.level
	if passed >= full/b.rate+1 {
		b.level += full
		return
	}
	b.level += passed * b.rate
}
