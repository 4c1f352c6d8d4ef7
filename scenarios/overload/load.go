package overload

import (
	"math"
	"math/rand/v2"
	"time"

	"flowlab/backpressure"
	"flowlab/flow"
)

// Load is what a producer has to send, and what a worker can do.
type Load struct {
	Rate     int64         // messages that are due each second, on average; at least 1
	Work     int64         // messages that the worker processes each second; at least 1
	Jitter   float64       // by which part of its time a message takes longer or shorter, from 0 to 1
	Pauses   []Pause       // of the worker
	For      time.Duration // how long messages are due
	Size     int           // bytes of a message
	Capacity int           // messages that a queue with a bound holds; at least 1
	Memory   int64         // bytes in the queue at which the consumer's process dies, with [overhead] for each message
	Seed     uint64        // the same seed, the same times, priorities and jitter
}

// Pause is a time, since the run began, in which a worker does nothing.
type Pause struct{ From, For time.Duration }

// Usual returns the load of the story: 10,000 messages a second against 5,000, for ten
// seconds.
func Usual() Load {
	return Load{Rate: 10_000, Work: 5_000, For: 10 * time.Second, Size: 1 << 10, Capacity: 1_000, Memory: 32 << 20, Seed: 1}
}

// schedule is what is due: messages of many independent senders, so the gaps between two
// are exponential.
type schedule struct {
	load   *Load
	random *rand.Rand
	at     time.Duration
	number int64
}

func newSchedule(l *Load) *schedule {
	return &schedule{load: l, random: rand.New(rand.NewPCG(l.Seed, 1))}
}

// next returns the next message, with the time since the beginning as the time it is
// due; false when there is no more.
func (s *schedule) next() (backpressure.Message, bool) {
	gap := s.random.ExpFloat64() / float64(s.load.Rate)
	s.at += time.Duration(math.Round(gap * float64(time.Second)))
	if s.at >= s.load.For {
		return backpressure.Message{}, false
	}
	m := backpressure.Message{Number: s.number, Scheduled: flow.Time(s.at), Priority: priority(s.random), Body: make([]byte, s.load.Size)}
	s.number++
	return m, true
}

// priority is high for one message in ten, and low for three.
func priority(r *rand.Rand) backpressure.Priority {
	switch n := r.IntN(10); {
	case n == 0:
		return backpressure.High
	case n < 4:
		return backpressure.Low
	}
	return backpressure.Normal
}

// service is how long the worker takes for each message.
type service struct {
	load   *Load
	random *rand.Rand
}

func newService(l *Load) *service {
	return &service{load: l, random: rand.New(rand.NewPCG(l.Seed, 2))}
}

// done returns when a message is processed that is begun at an instant of the run.
func (s *service) done(begun time.Duration) time.Duration {
	took := float64(time.Second) / float64(s.load.Work)
	if s.load.Jitter > 0 {
		took *= 1 + s.load.Jitter*(2*s.random.Float64()-1)
	}
	end := begun + time.Duration(took)
	for _, p := range s.load.Pauses {
		switch {
		case begun >= p.From && begun < p.From+p.For:
			end += p.From + p.For - begun
		case begun < p.From && end > p.From:
			end += p.For
		}
	}
	return end
}
