package peers_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/internal/need"
	"flowlab/peers"
	"flowlab/peers/grpcgo"
	"flowlab/peers/nethttp"
)

var endless = peers.Content{Bytes: peers.Endless, Rate: peers.Unlimited}

// bytes is a content that is written at once.
func bytes(n int64) peers.Content { return peers.Content{Bytes: n, Rate: peers.Unlimited} }

// stall is what holds a sender; none is that it is not held by a window.
type stall struct {
	cause  flow.Cause
	heldBy flow.HeldBy
}

var none = stall{cause: flow.Application}

// row is a stall that stock peers are brought into. The numbers are those of the
// catalogue in docs/http2.md.
type row struct {
	name     string
	path     path
	guest    guest
	answers  map[string]peers.Answer
	script   func(s *stage)
	want     [2]stall // by the side that sends
	share    float64  // that the cause has of its direction's last second at the least
	findings string   // rules, sorted
	grows    bool     // it is a control: windows hold it at first, and ever less
	check    func(fail func(string, ...any), before, v *diagnose.View)
}

var rows = []row{
	{
		name: "1 net/http: unread upload starves its siblings", path: path{rtt: 10 * time.Millisecond, window: 4 << 20},
		guest:   netHTTP(http.HTTP2Config{}, nethttp.ClientOptions{}),
		answers: map[string]peers.Answer{"/unread": {When: peers.Never}},
		script: func(s *stage) {
			s.client.Open(peers.Call{Path: "/unread", Content: endless})
			time.Sleep(500 * time.Millisecond)
			s.client.Open(peers.Call{Path: "/starved", Content: bytes(1), Ends: true})
		},
		want: [2]stall{{flow.ConnectionWindow, flow.CreditHeld}, none}, share: 0.9, findings: "connection-credit-held",
		check: func(fail func(string, ...any), _, v *diagnose.View) {
			if h := v.Layer.HTTP2.Directions[flow.Client]; h.Sent != 1<<20 || len(h.Holders.Streams) != 1 ||
				h.Holders.Streams[0].Path != "/unread" || h.Holders.Streams[0].Bytes != 1<<20 {
				fail("%d bytes were sent, the credit is held by %+v; want 1,048,576, all by /unread", h.Sent, h.Holders.Streams)
			}
			if x := stream(v, "/starved"); x == nil || x.Halves[flow.Client].Now.Cause != flow.ConnectionWindow {
				fail("the other stream is not held by the connection's window: %+v", x)
			}
		},
	},
	{
		name: "2 grpc-go: one call at a time", path: path{rtt: 10 * time.Millisecond},
		guest:   grpcGo(grpcgo.ServerOptions{MaxConcurrentStreams: 1}, grpcgo.Options{}),
		answers: map[string]peers.Answer{"/lab.S/Held": {When: peers.Never, ReadRate: peers.Unlimited}},
		script: func(s *stage) {
			s.client.Open(peers.Call{Path: "/lab.S/Held", Content: bytes(10)})
			time.Sleep(300 * time.Millisecond)
			s.client.Open(peers.Call{Path: "/lab.S/Waits", Content: bytes(10), Ends: true})
		},
		want: [2]stall{none, none}, findings: "stream-limit-reached",
		check: func(fail func(string, ...any), _, v *diagnose.View) {
			if d := v.Layer.HTTP2.Directions[flow.Client]; d.Open != 1 || d.Limit.Low != 1 || stream(v, "/lab.S/Waits") != nil {
				fail("%d streams are open of %v, want 1 of 1 and none of the second call", d.Open, d.Limit)
			}
		},
	},
	{
		name: "3 grpc-go: window too small for the path", path: path{rtt: 100 * time.Millisecond},
		guest:   grpcGo(grpcgo.ServerOptions{Options: grpcgo.Options{StreamWindow: 65535, ConnWindow: 1 << 20}}, grpcgo.Options{}),
		answers: map[string]peers.Answer{"/lab.S/Far": {When: peers.Never, ReadRate: peers.Unlimited}},
		script:  func(s *stage) { s.client.Open(peers.Call{Path: "/lab.S/Far", Content: endless}) },
		want:    [2]stall{{flow.StreamWindow, flow.WindowSize}, none}, share: 0.7, findings: "http2-window-too-small",
	},
	{
		name: "4 grpc-go: both sides send", path: path{rtt: 10 * time.Millisecond},
		guest: grpcGo(grpcgo.ServerOptions{Options: grpcgo.Options{StreamWindow: 65535, ConnWindow: 1 << 20}},
			grpcgo.Options{StreamWindow: 65535, ConnWindow: 1 << 20}),
		answers: map[string]peers.Answer{"/lab.S/Both": {Content: endless}},
		script:  func(s *stage) { s.client.Open(peers.Call{Path: "/lab.S/Both", Content: endless}) },
		want:    [2]stall{{flow.StreamWindow, flow.Reader}, {flow.StreamWindow, flow.Reader}}, share: 0.9,
		findings: "both-sides-send stream-not-read stream-not-read",
		check: func(fail func(string, ...any), _, v *diagnose.View) {
			for _, h := range v.Layer.HTTP2.Streams[0].Halves {
				if h.Sent != 65535 {
					fail("%d bytes were sent, want 65,535", h.Sent)
				}
			}
		},
	},
	{
		name: "5 grpc-go: three unread floods and an echo", path: path{rtt: 10 * time.Millisecond},
		guest: grpcGo(grpcgo.ServerOptions{Options: grpcgo.Options{StreamWindow: 65535, ConnWindow: 65535}}, grpcgo.Options{}),
		answers: map[string]peers.Answer{
			"/lab.S/Flood": {When: peers.Never},
			"/lab.S/Echo":  {Echo: true, ReadRate: peers.Unlimited},
		},
		script: func(s *stage) {
			for range 3 {
				s.client.Open(peers.Call{Path: "/lab.S/Flood", Content: endless})
			}
			s.client.Open(peers.Call{Path: "/lab.S/Echo", Content: peers.Content{Bytes: peers.Endless, Message: 1000, Rate: 100_000}, ReadRate: peers.Unlimited})
		},
		// The echo waits to send too, but for its own application.
		want: [2]stall{{flow.StreamWindow, flow.Reader}, none}, share: 0.8, findings: "stream-not-read stream-not-read stream-not-read",
		check: func(fail func(string, ...any), before, v *diagnose.View) {
			shut := 0
			for _, x := range v.Layer.HTTP2.Streams {
				h := &x.Halves[flow.Client]
				switch x.Path {
				case "/lab.S/Flood":
					if h.Now.Cause == flow.StreamWindow && h.Now.HeldBy == flow.Reader && h.Sent == 65535 {
						shut++
						continue
					}
					fail("stream %d: %+v after %d bytes", x.ID, h.Now, h.Sent)
				case "/lab.S/Echo":
					if held := h.Held() - stream(before, x.Path).Halves[flow.Client].Held(); held > 100*time.Millisecond {
						fail("the echo was held for %v of its last second", held)
					}
				}
			}
			if shut != 3 {
				fail("%d streams stopped at 65,535 bytes and are held by their readers, want 3", shut)
			}
		},
	},
	{
		name: "6 net/http: credit leaks on cancel", path: path{rtt: 10 * time.Millisecond},
		guest: netHTTP(http.HTTP2Config{}, nethttp.ClientOptions{KeepBodies: true,
			HTTP2Config: http.HTTP2Config{MaxReceiveBufferPerConnection: 65535, MaxReceiveBufferPerStream: 1 << 20}}),
		answers: map[string]peers.Answer{"/cancelled": {Content: endless}, "/starved": {Content: endless}},
		script: func(s *stage) {
			p := s.client.Open(peers.Call{Path: "/cancelled", Ends: true})
			time.Sleep(300 * time.Millisecond)
			p.Cancel()
			time.Sleep(100 * time.Millisecond)
			s.client.Open(peers.Call{Path: "/starved", Ends: true, ReadRate: peers.Unlimited})
		},
		want: [2]stall{none, {flow.ConnectionWindow, flow.CreditLeaked}}, share: 0.9, findings: "connection-credit-leaked",
		check: func(fail func(string, ...any), _, v *diagnose.View) {
			if x := stream(v, "/cancelled"); x == nil || x.Halves[flow.Server].Unreturned != 2*65535 {
				fail("the cancelled stream has %+v, want 131,070 bytes that were not returned", x)
			}
		},
	},
	{
		name: "7 grpc-go: a window option keeps the connection's small", path: path{rtt: 100 * time.Millisecond},
		guest:   grpcGo(grpcgo.ServerOptions{Options: grpcgo.Options{StreamWindow: 4 << 20}}, grpcgo.Options{}),
		answers: map[string]peers.Answer{"/lab.S/Far": {When: peers.Never, ReadRate: peers.Unlimited}},
		script:  func(s *stage) { s.client.Open(peers.Call{Path: "/lab.S/Far", Content: endless}) },
		want:    [2]stall{{flow.ConnectionWindow, flow.WindowSize}, none}, share: 0.7, findings: "http2-window-too-small",
	},
	{
		name: "7 grpc-go: without the option it grows", grows: true, path: path{rtt: 100 * time.Millisecond, window: 16 << 20},
		guest:   grpcGo(grpcgo.ServerOptions{}, grpcgo.Options{}),
		answers: map[string]peers.Answer{"/lab.S/Far": {When: peers.Never, ReadRate: peers.Unlimited}},
		script:  func(s *stage) { s.client.Open(peers.Call{Path: "/lab.S/Far", Content: endless}) },
		check: func(fail func(string, ...any), before, v *diagnose.View) {
			d := &v.Layer.HTTP2.Directions[flow.Client]
			sent := d.Sent - before.Layer.HTTP2.Directions[flow.Client].Sent
			if d.Initial.Low <= 65535 || sent < 5*10*65535 {
				fail("a new stream's window is %v, and %d bytes were sent in the last second: it did not grow", d.Initial, sent)
			}
		},
	},
}

