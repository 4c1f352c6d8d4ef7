// A consumer group whose member polls slower than a producer produces.

package kafka

import (
	"context"
	"fmt"
	"time"

	"flowlab/flow"
	"flowlab/peers/story"

	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	partitions = 3
	produced   = 600.0                  // records a second
	busy       = 100 * time.Millisecond // of the member with a poll's records: 200 a second
)

func slowPoll(o Options) *story.Story {
	return &story.Story{
		Name:    "kafka-slow-poll",
		Title:   "A Kafka consumer polls slower than a producer produces",
		Teaches: "The log is the buffer: the lag grows, nobody is slowed, and pausing a partition only stops asking for it.",
		Wire:    "Fetches come only as fast as they are polled for. No window closes: each asks for no more than the client has room for. The lag is on the broker only, so no packet tells it but the answers to an admin client.",
		There:   "brokers",
		Lasts:   10 * time.Second,
		Tell: func(ctx context.Context, s *story.Stage) error {
			t := &slowPolling{Stage: s}
			if err := t.begin(ctx, o); err != nil {
				return err
			}
			return t.tell(ctx)
		},
	}
}

// slowPolling is the story while it is told.
type slowPolling struct {
	*story.Stage
	*cluster
	topic  string
	member *member
	source *source
	sends  *task // the source
	looked int   // at the lag
	wrong  int   // of these, how often it cannot be
}

func (t *slowPolling) begin(ctx context.Context, o Options) (err error) {
	if t.cluster, err = o.open(t.Stage); err != nil {
		return err
	}
	if t.topic, err = t.cluster.topic(ctx, t.Stage, partitions); err != nil {
		return err
	}
	if t.member, err = t.join(ctx, t.Stage, t.topic, busy); err != nil {
		return err
	}
	client, err := t.client(t.Stage, kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerBatchCompression(kgo.NoCompression()), kgo.ProducerBatchMaxBytes(8<<10))
	if err != nil {
		return err
	}
	t.source = &source{client: client, topic: t.topic, partitions: partitions, rate: produced}
	t.sends = begin(ctx, t.Stage, t.source.run)
	return nil
}

func (t *slowPolling) tell(ctx context.Context) error {
	t.Say("A producer sends %.0f records of %d bytes a second to %d partitions; the only member of a group takes %d a poll and is busy with them for %v.",
		produced, recordSize, partitions, pollMost, busy)
	steps := []func(context.Context) error{t.grows, t.onePaused, t.allPaused, t.catchesUp}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	t.Check(t.wrong == 0, "At any time the lag is what was produced and is not committed.",
		"%d of %d times it could not be", t.wrong, t.looked)
	if t.Seen(t.watched) {
		t.checkOpen(t.Stage, flow.Client, "No window of a client closes: who does not poll does not fetch.")
	}
	return nil
}

// grows has the lag grow for three seconds.
func (t *slowPolling) grows(ctx context.Context) error {
	if err := t.look(ctx, 3*time.Second); err != nil {
		return err
	}
	fetched := t.fetched()
	got := t.member.processed.Load()
	lag, err := t.lag(ctx)
	if err != nil {
		return err
	}
	t.Say("After 3 s the lag is %v records, by partition; %d were processed, and the client has at most %d more.", lag, got, t.member.buffered.Load())
	t.Check(min(lag[0], lag[1], lag[2]) > pollMost, "The lag of each partition grows while polls are slower than the producer.", "%v records", lag)
	if t.Seen(t.watched) {
		// What is fetched is either processed or in the client; a record and its part of a
		// batch and an answer take less than 1.3 of its value.
		most := int64(1.3*float64(got*recordSize)) + 3*fetchMost
		t.Say("On the wire the broker sent it %s bytes; %s were produced.", flow.Grouped(fetched), flow.Grouped(t.source.stored.Load()*recordSize))
		t.Check(fetched > 0 && fetched <= most, "The consumer fetches what it processes, and not what is produced.",
			"%s bytes on the wire, of at most %s", flow.Grouped(fetched), flow.Grouped(most))
	}
	return nil
}

