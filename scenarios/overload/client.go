// The clients of a chain.

package overload

import (
	"container/heap"
	"math/rand/v2"
	"sync"
	"time"

	"flowlab/backpressure"
	"flowlab/flow"
)

// ClientAccount is where the requests of a chain's clients are, or have gone:
//
//	requests = withheld + good + failed + waiting
type ClientAccount struct {
	Requests int64 // were due
	Withheld int64 // could not be sent
	Good     int64 // were answered while their client waited
	Failed   int64 // were refused or given up, and not asked again
	Waiting  int64 // had no answer yet at the end
	Tries    int64 // messages that were sent for them
	Wasted   int64 // answers that nobody waited for any more
	Deep     int64 // of the requests: need the database
	GoodDeep int64 // of the good: needed it
}

// request is what one client wants.
type request struct {
	message backpressure.Message // with the number of its latest try
	again   time.Duration        // when it is to be tried again
	tries   int
}

// attempt is a try that is given up at a time.
type attempt struct {
	number int64
	until  time.Duration
}

// clients send what is due, and what is to be tried again.
type clients struct {
	load     *ChainLoad
	policy   *ChainPolicy
	link     Link
	schedule *schedule
	random   *rand.Rand
	kick     chan struct{} // holds a token: there is a request to try again

	mu       sync.Mutex // what follows is shared by sender and listener
	account  ClientAccount
	ahead    backpressure.Message
	more     bool // ahead is the next that is due
	open     map[int64]*request
	attempts []attempt // in the order in which they are given up
	again    retries
	budget   float64 // retries that are allowed
	number   int64   // of the next try
	good     []int64 // in each second
	latency  latencies
}

func newClients(l *ChainLoad, p *ChainPolicy, link Link) *clients {
	c := &clients{
		load: l, policy: p, link: link, schedule: newSchedule(&l.Load), random: rand.New(rand.NewPCG(l.Seed, 3)),
		kick: make(chan struct{}, 1), open: map[int64]*request{}, budget: burst,
		good:    make([]int64, (l.For+time.Second-1)/time.Second),
		latency: newLatencies(),
	}
	c.ahead, c.more = c.schedule.next()
	return c
}

// send sends until the run stops; what is still due then was withheld.
func (c *clients) send(pace *pace) {
	defer c.link.End()
	for !pace.stopped() {
		r, at := c.next(pace.now())
		if r == nil {
			c.await(pace, at)
			continue
		}
		c.try(r, pace)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.more {
		c.fresh()
		c.account.Withheld++
	}
}

// next returns a request that is to be sent now; nil if there is none until at.
func (c *clients) next(now time.Duration) (r *request, at time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at = c.load.For
	if len(c.again) > 0 {
		if at = c.again[0].again; at <= now {
			return heap.Pop(&c.again).(*request), 0
		}
	}
	if c.more {
		if due := time.Duration(c.ahead.Scheduled); due <= now {
			return c.fresh(), 0
		} else {
			at = min(at, due)
		}
	}
	return nil, at
}

// fresh takes the next request of the schedule.
func (c *clients) fresh() *request {
	r := &request{message: c.ahead}
	c.account.Requests++
	if c.load.deep(r.message) {
		c.account.Deep++
	}
	c.ahead, c.more = c.schedule.next()
	return r
}

// await sleeps until an instant of the run, until a request is to be tried again, or until
// the run stops.
func (c *clients) await(pace *pace, at time.Duration) {
	pace.timer.Reset(max(0, at-pace.now()))
	select {
	case <-pace.timer.C:
	case <-c.kick:
	case <-pace.stop:
	}
}

// try sends a request once.
func (c *clients) try(r *request, pace *pace) {
	c.mu.Lock()
	m := c.begin(r, pace.now())
	c.mu.Unlock()
	err := c.link.Send(m, pace.stop)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		c.account.Tries++
		return
	}
	if c.open[m.Number] != r {
		return // it was given up meanwhile
	}
	delete(c.open, m.Number)
	switch {
	case r.tries == 1:
		c.account.Withheld++
	case pace.stopped():
		c.account.Waiting++
	default:
		c.account.Failed++
	}
}

