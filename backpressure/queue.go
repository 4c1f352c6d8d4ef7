package backpressure

import (
	"time"

	"flowlab/flow"
)

// Overflow is what a queue does with a message for which it has no room.
type Overflow uint8

// The first four are the BoundedChannelFullMode of .NET's System.Threading.Channels, by
// their names there; Fail is Reactive Streams' error strategy (RxJava's
// BackpressureStrategy.ERROR, Reactor's onBackpressureError).
const (
	Wait       Overflow = iota // it waits until there is room
	DropNewest                 // the newest message in the queue is dropped to make room
	DropOldest                 // the oldest one is
	DropWrite                  // the message itself is dropped
	Fail                       // the sender gets an error, and the stream is at its end
)

var overflowNames = [...]string{"wait", "drop-newest", "drop-oldest", "drop-write", "fail"}

func (o Overflow) String() string { return overflowNames[o] }

// Outcome is what became of a message that was offered to a queue.
type Outcome uint8

// The outcomes.
const (
	Taken    Outcome = iota // it is in the queue
	Replaced                // it is in the queue, and another was dropped for it
	Rejected                // it was dropped
	Full                    // it is to be offered again when there is room
	Failed                  // it was refused, and so is all that follows
)

// Queue is a queue in order of arrival. It is not for two goroutines at once.
type Queue struct {
	capacity int
	overflow Overflow
	life     time.Duration
	failed   bool

	ring  []Message
	first int
	len   int
	bytes int64

	longest   int
	mostBytes int64
}

// NewQueue returns a queue of at most capacity messages; 0 is without a bound, and then
// nothing overflows.
func NewQueue(capacity int, o Overflow) *Queue {
	return &Queue{capacity: capacity, overflow: o, ring: make([]Message, max(capacity, 16))}
}

// Expire has messages leave the queue once they have waited for longer than life; 0, as
// from the beginning, lets them wait. That is the buffer with a time to live of Reactor's
// onBackpressureBuffer(Duration, int, Consumer), which also drops the oldest where it
// overflows.
func (q *Queue) Expire(life time.Duration) { q.life = life }

// Len is how many messages wait.
func (q *Queue) Len() int { return q.len }

// Bytes is how many bytes the messages that wait have.
func (q *Queue) Bytes() int64 { return q.bytes }

// Longest is the most messages that ever waited, and MostBytes the most bytes.
func (q *Queue) Longest() int     { return q.longest }
func (q *Queue) MostBytes() int64 { return q.mostBytes }

// Room tells whether one more message can be taken without any other's loss.
func (q *Queue) Room() bool { return q.capacity == 0 || q.len < q.capacity }

// Offer offers a message at a time, and returns what became of it. What has expired by
// then must have been taken out by [Queue.Expired].
func (q *Queue) Offer(m Message, now flow.Time) Outcome {
	if q.failed {
		return Failed
	}
	out := Taken
	if !q.Room() {
		switch q.overflow {
		case Wait:
			return Full
		case DropWrite:
			return Rejected
		case Fail:
			q.failed = true
			return Failed
		case DropNewest:
			q.removeLast()
		case DropOldest:
			q.Take()
		}
		out = Replaced
	}
	m.Arrived = now
	q.append(m)
	return out
}

// Expired takes out one message that has waited too long by now. It is false if there is
// none; the rest are younger.
func (q *Queue) Expired(now flow.Time) (Message, bool) {
	if q.life == 0 || q.len == 0 || now.Sub(q.ring[q.first].Arrived) <= q.life {
		return Message{}, false
	}
	return q.Take()
}

// Take takes the oldest message out; it is false if there is none.
func (q *Queue) Take() (Message, bool) {
	if q.len == 0 {
		return Message{}, false
	}
	m := q.ring[q.first]
	q.ring[q.first] = Message{}
	if q.first++; q.first == len(q.ring) {
		q.first = 0
	}
	q.len--
	q.bytes -= int64(len(m.Body))
	return m, true
}

func (q *Queue) append(m Message) {
	if q.len == len(q.ring) {
		q.grow()
	}
	at := q.first + q.len
	if at >= len(q.ring) {
		at -= len(q.ring)
	}
	q.ring[at] = m
	q.len++
	q.bytes += int64(len(m.Body))
	q.longest, q.mostBytes = max(q.longest, q.len), max(q.mostBytes, q.bytes)
}

// grow makes room in a queue without a bound.
func (q *Queue) grow() {
	ring := make([]Message, 2*len(q.ring))
	n := copy(ring, q.ring[q.first:])
	copy(ring[n:], q.ring[:q.first])
	q.ring, q.first = ring, 0
}

func (q *Queue) removeLast() {
	at := (q.first + q.len - 1) % len(q.ring)
	q.bytes -= int64(len(q.ring[at].Body))
	q.ring[at] = Message{}
	q.len--
}
