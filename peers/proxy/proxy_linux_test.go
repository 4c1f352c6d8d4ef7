package proxy_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"flowlab/diagnose"
	"flowlab/diagnose/survey"
	"flowlab/flow"
	"flowlab/h2flow/peer"
	"flowlab/peers/nstest"
	"flowlab/peers/proxy"
)

// hosts are the addresses of the client, of proxies, and of the server.
func host(n int) netip.Addr { return netip.AddrFrom4([4]byte{127, 0, 0, byte(n)}) }

const (
	proxyPort  = 8080
	serverPort = 9000
)

// place is a client, proxies and a server in a namespace.
type place struct {
	*nstest.Space
	t       *testing.T
	capture *nstest.Capture
	client  *peer.Conn
}

// newPlace starts proxies, of which each passes on to the next and the last one to the
// server, and then captures.
func newPlace(t *testing.T, kinds []proxy.Kind, serve func(net.Listener)) *place {
	p := &place{Space: nstest.New(t), t: t}
	server := netip.AddrPortFrom(host(len(kinds)+2), serverPort)
	var l net.Listener
	if err := p.Do(func() (err error) { l, err = net.Listen("tcp", server.String()); return err }); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go serve(l)
	next := server
	for i, kind := range slices.Backward(kinds) {
		at := host(i + 2)
		hop := proxy.Hop{Listen: netip.AddrPortFrom(at, uint16(proxyPort+i)), From: at, Server: next}
		command, err := kind.Command(hop, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		p.Start(nstest.Program{Name: command.Name, Args: command.Args, Port: proxyPort + i})
		next = hop.Listen
	}
	p.capture = p.Capture()
	dialed, err := p.Dial(t.Context(), next.String())
	if err != nil {
		t.Fatal(err)
	}
	p.client = run(t, flow.Client, dialed, peer.Config{}, nil)
	select {
	case <-p.client.Ready(): // nginx's window is a byte larger than the default
	case <-time.After(10 * time.Second):
		t.Fatal("no SETTINGS of the proxy within 10s")
	}
	return p
}

// run runs an instrumented end until the test is over.
func run(t *testing.T, side flow.Side, conn net.Conn, config peer.Config, handler peer.Handler) *peer.Conn {
	c, err := peer.New(side, conn, config, handler)
	if err != nil {
		t.Error(err)
		return nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = c.Run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
	return c
}

// instrumented serves with the instrumented server, which has such a window for the
// connection and for each stream.
func instrumented(t *testing.T, window uint32, handler peer.Handler) func(net.Listener) {
	config := peer.Config{Settings: []http2.Setting{{ID: http2.SettingInitialWindowSize, Val: window}}, ConnWindow: window}
	return func(l net.Listener) {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			run(t, flow.Server, c, config, handler)
		}
	}
}

// stock serves with net/http, whose handler does not read until the test is over, but for
// paths below /read/.
func stock(t *testing.T) func(net.Listener) {
	return func(l net.Listener) {
		server := &http.Server{
			Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if strings.HasPrefix(r.URL.Path, "/read/") {
					_, _ = io.Copy(io.Discard, r.Body)
					return
				}
				<-r.Context().Done()
			}),
			Protocols: new(http.Protocols),
		}
		server.Protocols.SetUnencryptedHTTP2(true)
		t.Cleanup(func() { server.Close() })
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	}
}

// open sends a request.
func (p *place) open(path string, body peer.Source) *peer.Stream {
	p.t.Helper()
	s, err := p.client.Open(peer.Request{Method: "POST", Authority: "server", Path: path, Body: body})
	if err != nil {
		p.t.Fatal(err)
	}
	return s
}

// settled waits until the client has sent the same number of bytes for a second, and
// returns that.
func (p *place) settled(s *peer.Stream) int64 {
	p.t.Helper()
	look := time.NewTicker(50 * time.Millisecond) // nothing tells that nothing happens
	defer look.Stop()
	sent, same := int64(-1), 0
	for range 400 {
		<-look.C
		if now := s.Account().Send.Bytes; now != sent || now == 0 {
			sent, same = now, 0
		} else if same++; same == 20 {
			return sent
		}
	}
	p.t.Fatalf("the client has sent %d bytes and does not come to rest in 20 s", sent)
	return 0
}