// begin gives a try its number, and its end.
func (c *clients) begin(r *request, now time.Duration) backpressure.Message {
	if r.tries++; r.tries == 1 {
		c.budget = min(burst, c.budget+retryPart)
	}
	r.message.Number = c.number
	c.number++
	c.open[r.message.Number] = r
	if c.policy.patience > 0 {
		c.attempts = append(c.attempts, attempt{r.message.Number, now + c.policy.patience})
	}
	return r.message
}

// retryPart is which part of the requests may be tried again where there is a budget, as
// in Finagle's RetryBudget; up to burst are saved.
const retryPart = 0.1

// listen takes in answers, and gives up what has none in time, until the run stops.
func (c *clients) listen(pace *pace) {
	look := time.NewTicker(givingUp)
	defer look.Stop()
	for {
		select {
		case s := <-c.link.Signals():
			c.answered(s, pace.now())
		case <-look.C:
			c.giveUp(pace.now())
		case <-pace.stop:
			return
		}
	}
}

// givingUp is how often clients look at the clock.
const givingUp = 10 * time.Millisecond

// answered enters an answer.
func (c *clients) answered(s Signal, now time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.open[s.N]
	if r == nil {
		if s.Count == 0 {
			c.account.Wasted++
		}
		return
	}
	delete(c.open, s.N)
	if s.Count > 0 {
		wait := max(time.Duration(s.Count), backoff<<(r.tries-1))
		c.retry(r, now+wait+time.Duration(c.random.Int64N(int64(wait))))
		return
	}
	c.account.Good++
	if c.load.deep(r.message) {
		c.account.GoodDeep++
	}
	if second := int(now / time.Second); second < len(c.good) {
		c.good[second]++
	}
	c.latency.add(now - time.Duration(r.message.Scheduled))
}

// backoff is what a client waits at the least after its first refusal, twice as long after
// the second, and so on; and up to as long again, so that not all come at once.
const backoff = 50 * time.Millisecond

// giveUp gives up the tries that have no answer in time.
func (c *clients) giveUp(now time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.attempts) > 0 && c.attempts[0].until <= now {
		a := c.attempts[0]
		c.attempts = c.attempts[1:]
		if r := c.open[a.number]; r != nil {
			delete(c.open, a.number)
			c.retry(r, now)
		}
	}
}

// retry tries a request again at a time, if it may be.
func (c *clients) retry(r *request, at time.Duration) {
	if r.tries > c.policy.retries || c.policy.budgeted && c.budget < 1 {
		c.account.Failed++
		return
	}
	c.budget--
	r.again = at
	heap.Push(&c.again, r)
	select {
	case c.kick <- struct{}{}:
	default:
	}
}

// total is the account once nothing goes on.
func (c *clients) total() ClientAccount {
	a := c.account
	a.Waiting += int64(len(c.open) + len(c.again))
	return a
}

// retries are requests that are to be tried again, the earliest first.
type retries []*request

func (r retries) Len() int           { return len(r) }
func (r retries) Less(i, j int) bool { return r[i].again < r[j].again }
func (r retries) Swap(i, j int)      { r[i], r[j] = r[j], r[i] }
func (r *retries) Push(x any)        { *r = append(*r, x.(*request)) }
func (r *retries) Pop() any {
	old := *r
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*r = old[:len(old)-1]
	return last
}

// deep tells whether a request needs the database. It is so for each of its tries.
func (l *ChainLoad) deep(m backpressure.Message) bool {
	part := l.Deep[0]
	if m.Scheduled >= flow.Time(l.For/2) {
		part = l.Deep[1]
	}
	mixed := uint64(m.Scheduled) * 0x9e3779b97f4a7c15 >> 32 // Knuth's multiplicative hash
	return int(mixed%100) < part
}
