package live

import (
	"errors"
	"fmt"
	"time"

	"flowlab/capture"
	"flowlab/capture/filter"
	"flowlab/flow"
)

// Any is the name of all interfaces together (Linux).
const Any = "any"

const (
	// mostKept is the longest packet that is ever kept: what libpcap and Wireshark
	// allow too.
	mostKept = 256 << 10
	// usualBuffer is the size of the kernel's buffer where none is asked for, and
	// largeBuffer where packets come whole until they are spared: a sender on the same
	// machine fills 8 MiB before anybody has looked at its first packet.
	usualBuffer = 8 << 20
	largeBuffer = 32 << 20
)

// Options say what to capture.
type Options struct {
	// Interface is its name, or Any.
	Interface string
	// Namespace is the path of the network namespace that the interface is in,
	// such as /run/netns/NAME or /proc/PID/ns/net; empty for the process's own.
	// Linux only.
	Namespace string
	// Filter is an expression of package filter; empty for all packets.
	Filter string
	// SnapLen is the most bytes that are kept of a packet; 0 for 262144, which is
	// also the most.
	SnapLen int
	// Headers is how many bytes are kept of the packets of connections that
	// [Source.Spare] names, and of UDP that is no tunnel; 0 for as many as of all
	// others. Linux only.
	Headers int
	// Buffer is how many bytes of packets wait in the kernel at most; 0 for 8 MiB,
	// or 32 MiB with Headers. Linux rounds it to blocks of 512 KiB, at least two.
	Buffer int
	// Promiscuous also takes packets that are not for this host.
	Promiscuous bool
}

var (
	// ErrNone: no packet came yet.
	ErrNone = errors.New("no packet yet")
	// ErrGone: the interface was removed, or is down.
	ErrGone = errors.New("the interface has gone, or is down")
	// ErrNoInterface: there is no interface of that name.
	ErrNoInterface = errors.New("no such interface")
)

// Stats counts packets since capturing began.
type Stats struct {
	Received int64 // given to the ring, and so to Next, or still waiting in it
	Dropped  int64 // lost, because there was no room for them
}

// Source is an interface that packets are captured from.
type Source struct {
	handle handle
	match  *filter.Filter // nil where the kernel filters
}

// handle is what a system has to capture with.
type handle interface {
	interfaces() []capture.Interface
	// next returns ErrNone if nothing comes for that long, and io.EOF after stop.
	next(wait time.Duration) (capture.Packet, error)
	// spare returns errors.ErrUnsupported where packets are taken alike.
	spare(connections []flow.Tuple) error
	stop()
	stats() (Stats, error)
	close() error
}

// Open opens an interface. Capturing begins at once, and the filter holds from
// the first packet on. The error wraps [io/fs.ErrPermission] if the process may
// not, [ErrNoInterface] if there is none of that name, and [io/fs.ErrNotExist]
// if there is no such namespace.
func Open(o Options) (*Source, error) {
	if o.SnapLen < 0 || o.SnapLen > mostKept {
		return nil, fmt.Errorf("snap length %d: must be 0 to %d", o.SnapLen, mostKept)
	}
	if o.SnapLen == 0 {
		o.SnapLen = mostKept
	}
	if o.Headers < 0 || o.Headers > o.SnapLen {
		return nil, fmt.Errorf("headers of %d bytes: must be 0 to %d", o.Headers, o.SnapLen)
	}
	if o.Buffer <= 0 {
		o.Buffer = usualBuffer
		if o.Headers > 0 {
			o.Buffer = largeBuffer
		}
	}
	s := &Source{}
	var err error
	if s.handle, s.match, err = open(&o); err != nil {
		return nil, fmt.Errorf("capture on %s: %w", o.Interface, err)
	}
	return s, nil
}

// Interfaces are those that packets came from so far. With [Any] there may be
// more later; what is there stays. The caller must not change them.
func (s *Source) Interfaces() []capture.Interface { return s.handle.interfaces() }

// Next returns the next packet, whose data is valid until the next call. If none
// comes within that time the error is [ErrNone], after [Source.Stop] and the last
// packet [io.EOF], and where the interface is no more [ErrGone]. It is called
// from one goroutine.
func (s *Source) Next(wait time.Duration) (capture.Packet, error) {
	for {
		p, err := s.handle.next(wait)
		if err != nil || s.match == nil || s.match.Match(p.Data, p.Length) {
			return p, err
		}
	}
}

// Spare has only Options.Headers bytes be kept of the packets of these connections, in
// both directions, from now on, instead of those named before. What is in the buffer
// stays as it is. The error wraps [errors.ErrUnsupported] where that cannot be done, and
// is another where the kernel has no memory for so many; then those named before hold.
func (s *Source) Spare(connections []flow.Tuple) error {
	if len(connections) > MostSpared {
		return fmt.Errorf("%d connections: at most %d can be spared", len(connections), MostSpared)
	}
	return s.handle.spare(connections)
}

// MostSpared is how many connections can be spared at a time.
const MostSpared = 512

// Headroom is how many bytes a packet may have beyond Options.SnapLen: a cooked header
// and a VLAN tag.
const Headroom = 24

// Stop ends the capturing. Next returns what came before, and then [io.EOF]. It
// may be called from any goroutine.
func (s *Source) Stop() { s.handle.stop() }

// Stats tells how many packets came and how many were lost. It may be called from
// any goroutine.
func (s *Source) Stats() (Stats, error) { return s.handle.stats() }

// Close gives everything back. No packet may be used any more.
func (s *Source) Close() error { return s.handle.close() }