// chains are those in what was captured until now, and the connections.
func (p *place) chains() (found []diagnose.Chain, views []*diagnose.View) {
	p.t.Helper()
	var c diagnose.Chains
	s := survey.Survey{Files: []string{p.capture.File()}, Receive: func(_ *survey.Source, v *diagnose.View) {
		views = append(views, v)
		c.Add(v)
	}}
	if _, err := s.Run(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
	return c.Found(), views
}

// TestServerDoesNotRead: an upload through one proxy or two to a server that never reads.
// The client waits for the proxy, the proxy for the next or the server, and what each
// holds is what went in less what went out.
func TestServerDoesNotRead(t *testing.T) {
	for _, c := range []struct {
		name    string
		proxies []proxy.Kind
		window  uint32   // of the server; 0 for net/http
		sent    [2]int64 // by the client, at least and at most; sockets' buffers have a share
	}{
		// nginx gives credit for 65,536 bytes more once it has passed on all that it had:
		// usually all that it gave credit for, and less if a part of it came late.
		{"nginx", []proxy.Kind{proxy.Nginx}, 131_072, [2]int64{131_073, 196_608}},
		{"nginx, a byte too much", []proxy.Kind{proxy.Nginx}, 65_535, [2]int64{65_536, 131_071}},
		{"nginx to net/http", []proxy.Kind{proxy.Nginx}, 0, [2]int64{1<<20 + 32_768, 1<<20 + 65_536}},
		{"haproxy", []proxy.Kind{proxy.HAProxy}, 65_535, [2]int64{163_710, 163_742}},
		{"haproxy to net/http", []proxy.Kind{proxy.HAProxy}, 0, [2]int64{1<<20 + 65_535, 1<<20 + 131_072}},
		{"nginx behind haproxy", []proxy.Kind{proxy.HAProxy, proxy.Nginx}, 65_535, [2]int64{131_072, 262_144}},
		{"haproxy behind nginx", []proxy.Kind{proxy.Nginx, proxy.HAProxy}, 65_535, [2]int64{131_072, 262_144}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			serve := stock(t)
			if c.window > 0 {
				serve = instrumented(t, c.window, peer.NeverRead)
			}
			p := newPlace(t, c.proxies, serve)
			sent := p.settled(p.open("/files.Files/Put", peer.Source{Bytes: peer.Endless}))
			found, views := p.chains()
			if len(found) != 1 || len(found[0].Legs) != len(c.proxies)+1 {
				t.Fatalf("%d chains, want one of %d connections: %+v", len(found), len(c.proxies)+1, found)
			}
			chain := &found[0]
			t.Logf("the client sent %d bytes, and the proxies hold %d", sent, chain.Held)
			if sent < c.sent[0] || sent > c.sent[1] {
				t.Errorf("the client sent %d bytes, want %d", sent, c.sent)
			}
			p.check(c.proxies[0], chain, views, sent)
		})
	}
}

// check holds a chain to what was made, and to both ends' own accounts.
func (p *place) check(first proxy.Kind, c *diagnose.Chain, views []*diagnose.View, sent int64) {
	p.t.Helper()
	last := len(c.Legs) - 1
	for i := range c.Legs {
		l := &c.Legs[i]
		if l.Path != "/files.Files/Put" || l.Stream == 0 {
			p.t.Errorf("leg %d is stream %d (%s)", i, l.Stream, l.Path)
		}
		if from, to := l.ID.Client.AddrPort().Addr(), l.ID.Server.AddrPort().Addr(); from != host(i+1) || to != host(i+2) {
			p.t.Errorf("leg %d goes from %v to %v, want from %v to %v", i, from, to, host(i+1), host(i+2))
		}
	}
	if c.From != flow.Client || !c.Exact || c.Proxy != [2]bool{} || c.Reader() != &c.Legs[last] {
		p.t.Errorf("the %v sends, exact %v, proxies at the ends %v", c.From, c.Exact, c.Proxy)
	}
	// What went in less what each proxy holds has come out. The client's account is of what
	// it has written to its socket. There some of it stays where the proxy does not read its
	// own; nginx always does.
	var held, out int64
	for _, n := range c.Held {
		held += n
	}
	for _, v := range views {
		if v.Number == c.Legs[last].Connection {
			out = v.Layer.HTTP2.Directions[flow.Client].Sent
		}
	}
	if left := sent - held - out; left < 0 || left > 0 && first.Name == proxy.Nginx.Name {
		p.t.Errorf("of %d bytes the proxies hold %d and the server got %d: %d are left", sent, held, out, left)
	}
}

// TestClientDoesNotRead: the same with an answer that the client does not read.
func TestClientDoesNotRead(t *testing.T) {
	for _, kind := range []proxy.Kind{proxy.Nginx, proxy.HAProxy} {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			served := make(chan *peer.Stream, 1)
			p := newPlace(t, []proxy.Kind{kind}, instrumented(t, 65_535, func(s *peer.Stream) {
				_ = s.Respond(200)
				_ = s.Send(peer.Source{Bytes: peer.Endless})
				served <- s
			}))
			s := p.open("/files.Files/Get", peer.Source{})
			s.SetReadRate(0)
			sent := p.settled(<-served)
			found, _ := p.chains()
			if len(found) != 1 || found[0].From != flow.Server || found[0].Reader().ID.Client.AddrPort().Addr() != host(1) {
				t.Fatalf("found %+v, want that the server waits for the client", found)
			}
			t.Logf("the server sent %d bytes, and the proxy holds %d", sent, found[0].Held)
		})
	}
}

// TestReadersAreNotBlamed has uploads that are read beside one that is not. Where the proxy
// sends all over one connection, they wait for that one; else they do not wait.
func TestReadersAreNotBlamed(t *testing.T) {
	for _, kind := range []proxy.Kind{proxy.Nginx, proxy.HAProxy} {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, []proxy.Kind{kind}, stock(t))
			unread := p.open("/unread", peer.Source{Bytes: peer.Endless})
			p.settled(unread)
			for i := range 5 {
				p.open(fmt.Sprintf("/read/%d", i), peer.Source{Bytes: 300_000, End: true})
			}
			p.settled(unread)
			found, views := p.chains()
			if len(found) == 0 || found[0].Reader().Path != "/unread" {
				t.Errorf("%d chains in %d connections, want that of /unread first", len(found), len(views))
			}
			for i := range found {
				l := found[i].Reader()
				t.Logf("%s waits for %v by %v", l.Path, l.Wait.Length(), l.Wait.Cause)
				if h := l.Holders.Streams; l.Path != "/unread" && (len(h) == 0 || h[0].Path != "/unread") {
					t.Errorf("%s is blamed: %+v", l.Path, l)
				}
			}
		})
	}
}
