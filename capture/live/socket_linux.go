package live

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"flowlab/capture"
	"flowlab/capture/filter"
	"flowlab/flow"
)

// socket captures through a packet socket (packet(7)).
type socket struct {
	fd       int
	ring     *ring
	link     capture.LinkType // of all packets
	snap     int
	sparing  *sparing      // nil if all packets are taken alike
	known    map[int32]int // index into ifaces, by the system's number
	ifaces   []capture.Interface
	loopback []bool // by the same index

	latest      int // the interface of the packet before
	latestIndex int32

	mu      sync.Mutex // of what follows, which other goroutines ask for
	counts  Stats
	closed  bool
	stopped bool
}

// open opens a packet socket.
func open(o *Options) (handle, *filter.Filter, error) {
	var s *socket
	var match *filter.Filter
	err := within(o.Namespace, func() (err error) {
		s, match, err = openSocket(o)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return s, match, nil
}

// openSocket does so in the namespace that the thread is in. Nothing is captured
// before the last step, which binds it: the protocol of the socket is none.
func openSocket(o *Options) (_ *socket, match *filter.Filter, err error) {
	found, err := lookUp(o.Interface)
	if err != nil {
		return nil, nil, err
	}
	kind := unix.SOCK_RAW
	if found.link == capture.LinuxCooked2 {
		kind = unix.SOCK_DGRAM
	}
	fd, err := unix.Socket(unix.AF_PACKET, kind|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("packet socket: %w", err)
	}
	s := &socket{fd: fd, link: found.link, snap: o.SnapLen, known: map[int32]int{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	program, match, err := compile(o, found.link)
	if err != nil {
		return nil, nil, err
	}
	if program, match, err = attachOr(fd, program, match, o, found.link); err != nil {
		return nil, nil, err
	}
	if o.Headers > 0 {
		s.sparing = newSparing(o, found.link, program)
		if err := s.spare(nil); err != nil {
			return nil, nil, err
		}
	}
	if s.ring, err = s.newRing(o); err != nil {
		return nil, nil, err
	}
	if found.index != 0 {
		s.add(found.index, found.name, found.loopback)
	}
	return s, match, s.bind(o, found)
}

// newRing sets what must be set before there is a ring, and makes it.
func (s *socket) newRing(o *Options) (*ring, error) {
	for _, option := range []struct{ name, value int }{
		{unix.PACKET_VERSION, unix.TPACKET_V3},
		{unix.PACKET_RESERVE, Headroom},
	} {
		if err := unix.SetsockoptInt(s.fd, unix.SOL_PACKET, option.name, option.value); err != nil {
			return nil, fmt.Errorf("packet socket, option %d = %d: %w", option.name, option.value, err)
		}
	}
	return newRing(s.fd, o.Buffer)
}

// bind begins to capture.
func (s *socket) bind(o *Options, i found) error {
	if i.loopback {
		if err := unix.SetsockoptInt(s.fd, unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING, 1); err != nil {
			return fmt.Errorf("leave out what goes out: %w", err)
		}
	}
	if o.Promiscuous && i.index != 0 {
		member := unix.PacketMreq{Ifindex: i.index, Type: unix.PACKET_MR_PROMISC}
		if err := unix.SetsockoptPacketMreq(s.fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP, &member); err != nil {
			return fmt.Errorf("promiscuous mode: %w", err)
		}
	}
	network := binary.BigEndian.AppendUint16(nil, unix.ETH_P_ALL)
	everything := binary.NativeEndian.Uint16(network)
	if err := unix.Bind(s.fd, &unix.SockaddrLinklayer{Protocol: everything, Ifindex: int(i.index)}); err != nil {
		return fmt.Errorf("bind: %w", err)
	}
	// A socket that is bound to an interface that is down says so at once.
	switch code, err := unix.GetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_ERROR); {
	case err != nil:
		return err
	case code != 0:
		return fmt.Errorf("bind: %w", unix.Errno(code))
	}
	return nil
}

// attachOr attaches a program, or one that takes all where the kernel has no
// memory for it (net.core.optmem_max): then the filter is to be applied afterwards. It
// returns what is attached.
func attachOr(fd int, program []bpf.RawInstruction, match *filter.Filter, o *Options, link capture.LinkType) ([]bpf.RawInstruction, *filter.Filter, error) {
	err := attach(fd, program)
	if !errors.Is(err, unix.ENOMEM) {
		return program, match, err
	}
	match, err = filter.Compile(o.Filter, link)
	if err != nil {
		return nil, nil, err
	}
	return all(o), match, attach(fd, all(o))
}

// spare takes only the headers of connections.
func (s *socket) spare(connections []flow.Tuple) error {
	if s.sparing == nil {
		return errors.ErrUnsupported
	}
	program, err := s.sparing.compile(connections)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.stopped {
		return nil
	}
	return attach(s.fd, program)
}

// attach has the kernel apply a program.
func attach(fd int, program []bpf.RawInstruction) error {
	instructions := make([]unix.SockFilter, len(program))
	for i, p := range program {
		instructions[i] = unix.SockFilter{Code: p.Op, Jt: p.Jt, Jf: p.Jf, K: p.K}
	}
	if err := unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{
		Len: uint16(len(instructions)), Filter: &instructions[0],
	}); err != nil {
		return fmt.Errorf("attach a filter of %d instructions: %w", len(program), err)
	}
	return nil
}

// find finds an interface by the system's number, which a packet may come from
// for the first time.
func (s *socket) find(index int32) int {
	n, ok := s.known[index]
	if !ok {
		name, loopback := nameOf(s.fd, index)
		n = s.add(index, name, loopback)
	}
	s.latest, s.latestIndex = n, index
	return n
}

func (s *socket) add(index int32, name string, loopback bool) int {
	n := len(s.ifaces)
	s.known[index] = n
	s.ifaces = append(s.ifaces, capture.Interface{Name: name, LinkType: s.link, SnapLen: s.snap + Headroom})
	s.loopback = append(s.loopback, loopback)
	return n
}

func (s *socket) interfaces() []capture.Interface { return s.ifaces }

// stop has the kernel take no more, and whoever waits for packets wake.
func (s *socket) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.stopped = true
	// If it fails, packets go on to come for a moment.
	_ = attach(s.fd, []bpf.RawInstruction{{Op: unix.BPF_RET | unix.BPF_K}})
	s.ring.stop()
}

// stats adds up what the kernel has counted since it was asked last.
func (s *socket) stats() (Stats, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return s.counts, nil
	}
	count, err := unix.GetsockoptTpacketStatsV3(s.fd, unix.SOL_PACKET, unix.PACKET_STATISTICS)
	if err != nil {
		return s.counts, fmt.Errorf("count packets: %w", err)
	}
	s.counts.Received += int64(count.Packets) - int64(count.Drops)
	s.counts.Dropped += int64(count.Drops)
	return s.counts, nil
}

func (s *socket) close() (err error) {
	if s.ring != nil {
		_, _ = s.stats() // the last ones
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	if s.ring != nil {
		err = s.ring.close()
	}
	return errors.Join(err, unix.Close(s.fd))
}
