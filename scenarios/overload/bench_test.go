package overload

import (
	"testing"
	"time"

	"flowlab/backpressure"
)

// BenchmarkQueue passes messages from one goroutine to another through a consumer's queue,
// with all counters of the queue and of the account, and through a Go channel of the same
// size, by turns; it prints the ratio of their throughputs. Latency, which takes the clock
// and a histogram, is the worker's and not the queue's.
func BenchmarkQueue(b *testing.B) {
	const turns, messages = 9, 200_000
	l := Usual()
	m := backpressure.Message{Body: make([]byte, 16)}
	queue := func() time.Duration {
		p, _ := Named("block")
		c := newConsumer(&l, &p, Direct())
		stop := make(chan struct{})
		begun := time.Now()
		go func() {
			pace := newPace(begun, stop)
			for range messages {
				c.arrive(m, pace)
			}
		}()
		for range messages {
			c.mu.Lock()
			c.take()
			c.account.Delivered++
			c.mu.Unlock()
		}
		return time.Since(begun)
	}
	channel := func() time.Duration {
		ch := make(chan backpressure.Message, l.Capacity)
		begun := time.Now()
		go func() {
			for range messages {
				ch <- m
			}
		}()
		for range messages {
			<-ch
		}
		return time.Since(begun)
	}
	for b.Loop() {
		var q, c time.Duration
		for range turns {
			q += queue()
			c += channel()
		}
		b.ReportMetric(c.Seconds()/q.Seconds(), "of-a-channel")
		b.ReportMetric(float64(q.Nanoseconds())/(turns*messages), "ns/message")
		b.ReportMetric(float64(c.Nanoseconds())/(turns*messages), "ns/channel")
	}
}
