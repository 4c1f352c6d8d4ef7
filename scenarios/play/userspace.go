package play

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"flowlab/lab"
	"flowlab/lab/netstack"
	"flowlab/scenarios"
)

// userspace is a host of package netstack.
type userspace struct{ *netstack.Host }

func newUserspaceHost(w *lab.Wire, o hostOptions) (host, error) {
	if !slices.Contains(userspaceCongestion, o.congestion) {
		return nil, noCongestion(Userspace, o.congestion, userspaceCongestion)
	}
	h, err := netstack.NewHost(w, netstack.Options{
		Name: o.name, Addrs: []netip.Addr{o.addr}, MTU: o.mtu, Window: o.window,
		SendBuffer: o.sendBuffer, DelayedACK: o.delayedACK, CongestionControl: o.congestion,
	})
	if err != nil {
		return nil, fmt.Errorf("make %w", err)
	}
	return userspace{h}, nil
}

// userspaceCongestion are the congestion controls of package netstack.
var userspaceCongestion = []string{"cubic", "reno"}

// noCongestion is the mistake of a congestion control that a network does not
// have.
func noCongestion(n Network, name string, has []string) error {
	return &scenarios.Mistake{
		Problem: fmt.Sprintf("the %s network has no congestion control %q", n, name),
		Hint:    "set producer.congestion to one of those that it has: " + strings.Join(has, ", "),
	}
}

func (h userspace) Listen(port uint16) (net.Listener, error) {
	l, err := h.Host.Listen(port)
	if err != nil {
		return nil, err
	}
	return l, nil
}

func (h userspace) Dial(ctx context.Context, to netip.AddrPort) (conn, error) {
	c, err := h.Host.Dial(ctx, to)
	if err != nil {
		return nil, err
	}
	return c, nil
}

func (h userspace) SetWindow(bytes int) error {
	h.Host.SetWindow(bytes)
	return nil
}

func (h userspace) SetDelayedACK(d time.Duration) error {
	h.Host.SetDelayedACK(d)
	return nil
}
