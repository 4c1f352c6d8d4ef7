package netstack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"flowlab/lab"
)

func TestOptionErrors(t *testing.T) {
	one := []netip.Addr{netip.MustParseAddr("10.0.0.1")}
	tests := []struct {
		name string
		o    Options
		want string
	}{
		{"MTU", Options{Addrs: one, MTU: 1000}, "host x: MTU of 1000 bytes is not between 1280 and 65535"},
		{"window", Options{Addrs: one, Window: -1}, "host x: window of -1 bytes is not between 1 and 1073725440"},
		{"send buffer", Options{Addrs: one, SendBuffer: -1}, "host x: send buffer of -1 bytes is negative"},
		{"delay", Options{Addrs: one, DelayedACK: -1}, "host x: ACK delay -1ns is negative"},
		{"congestion control", Options{Addrs: one, CongestionControl: "bbr"}, `host x: congestion control "bbr" is neither cubic nor reno`},
		{"no address", Options{}, "host: attach x: no address"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := lab.NewWire(1)
			defer w.Close()
			tt.o.Name = "x"
			_, err := NewHost(w, tt.o)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

// TestHTTPOverThreeHosts: two clients get pages from one server.
func TestHTTPOverThreeHosts(t *testing.T) {
	t.Parallel()
	w := lab.NewWire(1)
	t.Cleanup(w.Close)
	one, server := newHosts(t, w, Options{}, Options{}, lab.Path{Delay: time.Millisecond})
	two, err := NewHost(w, Options{Name: "two", Addrs: []netip.Addr{netip.MustParseAddr("fd00::3")}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(two.Close)
	l, err := server.Listen(80)
	if err != nil {
		t.Fatal(err)
	}
	pages := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "hello %s", r.RemoteAddr[:strings.LastIndex(r.RemoteAddr, ":")])
	})}
	background(t, func() { pages.Serve(l) })
	t.Cleanup(func() { pages.Close() })

	for _, tt := range []struct {
		client *Host
		url    string
		want   string
	}{
		{one, "http://10.0.0.2/", "hello 10.0.0.1"},
		{one, "http://[fd00::2]/", "hello [fd00::1]"},
		{two, "http://[fd00::2]/", "hello [fd00::3]"},
	} {
		client := http.Client{Transport: &http.Transport{
			DisableKeepAlives: true,
			DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				to, err := netip.ParseAddrPort(addr)
				if err != nil {
					return nil, err
				}
				return tt.client.Dial(ctx, to)
			},
		}}
		response, err := client.Get(tt.url)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || string(body) != tt.want {
			t.Errorf("%s: got %q, %v, want %q", tt.url, body, err, tt.want)
		}
	}
}

func TestDialErrors(t *testing.T) {
	t.Parallel()
	w := lab.NewWire(1)
	t.Cleanup(w.Close)
	client, server := newHosts(t, w, Options{}, Options{}, lab.Path{})
	soon, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	tests := []struct {
		name string
		ctx  context.Context
		to   netip.AddrPort
		want string
	}{
		{"refused", t.Context(), netip.MustParseAddrPort("10.0.0.2:81"), "dial tcp 10.0.0.2:81: connection was refused"},
		{"nobody there", soon, netip.MustParseAddrPort("10.0.0.9:81"), "dial tcp 10.0.0.9:81: context deadline exceeded"},
		{"no address", t.Context(), netip.AddrPort{}, "dial tcp :0: the address is invalid"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := client.Dial(tt.ctx, tt.to)
			var op *net.OpError
			if !errors.As(err, &op) || err.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
	for _, h := range []*Host{client, server} {
		if n := len(h.tracks.list()); n != 0 {
			t.Errorf("%d connections are remembered, want none", n)
		}
	}
}

func TestListenerClose(t *testing.T) {
	t.Parallel()
	w := lab.NewWire(1)
	t.Cleanup(w.Close)
	_, server := newHosts(t, w, Options{}, Options{}, lab.Path{})
	l, err := server.Listen(80)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := server.Listen(80); err == nil {
		t.Error("one port, two listeners")
	}
	accepted := make(chan error, 1)
	go func() {
		_, err := l.Accept()
		accepted <- err
	}()
	l.Close()
	l.Close()
	if err := <-accepted; !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v, want net.ErrClosed", err)
	}
	again, err := server.Listen(80)
	if err != nil {
		t.Fatalf("the port is still taken: %v", err)
	}
	if got, want := again.Addr().String(), "[::]:80"; got != want {
		t.Errorf("the listener's address is %s, want %s", got, want)
	}
}

// TestConnectionsAreForgotten: what ended is not remembered for ever.
func TestConnectionsAreForgotten(t *testing.T) {
	t.Parallel()
	w := lab.NewWire(1)
	t.Cleanup(w.Close)
	client, server := newHosts(t, w, Options{}, Options{}, lab.Path{})
	for range 20 {
		conn, accepted := connect(t, client, server, 0)
		conn.Close()
		io.Copy(io.Discard, accepted)
		accepted.Close()
	}
	for len(client.tracks.list())+len(server.tracks.list()) > 0 {
		time.Sleep(time.Millisecond) // fails by the test's time limit
	}
}
