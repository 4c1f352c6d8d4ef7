package netstack

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"flowlab/capture"
	"flowlab/flow"
	"flowlab/lab"
	"flowlab/tcpwin"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
)

// Host is a TCP/IP stack on a wire. Its methods may be called from any
// goroutine.
type Host struct {
	wire   *lab.Wire
	port   *lab.Port
	link   *link
	stack  *stack.Stack
	mtu    int
	both   bool // it has IPv4 and IPv6 addresses
	first  tcpip.NetworkProtocolNumber
	tracks tracks
	window atomic.Int64 // bytes
	delay  atomic.Int64 // time.Duration
	once   sync.Once
}

// nic is the number of a host's only network card.
const nic tcpip.NICID = 1

// NewHost attaches a host to a wire. Options out of their range are an error,
// as are addresses that the wire does not take.
func NewHost(w *lab.Wire, o Options) (*Host, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("host %s: %w", o.Name, err)
	}
	h := &Host{wire: w, mtu: o.MTU}
	h.window.Store(int64(o.Window))
	h.delay.Store(int64(o.DelayedACK))
	h.tracks = tracks{all: make(map[flow.Tuple]*track), fresh: h.newTrack}
	h.link = &link{mtu: uint32(o.MTU), send: h.outbound}
	if h.port, err = w.Attach(o.Name, o.Addrs, h.inbound); err != nil {
		return nil, fmt.Errorf("host: %w", err)
	}
	if err := h.start(o); err != nil {
		h.Close()
		return nil, fmt.Errorf("host %s: %w", o.Name, err)
	}
	return h, nil
}

// start makes the stack and connects it to the wire.
func (h *Host) start(o Options) error {
	h.stack = stack.New(stack.Options{
		NetworkProtocols:   []stack.NetworkProtocolFactory{ipv4.NewProtocol, ipv6.NewProtocol},
		TransportProtocols: []stack.TransportProtocolFactory{tcp.NewProtocolProbe(h.probe)},
		HandleLocal:        true,
	})
	if err := setTCP(h.stack, o); err != nil {
		return err
	}
	if err := h.stack.CreateNIC(nic, h.link); err != nil {
		return fmt.Errorf("network card: %s", err)
	}
	h.first = protocolOf(o.Addrs[0].Unmap())
	for _, a := range o.Addrs {
		a = a.Unmap()
		protocol := protocolOf(a)
		h.both = h.both || protocol != h.first
		address := tcpip.ProtocolAddress{Protocol: protocol, AddressWithPrefix: toStack(a).WithPrefix()}
		if err := h.stack.AddProtocolAddress(nic, address, stack.AddressProperties{}); err != nil {
			return fmt.Errorf("address %s: %s", a, err)
		}
	}
	h.stack.SetRouteTable([]tcpip.Route{
		{Destination: header.IPv4EmptySubnet, NIC: nic},
		{Destination: header.IPv6EmptySubnet, NIC: nic},
	})
	return nil
}

// setTCP sets the options of all the stack's TCP sockets.
func setTCP(s *stack.Stack, o Options) error {
	congestion := tcpip.CongestionControlOption(o.CongestionControl)
	sack := tcpip.TCPSACKEnabled(true)
	var recovery tcpip.TCPRecovery
	if o.LossDetection {
		recovery = tcpip.TCPRACKLossDetection
	}
	send := tcpip.TCPSendBufferSizeRangeOption{Min: 1, Default: o.SendBuffer, Max: o.SendBuffer}
	// The window scale is made for Max, so that a window can grow while its
	// connection is open; 7 is what most systems use. Conn sees to it that no
	// buffer is ever tuned towards Max.
	receive := tcpip.TCPReceiveBufferSizeRangeOption{
		Min:     1,
		Default: 2 * o.Window,
		Max:     max(2*o.Window, 65535<<7),
	}
	for _, option := range []tcpip.SettableTransportProtocolOption{&congestion, &sack, &recovery, &send, &receive} {
		if err := s.SetTransportProtocolOption(tcp.ProtocolNumber, option); err != nil {
			return fmt.Errorf("TCP option %T: %s", option, err)
		}
	}
	return nil
}

