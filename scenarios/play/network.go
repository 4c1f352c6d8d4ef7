package play

import (
	"context"
	"net"
	"net/netip"
	"time"

	"flowlab/lab"
	"flowlab/scenarios"
	"flowlab/tcpwin/endpoint"
)

// Network is whose TCP a run uses.
type Network string

const (
	Userspace Network = "userspace" // the lab's own; needs no privileges
	Kernel    Network = "kernel"    // that of this machine's Linux kernel, in namespaces
)

// Networks are the names of all networks.
func Networks() []string { return []string{string(Userspace), string(Kernel)} }

// ParseNetwork returns the network of that name. The error is a
// [scenarios.Mistake].
func ParseNetwork(name string) (Network, error) {
	if n := Network(name); n == Userspace || n == Kernel {
		return n, nil
	}
	return "", &scenarios.Mistake{
		Problem: "unknown network \"" + name + "\"",
		Hint:    "the networks are: userspace, kernel",
	}
}

// host is a host at one end of the wire, whosever TCP it is.
type host interface {
	Port() *lab.Port
	Listen(port uint16) (net.Listener, error)
	Dial(ctx context.Context, to netip.AddrPort) (conn, error)
	// SetWindow and SetDelayedACK change what holds for open connections too.
	SetWindow(bytes int) error
	SetDelayedACK(d time.Duration) error
	Close()
}

// conn is an end of a connection that knows the truth about itself.
type conn interface {
	net.Conn
	endpoint.Truth
	SetNoDelay(noDelay bool)
}

// hostOptions are what a host is made with.
type hostOptions struct {
	name       string
	addr       netip.Addr
	mtu        int
	window     int
	sendBuffer int
	delayedACK time.Duration
	congestion string
}

// newHost makes a host of a network. The error is a [scenarios.Mistake] where
// this machine, or that network, does not allow it.
func newHost(n Network, w *lab.Wire, o hostOptions) (host, error) {
	if n == Kernel {
		return newKernelHost(w, o)
	}
	return newUserspaceHost(w, o)
}

// notes says what of the knobs, as they were at some time of a run, its network
// does not keep.
func notes(n Network, knobs ...*scenarios.Knobs) []string {
	for _, k := range knobs {
		if n == Kernel && k.Consumer.DelayedACK > 0 {
			return []string{"the kernel delays ACKs by a rule of its own, for 40 to 200 ms: of consumer.delayed-ack, " +
				k.Consumer.DelayedACK.String() + ", only that they are delayed was kept"}
		}
	}
	return nil
}
