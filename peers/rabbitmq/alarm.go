// The memory alarm: the broker stops reading publishers' sockets.

package rabbitmq

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"flowlab/flow"
	"flowlab/peers/story"

	amqp "github.com/rabbitmq/amqp091-go"
)

const (
	published = 1000.0 // messages a second
	bodySize  = 4 << 10
)

func memoryAlarm() *story.Story {
	return &story.Story{
		Name:    "rabbitmq-memory-alarm",
		Title:   "RabbitMQ's memory alarm stops a publisher",
		Teaches: "At its memory's watermark the broker says connection.blocked and reads no more: who ignores it is stopped by TCP, after megabytes that lie in both sockets.",
		Wire:    "connection.blocked, and then a window of zero for as long as the alarm lasts. What the publisher has written by then and the broker has not read lies in two socket buffers, and is confirmed only after the alarm.",
		Needs:   Options{}.needs(),
		Lasts:   35 * time.Second,
		Tell: func(ctx context.Context, s *story.Stage) error {
			b, err := Options{}.open(ctx, s)
			if err != nil {
				return err
			}
			a := &alarm{broker: b, blocked: make(chan amqp.Blocking, 8)}
			return a.tell(ctx)
		},
	}
}

// alarm is the story while it is told.
type alarm struct {
	*broker
	blocked   chan amqp.Blocking
	closed    chan *amqp.Error
	written   atomic.Int64 // messages that the client has taken from the publisher
	confirmed atomic.Int64
}

func (a *alarm) tell(ctx context.Context) error {
	done, stop, err := a.publish(ctx)
	if err != nil {
		return err
	}
	s := a.stage
	s.Say("A publisher sends %.0f messages of %d bytes a second, and ignores connection.blocked.", published, bodySize)
	if err := a.look(ctx, time.Second); err != nil {
		return err
	}
	if err := a.raise(ctx); err != nil {
		return err
	}
	s.Say("The watermark is back at 80 %% of the memory: rabbitmqctl is started.")
	if err := a.server.control(ctx, "set_vm_memory_high_watermark", "0.8"); err != nil {
		return err
	}
	lifted, err := a.told(ctx, false)
	if err != nil {
		return err
	}
	s.Check(lifted, "Once there is memory the broker says connection.unblocked.", "it said so: %t", lifted)
	if err := a.look(ctx, time.Second); err != nil {
		return err
	}
	stop()
	if err := <-done; err != nil {
		return err
	}
	for late := time.Now().Add(15 * time.Second); a.confirmed.Load() < a.written.Load() && time.Now().Before(late); {
		if err := story.Wait(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
	s.Check(a.confirmed.Load() == a.written.Load(), "Nothing is lost: in the end each message is confirmed.",
		"%d of %d", a.confirmed.Load(), a.written.Load())
	if a.seen() {
		zero, longest := a.watched.ZeroWindow(flow.Server), a.watched.Longest(flow.Client, flow.ReceiveWindow)
		s.Figure("zero-window time", zero.Seconds(), "s")
		s.Check(zero > time.Second, "The broker's window is zero while the alarm lasts.", "for %v", zero.Round(time.Millisecond))
		s.Check(longest.Length() > time.Second && longest.HeldBy == flow.Reader,
			"The verdict: the receive window holds the publisher, as the broker does not read.",
			"the longest stall is %v, held by %v", longest.Length().Round(time.Millisecond), longest.HeldBy)
	}
	return nil
}

// publish begins to publish, until it is stopped.
func (a *alarm) publish(ctx context.Context) (done chan error, stop context.CancelFunc, err error) {
	conn, err := a.dial()
	if err != nil {
		return nil, nil, err
	}
	conn.NotifyBlocked(a.blocked)
	a.closed = conn.NotifyClose(make(chan *amqp.Error, 1))
	ch, err := conn.Channel()
	if err != nil {
		return nil, nil, fmt.Errorf("open a channel: %w", err)
	}
	queue, err := a.queue(ctx, ch, 0, 0)
	if err != nil {
		return nil, nil, err
	}
	confirms := ch.NotifyPublish(make(chan amqp.Confirmation, 1000))
	go func() { // ends with the connection
		for c := range confirms {
			if c.Ack {
				a.confirmed.Add(1)
			}
		}
	}()
	publishing, stop := context.WithCancel(ctx)
	a.stage.AtEnd(stop)
	done = make(chan error, 1)
	go func() { done <- a.write(publishing, ch, queue) }()
	return done, stop, nil
}

// write publishes by a schedule; what was withheld is not made up for.
func (a *alarm) write(ctx context.Context, ch *amqp.Channel, queue string) error {
	tick := time.NewTicker(time.Second / published)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		err := ch.PublishWithContext(context.WithoutCancel(ctx), "", queue, false, false, amqp.Publishing{Body: make([]byte, bodySize)})
		if err != nil {
			return fmt.Errorf("publish: %w", err)
		}
		a.written.Add(1)
	}
}

// raise raises the alarm, and waits until the publisher is stopped.
func (a *alarm) raise(ctx context.Context) error {
	s := a.stage
	s.Say("The watermark is set to 0: rabbitmqctl is started.")
	if err := a.server.control(ctx, "set_vm_memory_high_watermark", "0"); err != nil {
		return err
	}
	blocked, err := a.told(ctx, true)
	if err != nil {
		return err
	}
	s.Check(blocked, "The broker says connection.blocked.", "it said so: %t", blocked)
	then, begun := a.written.Load(), time.Now()
	s.Say("connection.blocked came after %d messages, of which %d are confirmed.", then, a.confirmed.Load())
	stood := time.Duration(0) // for how long nothing was written
	for last := then; stood < 2*time.Second && time.Since(begun) < 20*time.Second; {
		if err := a.look(ctx, 250*time.Millisecond); err != nil {
			return err
		}
		now := a.written.Load()
		if stood += 250 * time.Millisecond; now != last {
			stood, last = 0, now
		}
	}
	more := (a.written.Load() - then) * bodySize
	s.Say("The publisher could write %s bytes more, into the buffers of both sockets, and has stood still for %v.", flow.Grouped(more), stood)
	s.Figure("written after connection.blocked", float64(more), "bytes")
	s.Check(stood >= 2*time.Second, "A publisher that ignores connection.blocked is stopped by TCP.",
		"%s bytes after it; it stood still for %v", flow.Grouped(more), stood)
	return nil
}

// told waits for connection.blocked, or for connection.unblocked.
func (a *alarm) told(ctx context.Context, active bool) (bool, error) {
	late := time.NewTimer(10 * time.Second)
	defer late.Stop()
	for {
		select {
		case b := <-a.blocked:
			if b.Active == active {
				return true, nil
			}
		case err := <-a.closed:
			return false, fmt.Errorf("the connection to RabbitMQ has ended: %w", err)
		case <-late.C:
			return false, nil
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
}

// look enters figures until a time is over.
func (a *alarm) look(ctx context.Context, d time.Duration) error {
	for end := time.Now().Add(d); ; {
		a.stage.Figure("written", float64(a.written.Load()), "messages")
		a.stage.Figure("confirmed", float64(a.confirmed.Load()), "messages")
		left := time.Until(end)
		if left <= 0 {
			return nil
		}
		if err := story.Wait(ctx, min(left, 250*time.Millisecond)); err != nil {
			return err
		}
	}
}