// Port is where the host is attached; its path is what the host's packets go
// through.
func (h *Host) Port() *lab.Port { return h.port }

// SetWindow changes the largest window that the host advertises, in bytes, also
// for connections that are open. A window is never shrunk (RFC 9293 3.8.6): a
// smaller one takes effect as data come in. Nor can it outgrow what the
// connection's window scale can say: 8 MiB where [Options.Window] was at most 4
// MiB. The handshake of a listener opened before still advertises the window of
// then. Values below 1 count as 1.
func (h *Host) SetWindow(bytes int) {
	bytes = min(max(bytes, 1), maxWindow)
	h.window.Store(int64(bytes))
	var receive tcpip.TCPReceiveBufferSizeRangeOption
	if h.stack.TransportProtocolOption(tcp.ProtocolNumber, &receive) == nil {
		receive.Default = 2 * bytes
		receive.Max = max(receive.Max, receive.Default)
		h.stack.SetTransportProtocolOption(tcp.ProtocolNumber, &receive)
	}
	for _, t := range h.tracks.list() {
		if ep := t.bound(); ep != nil {
			h.applyWindow(ep)
		}
	}
}

// applyWindow gives a connection the receive buffer that makes the host's
// window, and keeps the stack from tuning it.
func (h *Host) applyWindow(ep tcpip.Endpoint) {
	ep.SocketOptions().SetReceiveBufferSize(2*h.window.Load(), true)
}

// SetDelayedACK changes for how long ACKs may be held back, also on connections
// that are open; 0 and less is not at all.
func (h *Host) SetDelayedACK(d time.Duration) {
	h.delay.Store(int64(d))
	for _, t := range h.tracks.list() {
		t.acks.set(d)
	}
}

// Close resets the host's connections and ends its stack, with all goroutines
// and timers. Its port stays on the wire, and what comes to it is lost. Closing
// twice is fine.
func (h *Host) Close() {
	h.once.Do(func() {
		h.link.detach()
		if h.stack != nil {
			h.stack.Destroy()
		}
		for _, t := range h.tracks.list() {
			t.acks.stop()
			t.tell(func(now flow.Time, truth *truth) { truth.end(now) })
		}
	})
}

// newTrack makes the account of a connection that begins.
func (h *Host) newTrack(tuple flow.Tuple) *track {
	ip := header.IPv4MinimumSize
	if !tuple.Src.IPv4 {
		ip = header.IPv6MinimumSize
	}
	mss := h.mtu - ip - header.TCPMinimumSize - optionSize
	return &track{
		clock: h.wire.Now,
		mss:   mss,
		acks:  ackDelay{send: h.port.Send, mss: mss, delay: time.Duration(h.delay.Load())},
	}
}

// optionSize is the room for options that the stack leaves in every segment, in
// bytes: time stamps (RFC 7323 appendix A) and three SACK blocks.
const optionSize = 12 + 28

// outbound takes a packet from the stack, which holds the connection's lock.
func (h *Host) outbound(packet []byte) {
	var s tcpwin.Segment
	tuple, err := capture.DecodeIP(packet, len(packet), &s)
	if err != nil {
		h.port.Send(packet)
		return
	}
	t := h.tracks.outbound(tuple, &s)
	if t == nil {
		h.port.Send(packet)
		return
	}
	t.leaves(&s)
	t.acks.outbound(&s, packet)
}

// inbound takes a packet from the wire, on its goroutine.
func (h *Host) inbound(packet []byte) {
	var s tcpwin.Segment
	if tuple, err := capture.DecodeIP(packet, len(packet), &s); err == nil {
		if t := h.tracks.inbound(tuple, &s); t != nil {
			t.arrives(&s)
		}
	}
	h.link.inject(packet)
}

// probe is called by the stack after each segment that a connection received,
// while it holds the connection's lock.
func (h *Host) probe(state *tcp.TCPEndpointState) {
	if t := h.tracks.get(tupleOf(&state.ID)); t != nil {
		t.handled(&state.Sender)
	}
}
