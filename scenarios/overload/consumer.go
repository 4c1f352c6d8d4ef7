package overload

import (
	"time"

	"flowlab/backpressure"
	"flowlab/flow"
)

// consumer takes what comes into its queue, or refuses it, and has its worker process it.
type consumer struct {
	load    *Load
	policy  *Policy
	link    Link
	shedder *backpressure.Shedder

	inbox // and with it what follows

	limit   *backpressure.Limit
	account backpressure.Account // of what it knows itself
	latency latencies
	asked   int64 // for messages that have not come yet
	used    int64 // messages processed since it asked last
}

func newConsumer(l *Load, p *Policy, link Link) *consumer {
	c := &consumer{
		load: l, policy: p, link: link,
		shedder: backpressure.NewShedder(p.shedCapacity(l), l.Work),
		limit:   backpressure.NewLimit(leastUnderWay, l.Capacity, ttl),
		latency: newLatencies(),
	}
	c.open(backpressure.NewQueue(p.capacity(l), p.overflow), l.Memory)
	c.queue.Expire(p.life)
	return c
}

// leastUnderWay is what an adaptive limit does not fall below.
const leastUnderWay = 10

// shedCapacity is what a shedder takes for a full queue.
func (p *Policy) shedCapacity(l *Load) int { return max(2, p.capacity(l)) }

// read takes in what comes, up to the end of the link.
func (c *consumer) read(pace *pace) {
	for {
		m, err := c.link.Receive()
		if err != nil {
			return
		}
		c.arrive(m, pace)
	}
}

// arrive takes in a message, once there is room for it where it may wait.
func (c *consumer) arrive(m backpressure.Message, pace *pace) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.asked > 0 {
		c.asked--
	}
	for {
		switch {
		case c.died > 0:
			c.account.Lost++
			return
		case c.stopped:
			c.account.Queued++ // it was still on its way
			return
		}
		if retry, refused := c.refused(&m); refused {
			c.account.Shed++
			c.answer(m, retry)
			return
		}
		c.expire(pace)
		switch c.queue.Offer(m, c.arrival(pace)) {
		case backpressure.Full:
			c.room.Wait()
			continue
		case backpressure.Replaced:
			c.account.Dropped++
		case backpressure.Rejected:
			c.rejected(m)
			return
		case backpressure.Failed:
			if c.account.Failed++; c.account.Failed == 1 {
				c.link.Refuse(ErrOverflow)
			}
			return
		}
		if lost, died := c.came(pace); died {
			c.account.Lost += lost
			c.link.Refuse(ErrGone)
		}
		return
	}
}

// arrival is the time that a message is given in the queue, where somebody asks for it: the
// clock is what a message costs most.
func (c *consumer) arrival(pace *pace) flow.Time {
	if c.policy.life == 0 && c.policy.refuses != byLimit {
		return 0
	}
	return flow.Time(pace.now())
}

// refused tells whether a message is refused before it is queued, and when it is worth to
// come again. One that is not has begun.
func (c *consumer) refused(m *backpressure.Message) (retry time.Duration, refused bool) {
	switch c.policy.refuses {
	case byPriority:
		retry, ok := c.shedder.Admit(m.Priority, c.queue.Len())
		return retry, !ok
	case byLimit:
		underWay, ok := c.limit.Begin()
		m.UnderWay = underWay
		return ttl, !ok
	}
	return 0, false
}

// answer tells the sender what became of a message, where the link does that.
func (c *consumer) answer(m backpressure.Message, retry time.Duration) {
	if link, ok := c.link.(answerer); ok {
		link.Answer(m, retry)
	}
}

// rejected enters a message for which the queue had no room. Where work is refused, its
// sender is told.
func (c *consumer) rejected(m backpressure.Message) {
	if c.policy.refuses == refuseNothing {
		c.account.Dropped++
		return
	}
	c.account.Shed++
	c.answer(m, ttl)
	if c.policy.refuses == byLimit {
		c.limit.End(m.UnderWay, 0, true)
	}
}

// expire takes out what has waited too long.
func (c *consumer) expire(pace *pace) {
	for c.policy.life > 0 {
		if _, ok := c.queue.Expired(flow.Time(pace.now())); !ok {
			return
		}
		c.account.Expired++
	}
}

// work processes one message after the other until the run stops.
func (c *consumer) work(pace *pace) {
	service := newService(c.load)
	var done time.Duration // with the one before
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ready = func() {
		c.expire(pace)
		c.ask()
	}
	for {
		m, waited, ok := c.take()
		if !ok {
			return
		}
		c.mu.Unlock()
		if waited {
			done = pace.now()
		}
		done = service.done(done)
		processed := pace.until(done)
		c.mu.Lock()
		c.finish(m, pace, processed)
	}
}

// finish enters what became of the message that was processed; at the end of the run it
// is still being so, and if the process died meanwhile it went with it. c.mu is held.
func (c *consumer) finish(m backpressure.Message, pace *pace, done bool) {
	switch {
	case c.died > 0:
		c.account.Lost++
		return
	case !done:
		c.account.Queued++
		return
	}
	c.account.Delivered++
	c.answer(m, 0)
	c.used++
	now := pace.now()
	c.latency.add(now - time.Duration(m.Scheduled))
	if c.policy.refuses == byLimit {
		c.limit.End(m.UnderWay, now-time.Duration(m.Arrived), false)
	}
}
