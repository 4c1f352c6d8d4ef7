package overload

import (
	"sync"
	"time"

	"flowlab/backpressure"
)

// inbox is the queue of a service, which a reader fills and a worker empties. The process
// dies once the queue takes more memory than it may, with all that is in it.
type inbox struct {
	mu      sync.Mutex // what follows, and what its owner says
	room    sync.Cond  // the queue has room again, or nothing more comes of it
	filled  sync.Cond  // the queue has a message, or nothing more comes of it
	queue   *backpressure.Queue
	memory  int64         // bytes
	ready   func()        // is called before each look at the queue, unless it is nil
	died    time.Duration // when the process did; 0 if it lives
	stopped bool
}

func (b *inbox) open(q *backpressure.Queue, memory int64) {
	b.queue, b.memory = q, memory
	b.room.L, b.filled.L = &b.mu, &b.mu
}

// over tells whether nothing more comes of what is in it. mu is held, as for all that
// follows but close.
func (b *inbox) over() bool { return b.stopped || b.died > 0 }

// came tells the worker that there is one more message. If the process dies of it, it
// returns how many messages are lost with it.
func (b *inbox) came(pace *pace) (lost int64, died bool) {
	b.filled.Signal()
	if b.queue.Bytes()+overhead*int64(b.queue.Len()) <= b.memory {
		return 0, false
	}
	b.died = pace.now()
	for _, ok := b.queue.Take(); ok; _, ok = b.queue.Take() {
		lost++
	}
	return lost, true
}

// overhead is what a message in a queue takes besides its body.
const overhead = 64

// take waits for a message, and tells whether it had to. It is false if there will be
// none.
func (b *inbox) take() (m backpressure.Message, waited, ok bool) {
	for {
		if b.over() {
			return m, waited, false
		}
		if b.ready != nil {
			b.ready()
		}
		if m, ok = b.queue.Take(); ok {
			b.room.Signal()
			return m, waited, true
		}
		waited = true
		b.filled.Wait()
	}
}

// close ends the run: what waits stays where it is.
func (b *inbox) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stopped = true
	b.room.Broadcast()
	b.filled.Broadcast()
}
