package lab

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// Port is where a host is attached to a wire. Its methods may be called from
// any goroutine.
type Port struct {
	wire    *Wire
	name    string
	index   int
	deliver func(packet []byte)
	count   counters

	// sending keeps concurrent packets in one order on the tap, for the rules,
	// and on the line.
	sending sync.Mutex
	random  *rand.Rand

	mu   sync.Mutex
	line line
	wake chan struct{} // holds one token when the line was empty and is not
}

// counters are what a port counts; see [PortStats].
type counters struct {
	sent, delivered, lost, overflowed, ruled, unroutable atomic.Uint64
}

// Name is the name that the port was attached with.
func (p *Port) Name() string { return p.name }

// Index is the port's number, counted from 0 in the order of attaching. It is
// the interface index of the packets that a [Tap] saw at this port.
func (p *Port) Index() int { return p.index }

// Path returns what this port's outgoing packets go through.
func (p *Port) Path() Path {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.line.path
}

// SetPath changes what this port's outgoing packets go through from now on.
// Those that are on their way keep their time of arrival, and no later one
// overtakes them. The error is that of [Path.Validate]; nothing is changed
// then.
func (p *Port) SetPath(path Path) error {
	if err := path.Validate(); err != nil {
		return fmt.Errorf("path of port %s: %w", p.name, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.line.path = path
	return nil
}

// Send hands an IP packet to the wire. The wire owns it from then on, and it
// goes to taps and receiver without being copied: nobody may change it. Send
// returns at once, except while a tap is full; it never calls a receiver
// itself. On a closed wire it does nothing.
func (p *Port) Send(packet []byte) {
	w := p.wire
	if w.closed.Load() {
		return
	}
	p.sending.Lock()
	defer p.sending.Unlock()
	p.count.sent.Add(1)
	if tap := w.tap.Load(); tap != nil {
		tap.put(p.index, packet)
	}
	to := w.route(packet)
	if to == nil {
		p.count.unroutable.Add(1)
		return
	}
	drop, ends := w.filter.pass(p.index, to.index, packet)
	if drop {
		p.count.ruled.Add(1)
		return
	}
	p.enqueue(transit{data: packet, to: to, ends: ends})
}

// enqueue puts a packet on the line, if loss and queue let it.
func (p *Port) enqueue(t transit) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if loss := p.line.path.Loss; loss > 0 && p.random.Float64() < loss {
		p.count.lost.Add(1)
		return
	}
	_, busy := p.line.next()
	if !p.line.push(p.wire.Now(), t) {
		p.count.overflowed.Add(1)
		return
	}
	if !busy {
		select {
		case p.wake <- struct{}{}:
		default: // one token is enough
		}
	}
}

// coarse is how late a timer may be. What is due sooner is napped for.
const coarse = 2 * time.Millisecond

// run delivers what the port sent when it is due, until the wire is closed.
// Later packets are never due before earlier ones, so it need not be woken
// while it waits for one.
func (p *Port) run() {
	w := p.wire
	timer := time.NewTimer(0)
	defer timer.Stop()
	var batch []transit
	for !w.closed.Load() {
		now := w.Now()
		p.mu.Lock()
		batch = p.line.take(now, batch[:0])
		due, busy := p.line.next()
		p.mu.Unlock()
		if len(batch) > 0 {
			w.arrive(p, batch)
			clear(batch)
			continue
		}
		wait := due.Sub(now)
		if busy && wait <= coarse {
			nap(wait)
			continue
		}
		var arrival <-chan time.Time
		if busy {
			timer.Reset(wait - coarse)
			arrival = timer.C
		}
		select {
		case <-arrival:
		case <-p.wake:
		case <-w.done:
		}
	}
}
