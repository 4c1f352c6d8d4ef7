package lab

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"flowlab/capture"
	"flowlab/flow"
)

// ErrClosed is the error of attaching to a wire that was closed.
var ErrClosed = errors.New("the wire is closed")

// Wire carries IP packets between the ports attached to it. Its methods may be
// called from any goroutine.
type Wire struct {
	seed   uint64
	start  time.Time
	wall   flow.Time // start by the wall clock
	closed atomic.Bool
	done   chan struct{} // closed with the wire
	once   sync.Once
	egress sync.WaitGroup // a goroutine for each port

	mu     sync.RWMutex
	ports  []*Port
	routes map[netip.Addr]*Port

	tap    atomic.Pointer[Tap]
	filter filter
}

// NewWire returns a wire without ports. Whether a packet is lost depends only
// on the seed, the port's index and how many packets that port sent while it
// had a loss: the same seed gives each port's sequence of packets the same
// fate.
func NewWire(seed uint64) *Wire {
	start := time.Now()
	return &Wire{
		seed:   seed,
		start:  start,
		wall:   flow.FromTime(start),
		done:   make(chan struct{}),
		routes: make(map[netip.Addr]*Port),
		filter: filter{halves: make(map[flow.Tuple]*half)},
	}
}

// Now is the wire's clock; see the package comment.
func (w *Wire) Now() flow.Time { return w.wall.Add(time.Since(w.start)) }

// Attach connects a host that has the given addresses. Packets to them are
// passed to deliver, one at a time for each sending port, on that port's
// goroutine: deliver must not change the packet, wait for long, or close the
// wire. An address that is invalid or already attached is an error, as is
// having none; so is a closed wire ([ErrClosed]).
func (w *Wire) Attach(name string, addrs []netip.Addr, deliver func(packet []byte)) (*Port, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed.Load() {
		return nil, fmt.Errorf("attach %s: %w", name, ErrClosed)
	}
	if len(addrs) == 0 {
		return nil, fmt.Errorf("attach %s: no address", name)
	}
	for i, a := range addrs {
		if !a.IsValid() {
			return nil, fmt.Errorf("attach %s: address %d of %d is invalid", name, i+1, len(addrs))
		}
		if p := w.routes[a.Unmap()]; p != nil {
			return nil, fmt.Errorf("attach %s: %s has the address %s already", name, p.name, a)
		}
	}
	p := &Port{
		wire:    w,
		name:    name,
		index:   len(w.ports),
		deliver: deliver,
		wake:    make(chan struct{}, 1),
	}
	p.random = rand.New(rand.NewPCG(w.seed, uint64(p.index)))
	w.ports = append(w.ports, p)
	for _, a := range addrs {
		w.routes[a.Unmap()] = p
	}
	w.egress.Go(p.run)
	return p, nil
}

// Interfaces describes the ports as a capture's interfaces, by their index.
func (w *Wire) Interfaces() []capture.Interface {
	w.mu.RLock()
	defer w.mu.RUnlock()
	list := make([]capture.Interface, len(w.ports))
	for i, p := range w.ports {
		list[i] = capture.Interface{Name: p.name, LinkType: capture.RawIP}
	}
	return list
}

// Close ends the wire: packets on their way are dropped, the tap gives what it
// has and then [io.EOF], and nothing is delivered any more once Close has
// returned. All its goroutines have ended then. Closing twice is fine.
func (w *Wire) Close() {
	w.once.Do(func() {
		w.mu.Lock() // no port is attached between this and the wait
		w.closed.Store(true)
		w.mu.Unlock()
		close(w.done)
		if tap := w.tap.Load(); tap != nil {
			tap.close()
		}
		w.egress.Wait()
	})
}

// route returns the port that has the packet's destination address, nil if
// none has or the packet has no IP header.
func (w *Wire) route(packet []byte) *Port {
	var to netip.Addr
	switch {
	case len(packet) >= 20 && packet[0]>>4 == 4:
		to = netip.AddrFrom4([4]byte(packet[16:20]))
	case len(packet) >= 40 && packet[0]>>4 == 6:
		to = netip.AddrFrom16([16]byte(packet[24:40]))
	default:
		return nil
	}
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.routes[to]
}

// arrive delivers one port's packets, until the wire is closed.
func (w *Wire) arrive(from *Port, batch []transit) {
	tap := w.tap.Load()
	for _, t := range batch {
		if w.closed.Load() {
			return
		}
		if t.ends != nil {
			w.filter.end(t.ends)
		}
		from.count.delivered.Add(1)
		if tap != nil {
			tap.put(t.to.index, t.data)
		}
		t.to.deliver(t.data)
	}
}
