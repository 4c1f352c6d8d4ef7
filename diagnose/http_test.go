package diagnose_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"flowlab/capture"
	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/h2flow/peer"
	"flowlab/internal/need"
	"flowlab/lab"
	"flowlab/lab/netstack"
)

// stage is two hosts on a wire, and what packets at both say. A test of it is one of
// the rows of the catalogue of stalls.
type stage struct {
	t        *testing.T
	analysis *diagnose.Analysis
	wire     *lab.Wire
	hosts    [2]*netstack.Host
	tap      *lab.Tap
}

var serverAddr = netip.MustParseAddrPort("10.0.0.2:443")

func newStage(t *testing.T, rtt time.Duration, rate int64, window int) *stage {
	s := &stage{t: t, analysis: diagnose.New(), wire: lab.NewWire(1)}
	s.tap = s.wire.Tap()
	t.Cleanup(s.wire.Close)
	for i, name := range []string{"client", "server"} {
		h, err := netstack.NewHost(s.wire, netstack.Options{Name: name, Addrs: []netip.Addr{netip.AddrFrom4([4]byte{10, 0, 0, byte(i + 1)})}, Window: window})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(h.Close)
		if err := h.Port().SetPath(lab.Path{Delay: rtt / 2, Rate: rate}); err != nil {
			t.Fatal(err)
		}
		s.hosts[i] = h
	}
	return s
}

// watch enters what passes the wire for a time, and returns the two views.
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

// peers makes the two instrumented ends, and runs them until the test ends.
func (s *stage) peers(client, server peer.Config, handler peer.Handler) (c, v *peer.Conn) {
	listener, err := s.hosts[1].Listen(443)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { listener.Close() })
	dialed, err := s.hosts[0].Dial(s.t.Context(), serverAddr)
	if err != nil {
		s.t.Fatal(err)
	}
	accepted, err := listener.Accept()
	if err != nil {
		s.t.Fatal(err)
	}
	if c, err = peer.New(flow.Client, dialed, client, nil); err != nil {
		s.t.Fatal(err)
	}
	if v, err = peer.New(flow.Server, accepted, server, handler); err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for _, x := range []*peer.Conn{c, v} {
		running.Go(func() { _ = x.Run(ctx) })
	}
	s.t.Cleanup(func() {
		cancel()
		s.wire.Close() // nobody takes what it has any more
		running.Wait()
	})
	return c, v
}

// upload opens a stream that sends so much.
func (s *stage) upload(c *peer.Conn, path string, source peer.Source) *peer.Stream {
	stream, err := c.Open(peer.Request{Method: "POST", Path: path, Body: source})
	if err != nil {
		s.t.Error(err)
	}
	return stream
}

func window(n uint32) []http2.Setting {
	return []http2.Setting{{ID: http2.SettingInitialWindowSize, Val: n}}
}

func limit(n uint32) []http2.Setting {
	return []http2.Setting{{ID: http2.SettingMaxConcurrentStreams, Val: n}}
}

var grpc = []hpack.HeaderField{{Name: "content-type", Value: "application/grpc"}}

var endless = peer.Source{Bytes: peer.Endless}

// TestCatalogue makes real stalls on purpose, and holds the verdict from the packets
// alone, seen at either end, to what was made. The rows are those of docs/http2.md.
func TestCatalogue(t *testing.T) {
	if testing.Short() {
		t.Skip("measures real time")
	}
	for _, row := range catalogue {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			need.Majority(t, func() (wrong []string) {
				fail := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
				s := newStage(t, row.rtt, row.rate, row.window)
				done := make(chan struct{})
				go func() {
					defer close(done)
					c, v := s.peers(row.client, row.server, row.handler)
					row.script(s, c, v)
				}()
				before := s.watch(1500 * time.Millisecond)
				<-done
				after := s.watch(time.Second)
				for at, v := range after {
					where := []string{"seen at the client", "seen at the server"}[at]
					for i := range v.Directions {
						d, want := &v.Directions[i], row.want[i]
						limits := d.Limits.Sub(&before[at].Directions[i].Limits)
						if share := limits.Share(want.cause); share < row.share || want.cause == none.cause && windows(&limits) > 0.1 {
							fail("%s: of the %v's last second %.2f are %v: %v", where, d.From, share, want.cause, limits)
						}
						if want != none && d.Now.Cause == want.cause && d.Now.HeldBy != want.heldBy {
							fail("%s: the %v is held by %v, want %v", where, d.From, d.Now.HeldBy, want.heldBy)
						}
					}
					var found []string
					for _, f := range diagnose.Findings(&v) {
						if f.Rule != "nagle" {
							found = append(found, f.Rule)
						}
					}
					slices.Sort(found)
					if got := strings.Join(found, " "); got != row.findings {
						fail("%s: found %q, want %q", where, got, row.findings)
					}
					if row.check != nil {
						row.check(fail, &v)
					}
				}
				return wrong
			})
		})
	}
}

// windows is the share of time that windows take.
func windows(l *flow.Limits) float64 {
	return l.Share(flow.ConnectionWindow) + l.Share(flow.StreamWindow) + l.Share(flow.StreamLimit) + l.Share(flow.ReceiveWindow)
}
