package overload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"flowlab/capture"
	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/lab"
	"flowlab/lab/netstack"
	"flowlab/tcpwin"
)

// Wire is a lab with hosts in a row, each of which has one TCP connection to the next. The
// packets of each are analysed at the end that opened it.
type Wire struct {
	wire  *lab.Wire
	hosts []*netstack.Host
	names []string
	tap   *lab.Tap
	hops  []wireHop

	cut    atomic.Int64  // a [flow.Time]: later packets are not analysed; 0 for none
	seen   chan struct{} // closed once all packets are
	chains []diagnose.Chain
}

// wireHop is one connection of the row.
type wireHop struct {
	near *netstack.Conn // the end that opened it
	far  net.Conn

	zero time.Duration // for which the window was zero
	shut flow.Time     // since when it is
	view diagnose.View
}

// What the path between the hosts is like: that of machines in one place.
const (
	wireRTT    = time.Millisecond
	wireWindow = 128 << 10
	wirePort   = 9
)

// wireAddr is the address of a host of the row.
func wireAddr(i int) netip.Addr { return netip.AddrFrom4([4]byte{192, 0, 2, byte(i + 1)}) }

// NewWire makes the lab, with a host of each name, and opens the connections.
func NewWire(ctx context.Context, names ...string) (*Wire, error) {
	w := &Wire{wire: lab.NewWire(1), names: names, hops: make([]wireHop, len(names)-1), seen: make(chan struct{})}
	w.tap = w.wire.Tap()
	go w.watch()
	if err := w.open(ctx); err != nil {
		w.Close()
		return nil, fmt.Errorf("make the lab: %w", err)
	}
	return w, nil
}

func (w *Wire) open(ctx context.Context) error {
	for i, name := range w.names {
		h, err := netstack.NewHost(w.wire, netstack.Options{
			Name: name, Addrs: []netip.Addr{wireAddr(i)}, MTU: 1500, Window: wireWindow, SendBuffer: 2 * wireWindow, CongestionControl: "cubic",
		})
		if err != nil {
			return err
		}
		w.hosts = append(w.hosts, h)
		if err := h.Port().SetPath(lab.Path{Delay: wireRTT / 2}); err != nil {
			return err
		}
	}
	for i := range w.hops {
		if err := w.connect(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

// connect opens the connection of a host to the next.
func (w *Wire) connect(ctx context.Context, i int) error {
	l, err := w.hosts[i+1].Listen(wirePort)
	if err != nil {
		return err
	}
	defer l.Close()
	hop := &w.hops[i]
	accepted := make(chan error, 1)
	go func() {
		var err error
		hop.far, err = l.Accept()
		accepted <- err
	}()
	if hop.near, err = w.hosts[i].Dial(ctx, netip.AddrPortFrom(wireAddr(i+1), wirePort)); err != nil {
		return err
	}
	return <-accepted
}

// watch analyses the packets until there are no more.
func (w *Wire) watch() {
	defer close(w.seen)
	analysis := diagnose.New()
	var last flow.Time
	for {
		batch, err := w.tap.Next(context.Background())
		for _, p := range batch {
			if cut := flow.Time(w.cut.Load()); cut != 0 && p.Time > cut {
				last = cut
				continue
			}
			last = p.Time
			if w.opener(p) {
				w.hops[p.Interface].enter(analysis.Observe(capture.RawIP, p).Events)
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
	}
	var found diagnose.Chains
	for _, c := range analysis.Connections() {
		v := c.View(last, flow.Interval{}, 0)
		hop := &w.hops[v.Interface]
		if hop.view = v; hop.shut != 0 {
			hop.zero += last.Sub(hop.shut)
		}
		found.Add(&v)
	}
	w.chains = found.Found()
}

// Cut ends the analysis: how a run is wound up is no part of its story.
func (w *Wire) Cut() { w.cut.Store(int64(w.wire.Now())) }

// opener tells whether a packet was seen at the host that opened its connection.
func (w *Wire) opener(p capture.Packet) bool {
	if p.Interface >= len(w.hops) || len(p.Data) < 20 {
		return false
	}
	next := wireAddr(p.Interface + 1).As4()
	return [4]byte(p.Data[12:16]) == next || [4]byte(p.Data[16:20]) == next // source, destination
}

// enter enters for how long the window was zero.
func (h *wireHop) enter(events []tcpwin.Event) {
	for _, e := range events {
		switch {
		case e.Kind == tcpwin.WindowOpened:
			h.zero += e.Length
			h.shut = 0
		case e.Kind == tcpwin.ZeroWindow && h.shut == 0:
			h.shut = e.Time
		}
	}
}

// Close takes the lab down, and waits until all packets are analysed.
func (w *Wire) Close() {
	for _, h := range w.hosts {
		h.Close()
	}
	w.wire.Close()
	<-w.seen
}

// Shown is what the packets of a connection showed, at the end that opened it.
type Shown struct {
	ZeroWindow time.Duration // for which the window of the other end was zero
	Limits     flow.Limits   // what held the sending
}

// Shown returns what the packets of a hop showed; it is called after [Wire.Close].
func (w *Wire) Shown(hop int) Shown {
	h := &w.hops[hop]
	return Shown{ZeroWindow: h.zero, Limits: h.view.Directions[flow.Client].Limits}
}

// Chains returns who waited for whom along the row, the longest wait first; it is called
// after [Wire.Close].
func (w *Wire) Chains() []diagnose.Chain { return w.chains }

// Hosts returns what the addresses in the packets are called.
func (w *Wire) Hosts() map[netip.Addr]string {
	hosts := make(map[netip.Addr]string, len(w.names))
	for i, name := range w.names {
		hosts[wireAddr(i)] = name
	}
	return hosts
}

// TCP returns a link on the connection of a hop.
func (w *Wire) TCP(hop int) Link {
	h := &w.hops[hop]
	return Stream(half{h.near}, h.far, h.far, h.near)
}

// half is the sending half of a connection. To close all of it would reset it where a
// signal is not read yet, and messages would be lost by that (RFC 2525 2.17).
type half struct{ *netstack.Conn }

func (h half) Close() error { return h.CloseWrite() }
