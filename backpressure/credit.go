package backpressure

import (
	"fmt"
	"math"
)

// Demand is the credit of a Reactive Streams subscription: how many messages the
// publisher may still send. Rules are those of the specification for the JVM, 1.0.4.
type Demand struct {
	left      int64 // math.MaxInt64 is without a bound
	requested int64
}

// Unbounded is a request after which demand is no longer counted (rule 3.17).
const Unbounded = math.MaxInt64

// Request adds n to the demand (rule 2.1: who wants messages must ask for them). The error
// is rule 3.9's, for an n of 0 or less. Demand that reaches 2^63-1 is without a bound from
// then on (rule 3.17).
func (d *Demand) Request(n int64) error {
	if n <= 0 {
		return fmt.Errorf("request(%d): rule 3.9 asks for more than 0", n)
	}
	if d.left = atMostUnbounded(d.left, n); d.left == Unbounded {
		d.requested = Unbounded
	}
	d.requested = atMostUnbounded(d.requested, n)
	return nil
}

// atMostUnbounded is the sum of what was requested before and of n more.
func atMostUnbounded(before, n int64) int64 { return before + min(n, Unbounded-before) }

// Left is how many messages may still be sent.
func (d *Demand) Left() int64 { return d.left }

// Requested is how many were asked for in all; [Unbounded] once demand was without a
// bound, or if they are more.
func (d *Demand) Requested() int64 { return d.requested }

// Send takes one off the demand. It is false if there is none: the total of messages is
// never above that of the requests (rule 1.1).
func (d *Demand) Send() bool {
	switch d.left {
	case 0:
		return false
	case Unbounded:
	default:
		d.left--
	}
	return true
}
