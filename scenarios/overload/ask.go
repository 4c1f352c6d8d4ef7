// What a consumer tells its producer, so that the producer sends no more than it can take.

package overload

import (
	"time"
)

// ask asks for messages where the policy has the consumer ask, as its system does it:
// Reactive Streams' publishers are asked for the whole queue first, and again when three
// quarters of it were used (as Reactor's prefetch); an AMQP link's credit is topped up
// when half was used; a log is asked when all that was fetched is done.
func (c *consumer) ask() {
	capacity := int64(c.load.Capacity)
	first := c.account.Delivered == 0 && c.asked == 0 && c.queue.Len() == 0
	switch c.policy.gate {
	case requestGate:
		switch most := capacity - capacity/4; {
		case first:
			c.request(capacity)
		case c.used >= most:
			c.request(c.used)
		}
	case linkGate:
		if first || 2*c.used >= capacity {
			c.used = 0
			c.asked = capacity - int64(c.queue.Len())
			seen := c.account.Delivered + int64(c.queue.Len())
			c.link.Signal(Signal{N: c.asked, Count: seen})
		}
	case fetchGate:
		if c.asked == 0 && c.queue.Len() == 0 {
			c.request(min(capacity, maxPoll))
		}
	}
}

// maxPoll is how many messages a consumer of a log fetches at a time: max.poll.records of
// Kafka's consumer.
const maxPoll = 500

func (c *consumer) request(n int64) {
	c.used = 0
	c.asked += n
	c.link.Signal(Signal{N: n})
}

const (
	// publishing is how often a consumer publishes its rate.
	publishing = 50 * time.Millisecond
	// settling is in how long a queue that is not half full, or more, shall be so.
	settling = time.Second
)

// publish tells the producer again and again which rate would keep the queue half full.
func (c *consumer) publish(pace *pace) {
	before, at := int64(0), time.Duration(0)
	for pace.until(at + publishing) {
		c.mu.Lock()
		now := pace.now()
		rate := float64(c.account.Delivered-before) / (now - at).Seconds()
		off := float64(c.load.Capacity/2 - c.queue.Len())
		before, at = c.account.Delivered, now
		c.mu.Unlock()
		c.link.Signal(Signal{N: int64(rate + off/settling.Seconds())})
	}
}
