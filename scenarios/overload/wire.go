package overload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"time"

	"flowlab/capture"
	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/lab"
	"flowlab/lab/netstack"
	"flowlab/tcpwin"
)

// Wire is a lab with one TCP connection from producer to consumer, whose packets are
// analysed at the producer's end.
type Wire struct {
	wire  *lab.Wire
	hosts []*netstack.Host
	tap   *lab.Tap
	near  *netstack.Conn // the producer's end
	far   net.Conn

	seen chan struct{} // closed once all packets are
	zero time.Duration // for which the window was zero
	view diagnose.View
}

// What the path between the two is like: that of machines in one place.
const (
	wireRTT    = time.Millisecond
	wireWindow = 128 << 10
	wirePort   = 9
)

var wireAddrs = [2]netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")}

// NewWire makes the lab and opens the connection.
func NewWire(ctx context.Context) (*Wire, error) {
	w := &Wire{wire: lab.NewWire(1), seen: make(chan struct{})}
	w.tap = w.wire.Tap()
	go w.watch()
	if err := w.open(ctx); err != nil {
		w.Close()
		return nil, fmt.Errorf("make the lab: %w", err)
	}
	return w, nil
}

func (w *Wire) open(ctx context.Context) error {
	for i, name := range [2]string{"producer", "consumer"} {
		h, err := netstack.NewHost(w.wire, netstack.Options{
			Name: name, Addrs: wireAddrs[i : i+1], MTU: 1500, Window: wireWindow, SendBuffer: 2 * wireWindow, CongestionControl: "cubic",
		})
		if err != nil {
			return err
		}
		w.hosts = append(w.hosts, h)
		if err := h.Port().SetPath(lab.Path{Delay: wireRTT / 2}); err != nil {
			return err
		}
	}
	l, err := w.hosts[1].Listen(wirePort)
	if err != nil {
		return err
	}
	defer l.Close()
	accepted := make(chan error, 1)
	go func() {
		var err error
		w.far, err = l.Accept()
		accepted <- err
	}()
	if w.near, err = w.hosts[0].Dial(ctx, netip.AddrPortFrom(wireAddrs[1], wirePort)); err != nil {
		return err
	}
	return <-accepted
}

// watch analyses the packets at the producer's end until there are no more.
func (w *Wire) watch() {
	defer close(w.seen)
	analysis := diagnose.New()
	var last flow.Time
	var shut flow.Time // since when the window is zero
	for {
		batch, err := w.tap.Next(context.Background())
		for _, p := range batch {
			if p.Interface != 0 {
				continue
			}
			last = p.Time
			for _, e := range analysis.Observe(capture.RawIP, p).Events {
				switch {
				case e.Kind == tcpwin.WindowOpened:
					w.zero += e.Length
					shut = 0
				case e.Kind == tcpwin.ZeroWindow && shut == 0:
					shut = e.Time
				}
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
	}
	if shut != 0 {
		w.zero += last.Sub(shut)
	}
	if all := analysis.Connections(); len(all) > 0 {
		w.view = all[0].View(last, flow.Interval{}, 0)
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

// Shown is what the packets of a run showed, at the producer's end.
type Shown struct {
	ZeroWindow time.Duration // for which the consumer's window was zero
	Limits     flow.Limits   // what held the producer's sending
}

// Shown returns what the packets showed; it is called after [Wire.Close].
func (w *Wire) Shown() Shown {
	return Shown{ZeroWindow: w.zero, Limits: w.view.Directions[flow.Client].Limits}
}

// TCP returns a link on the connection itself.
func (w *Wire) TCP() Link { return Stream(w.near, w.far, w.far, w.near) }
