package peers_test

import (
	"context"
	"net"
	"net/netip"
	"testing"

	"flowlab/internal/need"
	"flowlab/lab"
	"flowlab/lab/kernel"
)

func init() { networks["kernel"] = kernelHost }

func kernelHost(t testing.TB, w *lab.Wire, o hostOptions) host {
	need.Root(t)
	h, err := kernel.NewHost(w, kernel.Options{Name: o.name, Addrs: []netip.Addr{o.addr}, Window: o.window, SendBuffer: o.sendBuffer})
	if err != nil {
		t.Fatal(err)
	}
	return host{
		port:   h.Port(),
		listen: func(port uint16) (net.Listener, error) { return h.Listen(port) },
		dial:   func(ctx context.Context, to netip.AddrPort) (net.Conn, error) { return h.Dial(ctx, to) },
		close:  h.Close,
	}
}
