package backpressure

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"flowlab/flow"
)

var body = make([]byte, 100)

// model is a queue as its words say, without any care for cost.
type model struct {
	capacity int
	overflow Overflow
	failed   bool
	waiting  []Message
}

func (m *model) offer(n Message) Outcome {
	switch {
	case m.failed:
		return Failed
	case m.capacity == 0 || len(m.waiting) < m.capacity:
		m.waiting = append(m.waiting, n)
		return Taken
	case m.overflow == Wait:
		return Full
	case m.overflow == DropWrite:
		return Rejected
	case m.overflow == Fail:
		m.failed = true
		return Failed
	case m.overflow == DropNewest:
		m.waiting[len(m.waiting)-1] = n
	default:
		m.waiting = append(m.waiting[1:], n)
	}
	return Replaced
}

// TestQueueIsItsModel holds queues of random capacities to the model, through random
// offers and takes, and both to the account: nothing is lost on the way.
func TestQueueIsItsModel(t *testing.T) {
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 1))
		m := model{capacity: r.IntN(40), overflow: Overflow(r.IntN(len(overflowNames)))}
		q := NewQueue(m.capacity, m.overflow)
		a := Account{}
		bytes, longest := int64(0), 0
		for n := range int64(500) {
			if r.IntN(100) < 45 {
				got, ok := q.Take()
				if ok != (len(m.waiting) > 0) || ok && got.Number != m.waiting[0].Number {
					t.Fatalf("seed %d: took %+v, %v of %d", seed, got, ok, len(m.waiting))
				}
				if ok {
					m.waiting = m.waiting[1:]
					a.Delivered++
				}
				continue
			}
			msg := Message{Number: n, Body: body[:r.IntN(100)]}
			got, want := q.Offer(msg, flow.Time(n)), m.offer(msg)
			if got != want {
				t.Fatalf("seed %d: message %d, queue of %d, %s: outcome %d, want %d", seed, n, m.capacity, m.overflow, got, want)
			}
			a.Scheduled++
			a.Offered++
			switch got {
			case Full:
				a.Offered--
				a.Withheld++
			case Replaced, Rejected:
				a.Dropped++
			case Failed:
				a.Failed++
			}
			longest = max(longest, len(m.waiting))
		}
		a.Queued = int64(q.Len())
		if err := a.Balance(); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
		for _, w := range m.waiting {
			bytes += int64(len(w.Body))
		}
		if q.Len() != len(m.waiting) || q.Bytes() != bytes || q.Longest() != longest || m.capacity > 0 && longest > m.capacity {
			t.Errorf("seed %d: %d messages, %d bytes, longest %d, want %d, %d, %d", seed, q.Len(), q.Bytes(), q.Longest(), len(m.waiting), bytes, longest)
		}
		for q.Len() > 0 {
			q.Take()
		}
		if q.Bytes() != 0 {
			t.Errorf("seed %d: an empty queue has %d bytes", seed, q.Bytes())
		}
	}
}

// TestOverflow: what each way drops, by name, as the documentation of .NET says it.
func TestOverflow(t *testing.T) {
	for overflow, want := range map[Overflow]struct {
		outcomes []Outcome
		left     []int64
	}{
		Wait:       {[]Outcome{Taken, Taken, Full, Full}, []int64{0, 1}},
		DropNewest: {[]Outcome{Taken, Taken, Replaced, Replaced}, []int64{0, 3}},
		DropOldest: {[]Outcome{Taken, Taken, Replaced, Replaced}, []int64{2, 3}},
		DropWrite:  {[]Outcome{Taken, Taken, Rejected, Rejected}, []int64{0, 1}},
		Fail:       {[]Outcome{Taken, Taken, Failed, Failed}, []int64{0, 1}},
	} {
		q := NewQueue(2, overflow)
		var outcomes []Outcome
		for n := range int64(4) {
			outcomes = append(outcomes, q.Offer(Message{Number: n}, 0))
		}
		var left []int64
		for m, ok := q.Take(); ok; m, ok = q.Take() {
			left = append(left, m.Number)
		}
		if !slices.Equal(outcomes, want.outcomes) || !slices.Equal(left, want.left) {
			t.Errorf("%s: outcomes %v, left %v, want %v, %v", overflow, outcomes, left, want.outcomes, want.left)
		}
	}
	q := NewQueue(1, Fail)
	q.Offer(Message{}, 0)
	q.Offer(Message{}, 0)
	q.Take()
	if q.Offer(Message{}, 0) != Failed {
		t.Error("a stream that has overflowed goes on once there is room")
	}
}

// TestExpiry: a message leaves once it has waited for longer than it may, and no sooner.
func TestExpiry(t *testing.T) {
	q := NewQueue(10, DropOldest)
	q.Expire(time.Second)
	at := func(d time.Duration) flow.Time { return flow.Time(d) }
	q.Offer(Message{Number: 1}, at(0))
	q.Offer(Message{Number: 2}, at(300*time.Millisecond))
	if _, ok := q.Expired(at(time.Second)); ok {
		t.Error("it is gone after exactly its time")
	}
	if m, ok := q.Expired(at(time.Second + 1)); !ok || m.Number != 1 {
		t.Errorf("%+v, %v, want the first", m, ok)
	}
	if _, ok := q.Expired(at(time.Second + 1)); ok {
		t.Error("the second is gone with the first")
	}
	if q.Len() != 1 {
		t.Errorf("%d are left", q.Len())
	}
}

func TestQueueDoesNotAllocate(t *testing.T) {
	q := NewQueue(1000, DropOldest)
	n := int64(0)
	if got := testing.AllocsPerRun(5000, func() {
		n++
		q.Offer(Message{Number: n, Body: body}, flow.Time(n))
		if n%2 == 0 {
			q.Take()
		}
	}); got != 0 {
		t.Errorf("%v allocations a message", got)
	}
}
