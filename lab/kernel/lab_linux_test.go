package kernel

import (
	"context"
	"io"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"flowlab/capture"
	"flowlab/internal/need"
	"flowlab/lab"
	"flowlab/tcpwin"
)

var (
	clientAddrs = []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")}
	serverAddrs = []netip.Addr{netip.MustParseAddr("192.0.2.2"), netip.MustParseAddr("2001:db8::2")}
)

// newHosts makes two hosts; what is not set in the options is the default.
func newHosts(t testing.TB, w *lab.Wire, client, server Options, path lab.Path) (*Host, *Host) {
	t.Helper()
	need.Root(t)
	client.Name, client.Addrs = "client", clientAddrs
	server.Name, server.Addrs = "server", serverAddrs
	var hosts [2]*Host
	for i, o := range []Options{client, server} {
		h, err := NewHost(w, o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(h.Close)
		if err := h.Port().SetPath(path); err != nil {
			t.Fatal(err)
		}
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
	port := netip.MustParseAddrPort(l.Addr().String()).Port()
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

// background runs f and waits for it at the end of the test.
func background(t testing.TB, f func()) {
	var wg sync.WaitGroup
	wg.Go(f)
	t.Cleanup(wg.Wait)
}

// record gathers what the tap of a wire sees. seen ends it and returns the
// segments with the interfaces they were seen at; a packet of anything else is
// a failure.
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
					t.Errorf("packet of %d bytes: %v: % x", p.Length, err, p.Data)
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
