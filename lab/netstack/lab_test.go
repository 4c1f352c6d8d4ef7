package netstack

import (
	"context"
	"io"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"flowlab/capture"
	"flowlab/flow"
	"flowlab/lab"
	"flowlab/tcpwin"
)

// pair is two hosts on a wire, and one connection between them.
type pair struct {
	wire           *lab.Wire
	client, server *Host
	conn           *Conn // the client's end
	accepted       *Conn // the server's
}

var (
	clientAddrs = []netip.Addr{netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("fd00::1")}
	serverAddrs = []netip.Addr{netip.MustParseAddr("10.0.0.2"), netip.MustParseAddr("fd00::2")}
)

// newHosts makes two hosts; what is not set in the options is the default.
func newHosts(t testing.TB, w *lab.Wire, client, server Options, path lab.Path) (*Host, *Host) {
	t.Helper()
	client.Name, client.Addrs = "client", clientAddrs
	server.Name, server.Addrs = "server", serverAddrs
	var hosts [2]*Host
	for i, o := range []Options{client, server} {
		h, err := NewHost(w, o)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Port().SetPath(path); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(h.Close)
		hosts[i] = h
	}
	return hosts[0], hosts[1]
}

// connect dials the n-th address of the server.
func connect(t testing.TB, client, server *Host, n int) (conn, accepted *Conn) {
	t.Helper()
	l, err := server.Listen(0)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := l.addr.Port()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if conn, err = client.Dial(ctx, netip.AddrPortFrom(serverAddrs[n], port)); err != nil {
		t.Fatal(err)
	}
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	return conn, c.(*Conn)
}

func newPair(t testing.TB, client, server Options, path lab.Path) *pair {
	t.Helper()
	w := lab.NewWire(1)
	t.Cleanup(w.Close)
	p := &pair{wire: w}
	p.client, p.server = newHosts(t, w, client, server, path)
	p.conn, p.accepted = connect(t, p.client, p.server, 0)
	return p
}

// pattern is data of which each part can be told from the others.
func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + i>>8*13 + i>>16)
	}
	return b
}

// background runs f and waits for it at the end of the test.
func background(t testing.TB, f func()) {
	var wg sync.WaitGroup
	wg.Go(f)
	t.Cleanup(wg.Wait)
}

// record gathers what the tap of a wire sees. seen ends it and returns the
// segments with the interfaces they were seen at.
func record(t testing.TB, w *lab.Wire) (seen func() []observed) {
	tap := w.Tap()
	var list []observed
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			batch, err := tap.Next(context.Background())
			if err != nil {
				if err != io.EOF {
					t.Error(err)
				}
				return
			}
			for _, p := range batch {
				o := observed{port: p.Interface}
				o.Time = p.Time
				tuple, err := capture.DecodeIP(p.Data, p.Length, &o.Segment)
				if err != nil {
					t.Errorf("packet of %d bytes: %v", p.Length, err)
					continue
				}
				o.sent = (o.port == 0) == slices.Contains(clientAddrs, tuple.Src.AddrPort().Addr())
				list = append(list, o)
			}
		}
	}()
	return func() []observed {
		w.Close()
		<-done
		return list
	}
}

// observed is a segment where it was seen.
type observed struct {
	tcpwin.Segment
	port int  // 0 is the client's, 1 the server's
	sent bool // by the host at this port
}

// accurate skips what measures time where the race detector makes it useless.
func accurate(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("measures time")
	}
}

// share is the part of the time since earlier that a cause held the sender.
func share(c *Conn, earlier flow.Limits, cause flow.Cause) float64 {
	now := c.Limits(c.host.wire.Now())
	since := now.Sub(&earlier)
	return since.Share(cause)
}

// closeWindow waits until the server's queue holds its whole window, but for
// what is less than the unit that windows count in.
func (p *pair) closeWindow(window int) {
	for p.accepted.ReceiveQueue() <= window-128 {
		time.Sleep(time.Millisecond)
	}
}
