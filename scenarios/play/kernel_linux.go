package play

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"time"

	"flowlab/lab"
	"flowlab/lab/kernel"
	"flowlab/scenarios"
)

// kernelHost is a host of package kernel.
type kernelHost struct{ *kernel.Host }

func newKernelHost(w *lab.Wire, o hostOptions) (host, error) {
	h, err := kernel.NewHost(w, kernel.Options{
		Name: o.name, Addrs: []netip.Addr{o.addr}, MTU: o.mtu, Window: o.window,
		SendBuffer: o.sendBuffer, DelayedACK: o.delayedACK > 0, CongestionControl: o.congestion,
	})
	unknown, isUnknown := errors.AsType[*kernel.UnknownCongestionControl](err)
	switch {
	case err == nil:
		return kernelHost{h}, nil
	case isUnknown:
		return nil, noCongestion(Kernel, unknown.Name, unknown.Available)
	case errors.Is(err, fs.ErrPermission):
		return nil, &scenarios.Mistake{
			Problem: fmt.Sprintf("make %v", err),
			Hint:    "the kernel network needs CAP_SYS_ADMIN and CAP_NET_ADMIN: run it with sudo, or use --network userspace, which needs no privileges",
		}
	case errors.Is(err, fs.ErrNotExist):
		return nil, &scenarios.Mistake{
			Problem: fmt.Sprintf("make %v", err),
			Hint:    "the kernel network needs /dev/net/tun: modprobe tun, or give it to the container; --network userspace needs nothing",
		}
	}
	return nil, fmt.Errorf("make %w", err)
}

func (h kernelHost) Listen(port uint16) (net.Listener, error) {
	l, err := h.Host.Listen(port)
	if err != nil {
		return nil, err
	}
	return l, nil
}

func (h kernelHost) Dial(ctx context.Context, to netip.AddrPort) (conn, error) {
	c, err := h.Host.Dial(ctx, to)
	if err != nil {
		return nil, err
	}
	return c, nil
}

func (h kernelHost) SetDelayedACK(d time.Duration) error { return h.Host.SetDelayedACK(d > 0) }
