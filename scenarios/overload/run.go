package overload

import (
	"context"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

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

// Latency is how long messages took from when they were due until they were processed.
type Latency struct{ P50, P99, Max time.Duration }

// Run lets a policy stand a load on a link for the load's time, or until ctx is done. It
// returns once nothing of it goes on.
func Run(ctx context.Context, l Load, p Policy, link Link) *Result {
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
	close(stop)
	c.stop()
	wg.Wait()
	if p.gate != fetchGate { // there the log waits, and not its producer
		sent.blocked += link.Waited()
	}
	return &Result{
		Policy: p.Name, Load: l, Length: length, Account: total(&sent.account, c), Blocked: sent.blocked,
		Longest: c.queue.Longest(), MostBytes: c.queue.MostBytes(), Died: c.died,
		Latency: latencyOf(c.latency),
	}
}

func latencyOf(h *hdrhistogram.Histogram) Latency {
	return Latency{P50: microseconds(h.ValueAtQuantile(50)), P99: microseconds(h.ValueAtQuantile(99)), Max: microseconds(h.Max())}
}

func microseconds(n int64) time.Duration { return time.Duration(n) * time.Microsecond }

// total is what both sides know: the producer of what was due, the consumer of what came.
func total(sent *backpressure.Account, c *consumer) backpressure.Account {
	a := c.account
	a.Scheduled, a.Withheld, a.Offered = sent.Scheduled, sent.Withheld, sent.Offered
	a.Failed += sent.Failed
	a.Queued += sent.Queued + int64(c.queue.Len())
	return a
}