// stream is the view's stream of a path, nil if there is none.
func stream(v *diagnose.View, path string) *diagnose.StreamView {
	list := v.Layer.HTTP2.Streams
	if i := slices.IndexFunc(list, func(x diagnose.StreamView) bool { return x.Path == path }); i >= 0 {
		return &list[i]
	}
	return nil
}

// findings are the rules of what was found, sorted, but for what is said of Nagle's
// algorithm.
func findings(v *diagnose.View) (rules []string) {
	for _, f := range diagnose.Findings(v) {
		if f.Rule != "nagle" {
			rules = append(rules, f.Rule)
		}
	}
	slices.Sort(rules)
	return rules
}

// TestStalls brings stock peers into the stalls of the catalogue, on both networks, and
// holds the verdict from the packets alone, seen at either end, to what was made.
func TestStalls(t *testing.T) {
	if testing.Short() {
		t.Skip("measures real time")
	}
	for _, r := range rows {
		for network := range networks {
			t.Run(r.name+", "+network, func(t *testing.T) {
				t.Parallel()
				need.Majority(t, func() []string { return r.run(t, network) })
			})
		}
	}
}

// run is a run of a row; it returns what is wrong.
func (r *row) run(t *testing.T, network string) (wrong []string) {
	fail := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	s := newStage(t, network, r.path, r.guest)
	defer s.close()
	for path, answer := range r.answers {
		s.answers.Set(path, answer)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.script(s)
	}()
	before := s.watch(1500 * time.Millisecond)
	<-done
	for at, v := range s.watch(time.Second) {
		where := []string{"seen at the client", "seen at the server"}[at]
		failHere := func(format string, args ...any) { fail(where+": "+format, args...) }
		if !r.grows {
			r.held(failHere, &before[at], &v)
		}
		if got := strings.Join(findings(&v), " "); got != r.findings && !r.grows {
			failHere("found %q, want %q", got, r.findings)
		}
		if n := v.Layer.HTTP2.Broken; n > 0 {
			failHere("%d violations, the first %+v", n, v.Layer.HTTP2.Violations[0])
		}
		if r.check != nil {
			r.check(failHere, &before[at], &v)
		}
	}
	return wrong
}

// held holds what held both sides in the last second to the row.
func (r *row) held(fail func(string, ...any), before, v *diagnose.View) {
	for i := range v.Directions {
		d, want := &v.Directions[i], r.want[i]
		limits := d.Limits.Sub(&before.Directions[i].Limits)
		windows := limits.Share(flow.ConnectionWindow) + limits.Share(flow.StreamWindow) + limits.Share(flow.ReceiveWindow)
		if want == none && windows > 0.1 || limits.Share(want.cause) < r.share && want != none {
			fail("of the %v's last second %.2f are %v, %.2f windows: %v", d.From, limits.Share(want.cause), want.cause, windows, limits)
		}
		if want != none && d.Now.Cause == want.cause && d.Now.HeldBy != want.heldBy {
			fail("the %v is held by %v, want %v", d.From, d.Now.HeldBy, want.heldBy)
		}
	}
}
