package overload

import (
	"errors"
	"time"

	"flowlab/backpressure"
	"flowlab/flow"
)

// producer sends what is due, when it may.
type producer struct {
	pace     *pace
	schedule *schedule
	gate     gate
	link     Link
	account  backpressure.Account // of what it knows itself
	blocked  time.Duration        // in which the gate held a message that was due
}

func newProducer(l *Load, p *Policy, link Link, pace *pace) *producer {
	return &producer{pace: pace, schedule: newSchedule(l), gate: newGate(p, l, pace, link.Signals()), link: link}
}

// run sends one message after the other; what is still due at the end was withheld.
func (p *producer) run() {
	defer p.link.End()
	for m, ok := p.schedule.next(); ok; m, ok = p.schedule.next() {
		p.account.Scheduled++
		if !p.pace.until(time.Duration(m.Scheduled)) {
			p.account.Withheld++
			continue
		}
		p.send(m)
	}
}

// send sends a message, and enters what became of it as far as its sender knows.
func (p *producer) send(m backpressure.Message) {
	ready := p.pace.now()
	open := p.gate()
	p.blocked += p.pace.now() - ready
	if !open {
		p.account.Withheld++
		return
	}
	switch err := p.link.Send(m, p.pace.stop); {
	case err == nil:
		p.account.Offered++
	case errors.Is(err, ErrOverflow):
		p.account.Offered++
		p.account.Failed++
	default:
		p.account.Withheld++
	}
}

// broker appends what is due to a log, and sends what the consumer fetches: its producer
// never waits. The log has no bound but that of the load ([Load.checkLog]).
type broker struct {
	producer
	log     backpressure.Log
	fetched int64 // messages that were asked for and not sent
}

func newBroker(l *Load, p *Policy, link Link, pace *pace) *broker {
	return &broker{producer: *newProducer(l, p, link, pace), log: *backpressure.NewLog(0)}
}

func (b *broker) run() {
	defer b.link.End()
	m, more := b.schedule.next()
	for more || !b.pace.stopped() {
		if !b.serve() || !b.await(m, more) {
			break
		}
		for more && time.Duration(m.Scheduled) <= b.pace.now() {
			b.account.Scheduled++
			b.account.Offered++
			m.Arrived = flow.Time(b.pace.now())
			b.log.Append(m)
			m, more = b.schedule.next()
		}
	}
	for ; more; m, more = b.schedule.next() {
		b.account.Scheduled++
		b.account.Withheld++
	}
	b.account.Queued += b.log.Lag()
}

// serve sends what was fetched, as far as the log has it. It is false if the run stopped.
func (b *broker) serve() bool {
	for b.fetched > 0 {
		m, ok := b.log.Fetch()
		if !ok {
			return true
		}
		b.fetched--
		if b.link.Send(m, b.pace.stop) != nil {
			b.account.Queued++ // it is the log's still
			return false
		}
	}
	return true
}

// await waits until the next message is due, or the consumer fetches. It is false if the
// run stopped.
func (b *broker) await(next backpressure.Message, more bool) bool {
	var due <-chan time.Time
	if more {
		b.pace.timer.Reset(max(0, time.Duration(next.Scheduled)-b.pace.now()))
		due = b.pace.timer.C
	}
	select {
	case <-due:
	case s := <-b.link.Signals():
		b.fetched += s.N
	case <-b.pace.stop:
		return false
	}
	return true
}
