// One service of a chain.

package overload

import (
	"errors"
	"sync"
	"time"

	"flowlab/backpressure"
	"flowlab/flow"
)

// hop is a service: what comes waits in its queue for its worker, which passes on what
// needs the next service, and answers the rest. Answers of the next one it passes back.
//
// An answer is a signal with the message's number, and in Count how many nanoseconds to
// wait before it is worth to ask again; 0 if it was processed.
type hop struct {
	Hop
	load    *ChainLoad
	policy  *ChainPolicy
	in, out Link // out is nil of the last
	times   *service
	limit   *backpressure.Bucket  // nil where all are let through
	shedder *backpressure.Shedder // nil where nothing is refused
	telling sync.Mutex            // of in's signals

	inbox       // and with it Hop, and what follows
	kept  int64 // by the worker, for a next service that is gone
}

// Hop is what one service of a chain came to. Its account is of what came to it, and what
// it passed on was delivered.
type Hop struct {
	Name      string
	Account   backpressure.Account
	Answered  int64         // of the delivered: it answered them itself
	Longest   int           // messages that waited in its queue at a time
	MostBytes int64         // that they had
	Blocked   time.Duration // for which its worker waited for the next service
	Died      time.Duration // when its process did; 0 if it lived
}

func newHop(i int, l *ChainLoad, p *ChainPolicy, in, out Link) *hop {
	own := l.Load
	own.Seed += uint64(i)
	if out != nil {
		own.Work, own.Pauses = l.Quick, nil
	}
	capacity := l.Capacity
	if p.unbound {
		capacity = 0
	}
	h := &hop{
		Hop: Hop{Name: services[i]}, load: l, policy: p, in: in, out: out, times: newService(&own),
	}
	h.open(backpressure.NewQueue(capacity, backpressure.Wait), l.Memory)
	if i == 0 && p.limit > 0 {
		h.limit = backpressure.NewBucket(p.limit, burst, 0)
	}
	if out == nil && p.sheds {
		h.shedder = backpressure.NewShedder(l.Capacity, l.Work)
	}
	return h
}

// read takes in what comes, up to the end of the link.
func (h *hop) read(pace *pace) {
	for {
		m, err := h.in.Receive()
		if err != nil {
			return
		}
		if retry, ok := h.arrive(m, pace); !ok {
			h.tell(m.Number, retry)
		}
	}
}

// arrive takes in a message, once there is room for it. It is false if the message was
// refused, and then it is worth to ask again after retry.
func (h *hop) arrive(m backpressure.Message, pace *pace) (retry time.Duration, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.Account.Scheduled++
	h.Account.Offered++
	if retry, ok := h.admit(m, pace); !ok && !h.over() {
		h.Account.Shed++
		return retry, false
	}
	for {
		switch {
		case h.died > 0: // what is still on its way to a dead process is lost with it
			h.Account.Lost++
			return 0, true
		case h.stopped:
			h.Account.Queued++
			return 0, true
		}
		if h.queue.Offer(m, flow.Time(pace.now())) != backpressure.Full {
			if lost, died := h.came(pace); died {
				h.Account.Lost += lost
				h.in.Refuse(ErrGone)
			}
			return 0, true
		}
		h.room.Wait()
	}
}

// admit tells whether a message is taken in at all; if not, after which time it might be.
func (h *hop) admit(m backpressure.Message, pace *pace) (retry time.Duration, ok bool) {
	switch {
	case h.limit != nil:
		return h.limit.Take(flow.Time(pace.now()))
	case h.shedder != nil:
		return h.shedder.Admit(m.Priority, h.queue.Len())
	}
	return 0, true
}

// work processes one message after the other until the run stops, its process dies, or
// the next service is gone.
func (h *hop) work(pace *pace) {
	if h.out != nil {
		defer h.out.End()
	}
	var done time.Duration // with the one before
	for {
		m, waited, ok := h.next()
		if !ok {
			return
		}
		if waited {
			done = pace.now()
		}
		done = h.times.done(done)
		if !pace.until(done) {
			h.enter(&h.Account.Queued)
			return
		}
		if !h.process(m, pace) {
			return
		}
	}
}

// next waits for a message: see [inbox.take].
func (h *hop) next() (m backpressure.Message, waited, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.take()
}

// process passes a message on, or answers it. It is false if that was the last.
func (h *hop) process(m backpressure.Message, pace *pace) bool {
	if h.out == nil || !h.load.deep(m) {
		if h.enter(&h.Account.Delivered) {
			h.Answered++ // the worker's alone
			h.tell(m.Number, 0)
		}
		return true
	}
	switch err := h.out.Send(m, pace.stop); {
	case err == nil:
		// It is the next one's now, also if this process has died meanwhile.
		h.mu.Lock()
		h.Account.Delivered++
		h.mu.Unlock()
		return true
	case errors.Is(err, ErrStopped):
		h.enter(&h.Account.Queued)
	default:
		h.mu.Lock()
		h.kept++
		h.mu.Unlock()
	}
	return false
}

// enter enters what became of the message that is processed: if the process died
// meanwhile, it is lost.
func (h *hop) enter(count *int64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.died > 0 {
		h.Account.Lost++
		return false
	}
	*count++
	return true
}

// tell answers a message.
func (h *hop) tell(number int64, retry time.Duration) {
	h.telling.Lock()
	defer h.telling.Unlock()
	h.in.Signal(Signal{N: number, Count: int64(retry)})
}

// relay passes answers of the next service back until the run stops.
func (h *hop) relay(stop <-chan struct{}) {
	for {
		select {
		case s := <-h.out.Signals():
			h.mu.Lock()
			dead := h.died > 0
			h.mu.Unlock()
			if !dead {
				h.tell(s.N, time.Duration(s.Count))
			}
		case <-stop:
			return
		}
	}
}

// result is what the hop came to, once nothing of it goes on.
func (h *hop) result() Hop {
	r := h.Hop
	r.Died = h.died
	if r.Died > 0 {
		r.Account.Lost += h.kept
	} else {
		r.Account.Queued += int64(h.queue.Len()) + h.kept
	}
	if h.out != nil {
		r.Blocked = h.out.Waited()
	}
	r.Longest, r.MostBytes = h.queue.Longest(), h.queue.MostBytes()
	return r
}
