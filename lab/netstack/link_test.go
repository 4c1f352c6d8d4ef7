package netstack

import (
	"testing"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
)

// asking is a stack that asks its link while it has a packet in hand, as gVisor's does
// when it answers one.
type asking struct {
	link     *link
	detached chan struct{}
}

func (a *asking) DeliverNetworkPacket(tcpip.NetworkProtocolNumber, *stack.PacketBuffer) {
	go func() {
		defer close(a.detached)
		a.link.detach()
	}()
	for until := time.Now().Add(20 * time.Millisecond); time.Now().Before(until); {
		a.link.MTU() // while detach begins, and waits
	}
}

func (*asking) DeliverLinkPacket(tcpip.NetworkProtocolNumber, *stack.PacketBuffer) {}

// A link that is detached while the stack asks it something neither keeps the stack
// waiting nor gives it another packet.
func TestDetachWhileTheStackAsks(t *testing.T) {
	l := &link{mtu: 1500}
	upper := &asking{link: l, detached: make(chan struct{})}
	l.Attach(upper)
	go l.inject([]byte{4 << 4}) // IPv4, as far as the link looks
	select {
	case <-upper.detached:
	case <-time.After(10 * time.Second):
		t.Fatal("detach and delivery wait for each other")
	}
	l.inject([]byte{4 << 4}) // would close the channel twice
	if l.IsAttached() {
		t.Error("it is still attached")
	}
}
