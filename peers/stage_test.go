package peers_test

import (
	"context"
	"net"
	"net/netip"
	"testing"
	"time"

	"flowlab/capture"
	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/lab"
	"flowlab/lab/netstack"
	"flowlab/peers"
)

// host is a host of either network.
type host struct {
	port   *lab.Port
	listen func(port uint16) (net.Listener, error)
	dial   func(context.Context, netip.AddrPort) (net.Conn, error)
	close  func()
}

// hostOptions are what a host is made with; 0 is the network's default.
type hostOptions struct {
	name               string
	addr               netip.Addr
	window, sendBuffer int
}

// networks make hosts. That of the kernel is there on Linux, for root.
var networks = map[string]func(testing.TB, *lab.Wire, hostOptions) host{"userspace": userspace}

func userspace(t testing.TB, w *lab.Wire, o hostOptions) host {
	h, err := netstack.NewHost(w, netstack.Options{Name: o.name, Addrs: []netip.Addr{o.addr}, Window: o.window, SendBuffer: o.sendBuffer})
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

// stage is a guest's client and server at the two ends of a wire, and what packets at
// both say.
type stage struct {
	t        testing.TB
	wire     *lab.Wire
	tap      *lab.Tap
	analysis *diagnose.Analysis
	answers  peers.Answers
	client   client
	close    func()
}

// path is what a stage's wire and hosts are made with.
type path struct {
	rtt                time.Duration
	window, sendBuffer int // of TCP
}

func newStage(t testing.TB, network string, p path, g guest) *stage {
	s := &stage{t: t, wire: lab.NewWire(1), analysis: diagnose.New()}
	s.tap = s.wire.Tap()
	var hosts [2]host
	for i, name := range []string{"client", "server"} {
		hosts[i] = networks[network](t, s.wire, hostOptions{name: name, addr: netip.AddrFrom4([4]byte{192, 0, 2, byte(i + 1)}), window: p.window, sendBuffer: p.sendBuffer})
		if err := hosts[i].port.SetPath(lab.Path{Delay: p.rtt / 2}); err != nil {
			t.Fatal(err)
		}
	}
	l, err := hosts[1].listen(443)
	if err != nil {
		t.Fatal(err)
	}
	closeServer := g.serve(l, &s.answers)
	s.client = g.dial(t, func(ctx context.Context) (net.Conn, error) {
		return hosts[0].dial(ctx, netip.MustParseAddrPort("192.0.2.2:443"))
	})
	s.close = func() {
		s.wire.Close() // nobody takes what it has any more
		for _, h := range hosts {
			h.close() // which resets what the two would wait for
		}
		s.client.Close()
		closeServer()
	}
	return s
}

// watch enters what passes the wire for a time, and returns the views at both ends.
func (s *stage) watch(length time.Duration) (views [2]diagnose.View) {
	ctx, cancel := context.WithTimeout(s.t.Context(), length)
	defer cancel()
	for {
		packets, err := s.tap.Next(ctx)
		for _, p := range packets {
			s.analysis.Observe(capture.RawIP, p)
		}
		if err != nil {
			break
		}
	}
	s.analysis.Advance(s.wire.Now())
	if n := len(s.analysis.Connections()); n != 2 {
		s.t.Fatalf("%d observations, want 2", n)
	}
	for _, c := range s.analysis.Connections() {
		views[c.Interface] = c.View(s.wire.Now(), flow.Interval{}, 0)
		if views[c.Interface].Layer.HTTP2 == nil {
			s.t.Fatal("it was not taken for HTTP/2")
		}
	}
	return views
}