// onePaused pauses a partition, and has the member be fast.
func (t *slowPolling) onePaused(ctx context.Context) error {
	before, err := t.lag(ctx)
	if err != nil {
		return err
	}
	t.member.client.PauseFetchPartitions(map[string][]int32{t.topic: {0}})
	t.member.busy.Store(int64(time.Millisecond))
	t.Say("Partition 0 is paused, and the member is fast from now on.")
	if err := t.look(ctx, 2*time.Second); err != nil {
		return err
	}
	after, err := t.lag(ctx)
	if err != nil {
		return err
	}
	t.Check(after[0] > before[0] && after[1] < before[1] && after[2] < before[2],
		"The lag of a paused partition grows, that of the others shrinks.", "from %v to %v", before, after)
	return nil
}

// allPaused pauses all, and counts what still comes.
func (t *slowPolling) allPaused(ctx context.Context) error {
	t.member.client.PauseFetchPartitions(map[string][]int32{t.topic: {0, 1, 2}})
	t.Say("All partitions are paused.")
	// The fetch that is under way is answered, and counting is late by a quarter of a second.
	if err := t.look(ctx, 750*time.Millisecond); err != nil {
		return err
	}
	fetched, stored := t.fetched(), t.source.stored.Load()
	if err := t.look(ctx, 1500*time.Millisecond); err != nil {
		return err
	}
	fetched, stored = t.fetched()-fetched, t.source.stored.Load()-stored
	if t.Seen(t.watched) {
		t.Say("In the next 1.5 s %s bytes were produced, and the broker sent the consumer %s.", flow.Grouped(stored*recordSize), flow.Grouped(fetched))
		t.Check(fetched < stored*recordSize/20, "While all is paused fetches stop.", "%s bytes on the wire", flow.Grouped(fetched))
	}
	return nil
}

// catchesUp ends the producer, resumes all, and waits until the lag is gone.
func (t *slowPolling) catchesUp(ctx context.Context) error {
	if err := t.sends.stop(); err != nil {
		return err
	}
	lag, err := t.lag(ctx)
	if err != nil {
		return err
	}
	t.Say("The producer has ended, all is resumed. The lag is %v.", lag)
	t.member.client.ResumeFetchPartitions(map[string][]int32{t.topic: {0, 1, 2}})
	begun := time.Now()
	for t.member.committed.Load() < t.source.stored.Load() && time.Since(begun) < 10*time.Second {
		if err := t.look(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
	if lag, err = t.lag(ctx); err != nil {
		return err
	}
	t.Say("After %v the lag is %v.", time.Since(begun).Round(10*time.Millisecond), lag)
	got, all := t.member.processed.Load(), t.source.stored.Load()
	t.Check(got == all && lag == [partitions]int64{}, "In the end each record was processed once, and there is no lag.",
		"%d of %d records, lag %v", got, all, lag)
	return t.member.polling.stop()
}

// look enters the lag as a figure until a time is over.
func (t *slowPolling) look(ctx context.Context, d time.Duration) error {
	for end := time.Now().Add(d); ; {
		lag, err := t.lag(ctx)
		if err != nil {
			return err
		}
		for p, n := range lag {
			t.Figure(fmt.Sprintf("lag of partition %d", p), float64(n), "records")
		}
		t.Figure("fetched on the wire", float64(t.fetched()), "bytes")
		left := time.Until(end)
		if left <= 0 {
			return nil
		}
		if err := story.Wait(ctx, min(left, 250*time.Millisecond)); err != nil {
			return err
		}
	}
}

// fetched is how many bytes the broker has sent to the member.
func (t *slowPolling) fetched() int64 { return t.watched.Sent(flow.Server, t.member.calls) }

// lag asks the broker for the lag, and holds it to what the clients know.
func (t *slowPolling) lag(ctx context.Context) (lag [partitions]int64, err error) {
	stored, committed := t.source.stored.Load(), t.member.committed.Load()
	lags, err := t.admin.Lag(ctx, t.topic)
	if err == nil {
		err = lags.Error()
	}
	if err != nil {
		return lag, fmt.Errorf("ask for the lag: %w", err)
	}
	sum := int64(0)
	for p := range lag {
		l, ok := lags[t.topic].Lag.Lookup(t.topic, int32(p))
		switch {
		case !ok:
			return lag, fmt.Errorf("ask for the lag: partition %d has none", p)
		case l.Err != nil:
			return lag, fmt.Errorf("ask for the lag of partition %d: %w", p, l.Err)
		}
		lag[p] = l.Lag
		sum += l.Lag
	}
	t.looked++
	// While it was asked for records were stored, and others processed.
	if sum < stored-t.member.processed.Load() || sum > t.source.offered.Load()-committed {
		t.wrong++
	}
	return lag, nil
}
