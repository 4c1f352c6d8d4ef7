package lab

import (
	"context"
	"io"
	"sync"
	"time"

	"flowlab/capture"
)

// A tap holds no more than this; then those who send wait for its reader.
const (
	tapPackets = 64 << 10
	tapBytes   = 64 << 20
)

// gatherTime is how long a reader that waited lets packets gather after the
// first: to be woken for each one would cost more than the capture itself.
const gatherTime = time.Millisecond

// Tap captures every packet of a wire twice: where it is sent and where it is
// delivered, with the port's index as the interface. Time stamps never run
// backwards in it.
//
// Nothing is ever missing from a tap. It holds 65,536 packets or 64 MiB beyond
// the batch that its reader has; when that is full, sending and delivering wait
// until the next call of [Tap.Next], or until the wire is closed. So who makes
// a tap must read it, and one who stops reading closes the wire.
type Tap struct {
	wire   *Wire
	ready  chan struct{} // holds one token for a reader that waits
	gather *time.Timer

	mu      sync.Mutex
	room    *sync.Cond
	packets []capture.Packet
	bytes   int
	given   []capture.Packet // the batch that the reader has
	waiting bool             // the reader waits for ready
	closed  bool
}

// Tap starts capturing. A wire has one tap; later calls return the same. What
// was sent before the first call is not captured.
func (w *Wire) Tap() *Tap {
	t := &Tap{wire: w, ready: make(chan struct{}, 1)}
	t.gather = time.NewTimer(gatherTime)
	t.room = sync.NewCond(&t.mu)
	if !w.tap.CompareAndSwap(nil, t) {
		return w.tap.Load()
	}
	if w.closed.Load() {
		t.close()
	}
	return t
}

// Next returns the packets since the last call, in order; it waits for the
// first, and a millisecond for more to gather. The batch is valid until the next call, its packets' data for ever.
// After the wire was closed and the last packet was returned the error is
// [io.EOF]; if ctx ends while waiting, it is ctx's. Only one goroutine may call
// it at a time.
func (t *Tap) Next(ctx context.Context) ([]capture.Packet, error) {
	for {
		if batch, err := t.take(); len(batch) > 0 || err != nil {
			return batch, err
		}
		select {
		case <-t.ready:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		t.gather.Reset(gatherTime)
		select {
		case <-t.gather.C:
		case <-t.wire.done:
		case <-ctx.Done(): // what came is returned first
		}
	}
}

// take swaps the gathered packets for the batch that the reader gives back.
func (t *Tap) take() ([]capture.Packet, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.packets) == 0 {
		if t.closed {
			return nil, io.EOF
		}
		t.waiting = true
		return nil, nil
	}
	clear(t.given) // lets go of the packets' data
	t.packets, t.given = t.given[:0], t.packets
	t.bytes = 0
	t.room.Broadcast()
	return t.given, nil
}

// put records a packet that passes a port now. The time is taken under the
// lock, so that order and stamps agree.
func (t *Tap) put(port int, data []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for !t.closed && (len(t.packets) >= tapPackets || t.bytes >= tapBytes) {
		t.room.Wait()
	}
	if t.closed {
		return
	}
	t.packets = append(t.packets, capture.Packet{
		Time:      t.wire.Now(),
		Interface: port,
		Data:      data,
		Length:    len(data),
	})
	t.bytes += len(data)
	t.wake()
}

// close lets everyone go who waits.
func (t *Tap) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	t.room.Broadcast()
	t.wake()
}

func (t *Tap) wake() {
	if !t.waiting {
		return
	}
	t.waiting = false
	select {
	case t.ready <- struct{}{}:
	default: // a token that an earlier, cancelled wait left
	}
}
