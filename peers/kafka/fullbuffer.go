// A producer whose buffer is full, as its broker is slow or does not answer.

package kafka

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"flowlab/flow"
	"flowlab/peers/story"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	bufferMost = 600    // records that the client buffers
	scheduled  = 2000.0 // records a second
	slow       = 200 * time.Millisecond
	batchMost  = 64 << 10
	inFlight   = 5 // requests, of an idempotent producer
)

func fullBuffer() *story.Story {
	return &story.Story{
		Name:    "kafka-full-buffer",
		Title:   "A Kafka producer's buffer is full, as the broker is slow",
		Teaches: "The producer's buffer has a bound. At it Produce blocks and TryProduce fails: choose which, and count what is withheld.",
		Wire:    "Five requests are in flight. A broker reads the next one of a connection when it has answered the one before, so they wait in its socket, and its window closes. What waits in the producer's buffer, and what is withheld before it, no packet shows.",
		Lasts:   8 * time.Second,
		Tell: func(ctx context.Context, s *story.Stage) error {
			t := &fullBuffering{Stage: s}
			if err := t.begin(ctx); err != nil {
				return err
			}
			return t.tell(ctx)
		},
	}
}

// fullBuffering is the story while it is told. The broker is always our own: none that is
// there can be told to be slow.
type fullBuffering struct {
	*story.Stage
	*cluster
	topic  string
	client *kgo.Client
	silent atomic.Pointer[chan struct{}] // the broker does not answer until it is closed; nil if it does
	well   atomic.Bool                   // it answers at once

	given     int64 // records that Produce and TryProduce were called with, and what came of them:
	stored    atomic.Int64
	refused   atomic.Int64 // by TryProduce
	withdrawn atomic.Int64 // with the caller that gave up
	failed    atomic.Int64
	most      int64 // records that the buffer has held
	mostBytes int64
}

func (t *fullBuffering) begin(ctx context.Context) (err error) {
	if t.cluster, err = (Options{}).open(t.Stage); err != nil {
		return err
	}
	if t.topic, err = t.cluster.topic(ctx, t.Stage, 1); err != nil {
		return err
	}
	t.fake.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
		t.fake.KeepControl()
		t.fake.SleepControl(t.answer)
		return nil, nil, false
	})
	t.client, err = t.cluster.client(t.Stage, kgo.DefaultProduceTopic(t.topic),
		kgo.MaxBufferedRecords(bufferMost),
		kgo.ProducerBatchMaxBytes(batchMost), kgo.ProducerBatchCompression(kgo.NoCompression()))
	t.AtEnd(t.recover) // a client waits for the answer to what is in flight when it is closed
	return err
}

// answer waits until the broker is to answer.
func (t *fullBuffering) answer() {
	if silent := t.silent.Load(); silent != nil {
		<-*silent
	} else if !t.well.Load() {
		time.Sleep(slow) // the broker's own slowness; nothing tells when that is over
	}
}

// recover has the broker answer all at once.
func (t *fullBuffering) recover() {
	t.well.Store(true)
	if silent := t.silent.Swap(nil); silent != nil {
		close(*silent)
	}
}

func (t *fullBuffering) tell(ctx context.Context) error {
	t.Say("A producer has %.0f records of %d bytes a second, and may buffer %d. The broker takes %v to answer a request of at most %s bytes; %d may be in flight.",
		scheduled, recordSize, bufferMost, slow, flow.Grouped(batchMost), inFlight)
	for _, step := range []func(context.Context) error{t.blocks, t.refuses, t.unanswered, t.delivers} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	t.Check(t.most == bufferMost, "The buffer fills up to its bound, and not above it.",
		"at most %d records and %s bytes", t.most, flow.Grouped(t.mostBytes))
	if t.Seen(t.watched) {
		t.watched.End()
		zero, longest := t.watched.ZeroWindow(flow.Server), t.watched.Longest(flow.Client, flow.ReceiveWindow)
		t.Figure("zero-window time", zero.Seconds(), "s")
		t.Check(zero > 0 && longest.HeldBy == flow.Reader, "The broker reads one request at a time, so its window closes on those that are in flight.",
			"it was zero for %v; the longest stall of %v by %v", zero.Round(time.Millisecond), longest.Length().Round(time.Millisecond), longest.HeldBy)
	}
	return nil
}

