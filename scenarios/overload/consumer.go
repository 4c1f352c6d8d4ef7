package overload

import (
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"flowlab/backpressure"
	"flowlab/flow"
)

// consumer takes what comes into its queue, or refuses it, and has its worker process it.
type consumer struct {
	load    *Load
	policy  *Policy
	link    Link
	shedder *backpressure.Shedder

	mu      sync.Mutex // what follows is shared by reader, worker and publisher
	room    sync.Cond  // the queue has room again, or the run has stopped
	filled  sync.Cond  // the queue has a message, or the run has stopped
	queue   *backpressure.Queue
	limit   *backpressure.Limit
	account backpressure.Account // of what it knows itself
	latency *hdrhistogram.Histogram
	asked   int64 // for messages that have not come yet
	used    int64 // messages processed since it asked last
	stopped bool
	died    time.Duration // when its process did; 0 if it lives
}

// Latencies are counted from a microsecond up to an hour, to three digits.
const (
	leastLatency = 1
	mostLatency  = int64(time.Hour / time.Microsecond)
	digits       = 3
)

func newConsumer(l *Load, p *Policy, link Link) *consumer {
	c := &consumer{
		load: l, policy: p, link: link,
		shedder: backpressure.NewShedder(p.shedCapacity(l), l.Work),
		queue:   backpressure.NewQueue(p.capacity(l), p.overflow),
		limit:   backpressure.NewLimit(leastUnderWay, l.Capacity, ttl),
		latency: hdrhistogram.New(leastLatency, mostLatency, digits),
	}
	c.queue.Expire(p.life)
	c.room.L, c.filled.L = &c.mu, &c.mu
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
		if retry, refused := c.refused(m); refused {
			c.account.Shed++
			c.answer(m, retry)
			return
		}
		c.expire(pace.now)
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
		c.filled.Signal()
		c.checkMemory(pace)
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
// come again.
func (c *consumer) refused(m backpressure.Message) (retry time.Duration, refused bool) {
	switch c.policy.refuses {
	case byPriority:
		retry, ok := c.shedder.Admit(m.Priority, c.queue.Len())
		return retry, !ok
	case byLimit:
		return ttl, !c.limit.Begin()
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
		c.limit.End(0, true)
	}
}

// expire takes out what has waited too long.
func (c *consumer) expire(now func() time.Duration) {
	for c.policy.life > 0 {
		if _, ok := c.queue.Expired(flow.Time(now())); !ok {
			return
		}
		c.account.Expired++
	}
}

// overhead is what a message in a queue takes besides its body.
const overhead = 64

// checkMemory lets the process die once its queue has more than it may.
func (c *consumer) checkMemory(pace *pace) {
	if c.queue.Bytes()+overhead*int64(c.queue.Len()) <= c.load.Memory {
		return
	}
	c.died = pace.now()
	c.account.Lost += int64(c.queue.Len())
	for _, ok := c.queue.Take(); ok; _, ok = c.queue.Take() {
	}
	c.link.Refuse(ErrGone)
	c.filled.Broadcast()
}

// work processes one message after the other until the run stops.
func (c *consumer) work(pace *pace) {
	service := newService(c.load)
	var done time.Duration // with the one before
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		m, waited, ok := c.take(pace)
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

// take takes a message from the queue, and tells whether it had to wait for one. It is
// false if there will be none. c.mu is held.
func (c *consumer) take(pace *pace) (m backpressure.Message, waited, ok bool) {
	for {
		if c.stopped || c.died > 0 {
			return m, waited, false
		}
		c.expire(pace.now)
		c.ask()
		if m, ok = c.queue.Take(); ok {
			c.room.Signal()
			return m, waited, true
		}
		waited = true
		c.filled.Wait()
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
	latency := now - time.Duration(m.Scheduled)
	_ = c.latency.RecordValue(max(leastLatency, min(int64(latency/time.Microsecond), mostLatency))) // within its range
	if c.policy.refuses == byLimit {
		c.limit.End(now-time.Duration(m.Arrived), false)
	}
}

// stop ends the run: what waits stays where it is.
func (c *consumer) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped = true
	c.room.Broadcast()
	c.filled.Broadcast()
}
