// A slow consumer under several prefetch counts.

package rabbitmq

import (
	"context"
	"errors"
	"fmt"
	"time"

	"flowlab/flow"
	"flowlab/peers/story"

	amqp "github.com/rabbitmq/amqp091-go"
)

const (
	queued      = 2000 // messages
	messageSize = 400  // bytes; a hundred of them fit in the smallest window
	work        = 20 * time.Millisecond
	consumes    = time.Second // with each prefetch
)

func prefetch(o Options) *story.Story {
	return &story.Story{
		Name:    "rabbitmq-prefetch",
		Title:   "A slow RabbitMQ consumer with a prefetch of 1, 10, 100, and none",
		Teaches: "Prefetch is the credit: so many messages are with the consumer and not acknowledged, and the queue keeps the rest. Without it all of them are in the consumer's memory.",
		Wire:    "With a prefetch the broker stops sending after so many messages, and no window closes. Without one everything is sent at once, and the client's library reads it: no window tells that nothing is processed.",
		Needs:   o.needs(),
		There:   "amqp-url",
		Lasts:   25 * time.Second,
		Tell: func(ctx context.Context, s *story.Stage) error {
			b, err := o.open(ctx, s)
			if err != nil {
				return err
			}
			admin, err := b.channel()
			if err != nil {
				return err
			}
			s.Say("%d messages of %d bytes lie in a queue; a consumer takes %v for each.", queued, messageSize, work)
			begun := time.Now()
			for _, n := range []int{1, 10, 100, 0} {
				if err := b.consume(ctx, admin, n); err != nil {
					return err
				}
			}
			if b.seen() {
				zero := b.watched.ZeroWindow(flow.Client)
				s.Figure("zero-window time", zero.Seconds(), "s")
				s.Check(zero < time.Since(begun)/20, "No window stays closed: who holds messages has read them.",
					"the consumers' windows were zero for %v of %v", zero.Round(time.Millisecond), time.Since(begun).Round(time.Millisecond))
			}
			return nil
		},
	}
}

// consume consumes slowly from a queue of its own; a prefetch of 0 is none.
func (b *broker) consume(ctx context.Context, admin *amqp.Channel, prefetch int) error {
	queue, err := b.queue(ctx, admin, queued, messageSize)
	if err != nil {
		return err
	}
	ch, err := b.channel()
	if err != nil {
		return err
	}
	if err := ch.Qos(prefetch, 0, false); err != nil {
		return fmt.Errorf("set a prefetch of %d: %w", prefetch, err)
	}
	deliveries, err := ch.Consume(queue, "", false, false, false, false, nil)
	if err != nil {
		return fmt.Errorf("consume: %w", err)
	}
	name, want := fmt.Sprintf("a prefetch of %d", prefetch), prefetch
	if prefetch == 0 {
		name, want = "no prefetch", queued
	}
	left, err := comesTo(ctx, admin, queue, queued-want)
	if err != nil {
		return err
	}
	acked, most, err := b.work(ctx, admin, queue, deliveries, name)
	if err != nil {
		return err
	}
	b.stage.Say("With %s %d were with the consumer before it acknowledged one, and at most %d while it processed %d.", name, queued-left, most, acked)
	b.stage.Check(queued-left == want && most <= want && acked > 0,
		fmt.Sprintf("With %s %d are with the consumer and not acknowledged, and the rest is in the queue.", name, want),
		"%d, and at most %d while it consumed", queued-left, most)
	// What it does not acknowledge goes back when it ends.
	if err := ch.Close(); err != nil {
		return fmt.Errorf("close a channel: %w", err)
	}
	return nil
}

// work acknowledges messages slowly, and returns how many, and the most that were with the
// consumer meanwhile.
func (b *broker) work(ctx context.Context, admin *amqp.Channel, queue string, deliveries <-chan amqp.Delivery, name string) (acked, most int, err error) {
	for begun := time.Now(); time.Since(begun) < consumes; acked++ {
		select {
		case <-ctx.Done():
			return acked, most, ctx.Err()
		case d, ok := <-deliveries:
			if !ok {
				return acked, most, errors.New("consume: the channel has ended")
			}
			if err := story.Wait(ctx, work); err != nil {
				return acked, most, err
			}
			if err := d.Ack(false); err != nil {
				return acked, most, fmt.Errorf("acknowledge: %w", err)
			}
		}
		if acked%5 != 0 {
			continue
		}
		left, err := ready(admin, queue)
		if err != nil {
			return acked, most, err
		}
		// Acknowledgements may not have come to the broker yet, so that this is at most
		// what it counts as unacknowledged.
		with := queued - left - (acked + 1)
		most = max(most, with)
		b.stage.Figure("unacknowledged with "+name, float64(with), "messages")
	}
	return acked, most, nil
}
