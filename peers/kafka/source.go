// A producer that produces at a rate.

package kafka

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"flowlab/peers/story"

	"github.com/twmb/franz-go/pkg/kgo"
)

// recordSize is how many bytes the value of a record has.
const recordSize = 1 << 10

// source produces records by a schedule, one partition after the other.
type source struct {
	client     *kgo.Client
	topic      string
	partitions int
	rate       float64 // records a second

	offered atomic.Int64 // records that were given to the client
	stored  atomic.Int64 // that the broker has acknowledged
	failed  atomic.Pointer[error]
}

// run produces until ctx is done, and then waits until all that was offered is stored.
func (p *source) run(ctx context.Context) error {
	begun := time.Now()
	value := make([]byte, recordSize)
	for n := 0; ; n++ {
		due := begun.Add(time.Duration(float64(n) / p.rate * float64(time.Second)))
		if story.Wait(ctx, time.Until(due)) != nil {
			break
		}
		p.offered.Add(1)
		r := &kgo.Record{Topic: p.topic, Partition: int32(n % p.partitions), Value: value}
		p.client.Produce(context.WithoutCancel(ctx), r, func(_ *kgo.Record, err error) {
			if err != nil {
				p.failed.Store(&err)
				return
			}
			p.stored.Add(1)
		})
	}
	flushing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := p.client.Flush(flushing); err != nil {
		return fmt.Errorf("flush: %w", err)
	}
	if err := p.failed.Load(); err != nil {
		return fmt.Errorf("produce: %w", *err)
	}
	return nil
}
