package overload

import (
	"context"
	"sync"
	"time"

	"flowlab/backpressure"
)

// Result is what a run came to.
type Result struct {
	Policy    string
	Load      Load
	Length    time.Duration
	Account   backpressure.Account
	Latency   Latency       // of what was delivered, from when it was due
	Blocked   time.Duration // for which the producer could not send what was due
	Longest   int           // messages that waited in the queue at a time
	MostBytes int64         // that they had
	Died      time.Duration // when the consumer's process did; 0 if it lived
}

// Run lets a policy stand a load on a link for the load's time, or until ctx is done. It
// returns once nothing of it goes on.
func Run(ctx context.Context, l Load, p Policy, link Link) *Result {
	return run(ctx, l, p, link, func() {})
}

// run is Run, and calls over at the run's end, before it is wound up.
func run(ctx context.Context, l Load, p Policy, link Link, over func()) *Result {
	stop := make(chan struct{})
	start := time.Now()
	var sender interface{ run() }
	var sent *producer
	if p.gate == fetchGate {
		b := newBroker(&l, &p, link, newPace(start, stop))
		sender, sent = b, &b.producer
	} else {
		sent = newProducer(&l, &p, link, newPace(start, stop))
		sender = sent
	}
	c := newConsumer(&l, &p, link)

	var wg sync.WaitGroup
	wg.Go(sender.run)
	wg.Go(func() { c.read(newPace(start, stop)) })
	wg.Go(func() { c.work(newPace(start, stop)) })
	if p.gate == followGate {
		wg.Go(func() { c.publish(newPace(start, stop)) })
	}
	select {
	case <-time.After(l.For):
	case <-ctx.Done():
	}
	length := time.Since(start)
	over()
	close(stop)
	c.close()
	wg.Wait()
	if p.gate != fetchGate { // there the log waits, and not its producer
		sent.blocked += link.Waited()
	}
	return &Result{
		Policy: p.Name, Load: l, Length: length, Account: total(&sent.account, c), Blocked: sent.blocked,
		Longest: c.queue.Longest(), MostBytes: c.queue.MostBytes(), Died: c.died,
		Latency: c.latency.sum(),
	}
}

// total is what both sides know: the producer of what was due, the consumer of what came.
func total(sent *backpressure.Account, c *consumer) backpressure.Account {
	a := c.account
	a.Scheduled, a.Withheld, a.Offered = sent.Scheduled, sent.Withheld, sent.Offered
	a.Failed += sent.Failed
	a.Queued += sent.Queued + int64(c.queue.Len())
	return a
}