// blocks has Produce block for a while.
func (t *fullBuffering) blocks(ctx context.Context) error {
	const lasts = 2500 * time.Millisecond
	offered, blocked, begun := 0, time.Duration(0), time.Now()
	for time.Since(begun) < lasts {
		if err := story.Wait(ctx, time.Until(begun.Add(due(offered)))); err != nil {
			return err
		}
		before := time.Now()
		t.produce(ctx, t.client.Produce)
		blocked += time.Since(before)
		offered++
	}
	lasted := time.Since(begun)
	all := int(lasted.Seconds() * scheduled)
	t.Say("Produce blocked for %v of %v: of %d records that were due %d were offered, and %d withheld.",
		blocked.Round(10*time.Millisecond), lasted.Round(10*time.Millisecond), all, offered, all-offered)
	t.Figure("withheld", float64(all-offered), "records")
	t.Figure("blocked", blocked.Seconds(), "s")
	t.Check(blocked > lasts/2 && offered < all, "With a full buffer Produce blocks, and so withholds what is due.",
		"it blocked for %v, %d of %d records were withheld", blocked.Round(time.Millisecond), all-offered, all)
	return ctx.Err()
}

// refuses has TryProduce fail for a while.
func (t *fullBuffering) refuses(ctx context.Context) error {
	const lasts = 1500 * time.Millisecond
	tried, slowest, begun := 0, time.Duration(0), time.Now()
	for time.Since(begun) < lasts {
		if err := story.Wait(ctx, time.Until(begun.Add(due(tried)))); err != nil {
			return err
		}
		before := time.Now()
		t.produce(ctx, t.client.TryProduce)
		slowest = max(slowest, time.Since(before))
		tried++
	}
	refused := int(t.refused.Load())
	t.Say("TryProduce was called %d times and failed %d times: %v. The longest call took %v.",
		tried, refused, kgo.ErrMaxBuffered, slowest.Round(10*time.Microsecond))
	t.Figure("refused", float64(refused), "records")
	t.Check(refused > tried/2, "With a full buffer TryProduce fails with ErrMaxBuffered.", "%d of %d failed", refused, tried)
	return ctx.Err()
}

// unanswered has the broker answer nothing: Produce blocks until its caller gives up.
func (t *fullBuffering) unanswered(ctx context.Context) error {
	const patience = time.Second
	silent := make(chan struct{})
	t.silent.Store(&silent)
	t.Say("The broker answers nothing any more.")
	begun := time.Now()
	giveUp, cancel := context.WithTimeout(ctx, 2*slow+patience)
	defer cancel()
	for giveUp.Err() == nil {
		t.produce(giveUp, t.client.Produce)
	}
	t.Say("After %v the caller gave up; %d records wait in the client.", time.Since(begun).Round(10*time.Millisecond), t.client.BufferedProduceRecords())
	return ctx.Err()
}

// delivers has the broker answer at once, and accounts for all records.
func (t *fullBuffering) delivers(ctx context.Context) error {
	t.recover()
	flushing, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := t.client.Flush(flushing); err != nil {
		return fmt.Errorf("flush: %w", err)
	}
	t.Say("The broker answers again: of %d records that the client was given %d are stored, %d were refused, %d given up with their caller.",
		t.given, t.stored.Load(), t.refused.Load(), t.withdrawn.Load())
	// Besides the record that Produce blocked on, the client gives up those of the same caller
	// that it has not begun to send.
	gone := t.withdrawn.Load()
	t.Check(t.failed.Load() == 0 && gone >= 1 && t.given == t.stored.Load()+t.refused.Load()+gone,
		"Every record is stored, or the caller was told why it is not.",
		"%d given, %d stored, %d refused, %d given up, %d failed", t.given, t.stored.Load(), t.refused.Load(), t.withdrawn.Load(), t.failed.Load())
	return nil
}

// due is when a record is, from the beginning of a schedule.
func due(n int) time.Duration {
	return time.Duration(float64(n) / scheduled * float64(time.Second))
}

// produce gives the client a record, and looks at its buffer.
func (t *fullBuffering) produce(ctx context.Context, how func(context.Context, *kgo.Record, func(*kgo.Record, error))) {
	t.given++
	how(ctx, &kgo.Record{Value: make([]byte, recordSize)}, t.settled)
	t.most = max(t.most, t.client.BufferedProduceRecords())
	t.mostBytes = max(t.mostBytes, t.client.BufferedProduceBytes())
}

// settled is told what became of a record.
func (t *fullBuffering) settled(_ *kgo.Record, err error) {
	switch {
	case err == nil:
		t.stored.Add(1)
	case errors.Is(err, kgo.ErrMaxBuffered):
		t.refused.Add(1)
	case errors.Is(err, context.DeadlineExceeded):
		t.withdrawn.Add(1)
	default:
		t.failed.Add(1)
	}
}
