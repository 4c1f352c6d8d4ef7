package netstack

import (
	"sync"

	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
)

// link is the stack's network card. What the stack sends goes to send as one
// slice a packet; what the wire delivers goes to the stack.
//
// The stack sends while it holds a connection's lock, so send must never call
// back into it: the wire delivers on its own goroutine.
type link struct {
	send func(packet []byte)

	delivery sync.Mutex // held while the stack is given a packet

	// mu is never held while the stack is called, for it asks the link in turn: a lock
	// that is read twice by one goroutine waits for whoever wants to write in between.
	mu    sync.RWMutex
	mtu   uint32
	upper stack.NetworkDispatcher // nil if there is none
}

// inject gives the stack a packet. The stack gets a copy, for it writes into
// its packets and others read this one.
func (l *link) inject(packet []byte) {
	var protocol tcpip.NetworkProtocolNumber
	switch header.IPVersion(packet) {
	case header.IPv4Version:
		protocol = header.IPv4ProtocolNumber
	case header.IPv6Version:
		protocol = header.IPv6ProtocolNumber
	default:
		return
	}
	l.delivery.Lock() // detach waits for it
	defer l.delivery.Unlock()
	l.mu.RLock()
	upper := l.upper
	l.mu.RUnlock()
	if upper == nil {
		return
	}
	p := stack.NewPacketBuffer(stack.PacketBufferOptions{Payload: buffer.MakeWithData(packet)})
	defer p.DecRef()
	upper.DeliverNetworkPacket(protocol, p)
}

// detach makes sure that the stack gets no packet after it has returned.
func (l *link) detach() {
	l.delivery.Lock()
	defer l.delivery.Unlock()
	l.Attach(nil)
}

// WritePackets sends packets; it always takes all.
func (l *link) WritePackets(packets stack.PacketBufferList) (int, tcpip.Error) {
	for _, p := range packets.AsSlice() {
		flat := make([]byte, 0, p.Size())
		for _, part := range p.AsSlices() {
			flat = append(flat, part...)
		}
		l.send(flat)
	}
	return packets.Len(), nil
}

// Attach is told the stack above, nil when the card is removed.
func (l *link) Attach(upper stack.NetworkDispatcher) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.upper = upper
}

func (l *link) IsAttached() bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.upper != nil
}

func (l *link) MTU() uint32 {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.mtu
}

func (l *link) SetMTU(mtu uint32) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mtu = mtu
}

// Capabilities: the wire flips no bits, so checksums need not be verified.
func (*link) Capabilities() stack.LinkEndpointCapabilities {
	return stack.CapabilityRXChecksumOffload
}

// A packet on the wire begins with its IP header, and has no link address.

func (*link) MaxHeaderLength() uint16                 { return 0 }
func (*link) LinkAddress() tcpip.LinkAddress          { return "" }
func (*link) SetLinkAddress(tcpip.LinkAddress)        {}
func (*link) ARPHardwareType() header.ARPHardwareType { return header.ARPHardwareNone }
func (*link) AddHeader(*stack.PacketBuffer)           {}
func (*link) ParseHeader(*stack.PacketBuffer) bool    { return true }
func (*link) Wait()                                   {}
func (*link) Close()                                  {}
func (*link) SetOnCloseAction(func())                 {}
