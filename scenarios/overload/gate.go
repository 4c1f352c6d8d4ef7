// What holds a producer before it sends.

package overload

import (
	"flowlab/backpressure"
	"flowlab/flow"
)

// gate waits until a message may be sent. It is false if the run stopped before.
type gate func() bool

// newGate returns the gate of a policy.
func newGate(p *Policy, l *Load, pace *pace, signals <-chan Signal) gate {
	switch p.gate {
	case bucketGate:
		return bucket(l.Work, nil, pace)
	case followGate:
		return bucket(l.Rate, signals, pace)
	case requestGate:
		var d backpressure.Demand
		return credit(d.Send, func(s Signal) { _ = d.Request(s.N) }, pace, signals) // the consumer asks for more than 0
	case linkGate:
		link := backpressure.NewLinkCredit(0)
		return credit(link.Send, func(s Signal) { link.Flow(uint32(s.Count), uint32(s.N)) }, pace, signals)
	}
	return func() bool { return true }
}

// burst is how many tokens a bucket holds.
const burst = 10

// bucket lets through what a token bucket does; signals change its rate.
func bucket(rate int64, signals <-chan Signal, pace *pace) gate {
	b := backpressure.NewBucket(rate, burst, 0)
	return func() bool {
		for {
			select {
			case s := <-signals:
				b.SetRate(s.N, flow.Time(pace.now()))
				continue
			default:
			}
			wait, ok := b.Take(flow.Time(pace.now()))
			if ok {
				return true
			}
			if !pace.until(pace.now() + wait) {
				return false
			}
		}
	}
}

// credit lets through what there is credit for; signals give more.
func credit(send func() bool, give func(Signal), pace *pace, signals <-chan Signal) gate {
	return func() bool {
		for {
			select { // all that came counts
			case s := <-signals:
				give(s)
				continue
			default:
			}
			if send() {
				return true
			}
			select {
			case s := <-signals:
				give(s)
			case <-pace.stop:
				return false
			}
		}
	}
}
