package diagnose_test

import (
	"slices"
	"strings"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/h2flow/peer"
)

// stall is what holds a side, and who can let it go.
type stall struct {
	cause  flow.Cause
	heldBy flow.HeldBy
}

var none = stall{cause: flow.Application}

// row is one of the catalogue of real stalls, and how it is made.
type row struct {
	name     string
	rtt      time.Duration
	rate     int64
	window   int // of TCP
	client   peer.Config
	server   peer.Config
	handler  peer.Handler
	script   func(s *stage, c, v *peer.Conn)
	want     [2]stall // by the side that sends
	share    float64  // that the cause has of its direction's last second at the least
	findings string   // rules, sorted
	check    func(fail func(string, ...any), v *diagnose.View)
}

// catalogue has the rows with the numbers that the instrumented peers give them too
// (package peer), and more than one where there are several ways.
var catalogue = []row{
	{
		name: "1 unread stream starves its siblings", rtt: 10 * time.Millisecond,
		server: peer.Config{Settings: window(100_000), ConnWindow: 100_000}, handler: peer.NeverRead,
		script: func(s *stage, c, _ *peer.Conn) {
			s.upload(c, "/unread", endless)
			time.Sleep(300 * time.Millisecond)
			s.upload(c, "/starved", peer.Source{Bytes: 1, End: true})
		},
		want: [2]stall{{flow.ConnectionWindow, flow.CreditHeld}, none}, share: 0.9, findings: "connection-credit-held",
		check: func(fail func(string, ...any), v *diagnose.View) {
			h := v.Layer.HTTP2.Directions[flow.Client].Holders
			if len(h.Streams) != 1 || h.Streams[0].Path != "/unread" || h.Streams[0].Bytes != 100_000 {
				fail("the credit is held by %+v, want all of 100,000 by /unread", h)
			}
		},
	},
	{
		name: "2 stream limit, and a request waits", rtt: 20 * time.Millisecond,
		server: peer.Config{Settings: limit(1)}, handler: peer.NeverRead,
		script: func(s *stage, c, _ *peer.Conn) {
			<-c.Ready()
			held := s.upload(c, "/held", peer.Source{})
			s.upload(c, "/waits", peer.Source{})
			go func() {
				time.Sleep(2200 * time.Millisecond) // within the second that counts
				_ = held.Reset(http2.ErrCodeCancel)
			}()
		},
		want: [2]stall{{flow.StreamLimit, flow.PeerSettings}, none}, share: 0.6, findings: "stream-limit-reached",
		check: func(fail func(string, ...any), v *diagnose.View) {
			if l := &v.Layer.HTTP2.Limit; l.Reached != 2 || l.Freed != 1 || l.Followed != 1 || len(l.Frames) != 3 {
				fail("the limit was %+v, want it reached twice, and HEADERS that followed once", l)
			}
		},
	},
	{
		name: "2 stream limit, and none is known to wait", rtt: 20 * time.Millisecond,
		server: peer.Config{Settings: limit(1)}, handler: peer.NeverRead,
		script: func(s *stage, c, _ *peer.Conn) {
			<-c.Ready()
			held := s.upload(c, "/held", peer.Source{})
			time.Sleep(500 * time.Millisecond)
			_ = held.Reset(http2.ErrCodeCancel)
			time.Sleep(200 * time.Millisecond)
			s.upload(c, "/later", peer.Source{})
		},
		want: [2]stall{none, none}, findings: "stream-limit-reached",
		check: func(fail func(string, ...any), v *diagnose.View) {
			if l := &v.Layer.HTTP2.Limit; l.Freed != 1 || l.Followed != 0 || v.Directions[0].Limits[flow.StreamLimit] != 0 {
				fail("the limit was %+v, want no HEADERS that followed", l)
			}
			if v.Directions[0].Now.Undecided < 500*time.Millisecond {
				fail("what holds the client is settled but for %v", v.Directions[0].Now.Undecided)
			}
		},
	},
	{
		name: "3 window too small for the path", rtt: 100 * time.Millisecond,
		server: peer.Config{ConnWindow: 10 << 20}, handler: peer.Discard,
		script: func(s *stage, c, _ *peer.Conn) { s.upload(c, "/far", endless) },
		want:   [2]stall{{flow.StreamWindow, flow.WindowSize}, none}, share: 0.7, findings: "http2-window-too-small",
	},
	{
		name: "4 both sides send", rtt: 10 * time.Millisecond,
		client: peer.Config{ConnWindow: 1 << 20}, server: peer.Config{ConnWindow: 1 << 20},
		handler: func(s *peer.Stream) {
			s.SetReadRate(0)
			_ = s.Respond(200)
			_ = s.Send(endless)
		},
		script: func(s *stage, c, _ *peer.Conn) { s.upload(c, "/both", endless).SetReadRate(0) },
		want:   [2]stall{{flow.StreamWindow, flow.Reader}, {flow.StreamWindow, flow.Reader}}, share: 0.9,
		findings: "both-sides-send stream-not-read stream-not-read",
		check: func(fail func(string, ...any), v *diagnose.View) {
			for _, h := range v.Layer.HTTP2.Streams[0].Halves {
				if h.Sent != 65535 {
					fail("%d bytes were sent, want 65,535", h.Sent)
				}
			}
		},
	},
	{
		name: "5 peer never reads one stream", rtt: 10 * time.Millisecond,
		server:  peer.Config{ConnWindow: 10 << 20, Knobs: peer.Knobs{Credit: peer.Credit{Conn: peer.OnReceipt}}},
		handler: peer.NeverRead,
		script:  func(s *stage, c, _ *peer.Conn) { s.upload(c, "/unread", endless) },
		want:    [2]stall{{flow.StreamWindow, flow.Reader}, none}, share: 0.9, findings: "stream-not-read",
	},
	{
		name: "6 credit leaks on reset", rtt: 10 * time.Millisecond,
		server: peer.Config{Settings: window(30_000), Knobs: peer.Knobs{Credit: peer.Credit{LeakReset: true}}}, handler: peer.NeverRead,
		script: func(s *stage, c, _ *peer.Conn) {
			<-c.Ready()
			for range 2 {
				x := s.upload(c, "/cancelled", endless)
				time.Sleep(150 * time.Millisecond)
				_ = x.Reset(http2.ErrCodeCancel)
			}
			s.upload(c, "/starved", endless)
		},
		want: [2]stall{{flow.ConnectionWindow, flow.CreditLeaked}, none}, share: 0.9, findings: "connection-credit-leaked",
	},
	{
		name: "6 credit is given back on streams and not on the connection", rtt: 10 * time.Millisecond,
		server:  peer.Config{Settings: window(20_000), Knobs: peer.Knobs{Credit: peer.Credit{Conn: peer.ByHand}}},
		handler: peer.Discard,
		script:  func(s *stage, c, _ *peer.Conn) { <-c.Ready(); s.upload(c, "/read", endless) },
		want:    [2]stall{{flow.ConnectionWindow, flow.PeerLibrary}, none}, share: 0.9, findings: "connection-credit-owed",
	},
	{
		name: "7 connection's window never grows", rtt: 100 * time.Millisecond,
		server: peer.Config{Settings: window(1 << 20)}, handler: peer.Discard,
		script: func(s *stage, c, _ *peer.Conn) { <-c.Ready(); s.upload(c, "/flat", endless) },
		want:   [2]stall{{flow.ConnectionWindow, flow.WindowSize}, none}, share: 0.7, findings: "http2-window-too-small",
		check: func(fail func(string, ...any), v *diagnose.View) {
			if h := v.Layer.HTTP2.Directions[flow.Client]; h.Largest != 65535 {
				fail("the connection's window was %d at the largest, want 65,535", h.Largest)
			}
		},
	},
	{
		name: "8 message larger than the window", rtt: 10 * time.Millisecond,
		server:  peer.Config{ConnWindow: 1 << 20, Knobs: peer.Knobs{Credit: peer.Credit{Stream: peer.AfterMessage}}},
		handler: peer.Discard,
		script: func(s *stage, c, _ *peer.Conn) {
			if _, err := c.Open(peer.Request{Method: "POST", Path: "/large.Service/Put", Header: grpc, Body: peer.Messages(1, 100_000)}); err != nil {
				s.t.Error(err)
			}
		},
		want: [2]stall{{flow.StreamWindow, flow.Reader}, none}, share: 0.9, findings: "message-larger-than-window",
	},
	{
		name: "8 message larger than the window, after whole ones were credited", rtt: 10 * time.Millisecond,
		server:  peer.Config{ConnWindow: 1 << 20, Knobs: peer.Knobs{Credit: peer.Credit{Stream: peer.AfterMessage}}},
		handler: peer.Discard,
		script: func(s *stage, c, _ *peer.Conn) {
			x, err := c.Open(peer.Request{Method: "POST", Path: "/large.Service/Put", Header: grpc, Body: peer.Messages(2, 60_000)})
			if err != nil {
				s.t.Error(err)
				return
			}
			_ = x.Send(peer.Messages(1, 100_000))
		},
		want: [2]stall{{flow.StreamWindow, flow.PeerLibrary}, none}, share: 0.9, findings: "message-larger-than-window",
	},
	{
		name: "9 raised window ignored", rtt: 10 * time.Millisecond,
		client: peer.Config{Break: []peer.Rule{peer.IgnoreInitialWindow}},
		server: peer.Config{Settings: window(1 << 20), ConnWindow: 2 << 20}, handler: peer.NeverRead,
		script: func(s *stage, c, _ *peer.Conn) { s.upload(c, "/deaf", endless) },
		want:   [2]stall{{flow.Application, flow.SenderLibrary}, none}, findings: "settings-ignored",
	},
	{
		name: "10 window below zero", rtt: 10 * time.Millisecond,
		server: peer.Config{ConnWindow: 1 << 20}, handler: peer.NeverRead,
		script: func(s *stage, c, v *peer.Conn) {
			x := s.upload(c, "/upload", endless)
			time.Sleep(200 * time.Millisecond)
			_ = v.ChangeSettings(window(10)...)
			time.Sleep(200 * time.Millisecond)
			_ = v.WindowUpdate(x.ID(), 60_000)
		},
		want: [2]stall{{flow.StreamWindow, flow.PeerSettings}, none}, share: 0.9, findings: "window-below-zero",
		check: func(fail func(string, ...any), v *diagnose.View) {
			h := v.Layer.HTTP2.Streams[0].Halves[flow.Client]
			if h.Lowest != -65525 || h.Window.Low != -5525 {
				fail("the window was %d at the lowest and is %v, want -65,525 and -5,525", h.Lowest, h.Window)
			}
		},
	},
	{
		name: "11 early response, and the upload is abandoned", rtt: 10 * time.Millisecond,
		server: peer.Config{ConnWindow: 1 << 20}, handler: peer.EarlyResponse(100),
		script: func(s *stage, c, _ *peer.Conn) { s.upload(c, "/rejected", endless) },
		want:   [2]stall{{flow.StreamWindow, flow.Reader}, none}, share: 0.9, findings: "upload-abandoned",
	},
	{
		name: "12 credit for streams that cannot open", rtt: 10 * time.Millisecond,
		client: peer.Config{Break: []peer.Rule{peer.AssignCreditToUnopened}},
		server: peer.Config{Settings: limit(1)}, handler: peer.NeverRead,
		script: func(s *stage, c, _ *peer.Conn) {
			<-c.Ready()
			held, err := c.Open(peer.Request{Method: "POST", Path: "/held", Header: []hpack.HeaderField{{Name: "content-length", Value: "1000"}}})
			if err != nil {
				s.t.Error(err)
				return
			}
			s.upload(c, "/unopened", endless)
			_ = held.Send(peer.Source{Bytes: 1000})
		},
		want: [2]stall{none, none}, findings: "credit-not-used stream-limit-reached",
	},
	{
		name: "13 both ends stop reading", rtt: 10 * time.Millisecond, window: 64 << 10,
		client: peer.Config{Settings: window(1 << 30), ConnWindow: 1 << 30},
		server: peer.Config{Settings: window(1 << 30), ConnWindow: 1 << 30},
		handler: func(s *peer.Stream) {
			_ = s.Respond(200)
			_ = s.Send(endless)
		},
		script: func(s *stage, c, v *peer.Conn) {
			<-v.Ready()
			s.upload(c, "/both", peer.Source{})
			time.Sleep(100 * time.Millisecond)
			c.StopReading()
			v.StopReading()
			s.upload(c, "/more", endless)
		},
		want: [2]stall{{flow.ReceiveWindow, flow.Reader}, {flow.ReceiveWindow, flow.Reader}}, share: 0.8, findings: "both-sockets-unread",
	},
	{
		name: "14 a stream is starved by another", rtt: 10 * time.Millisecond, rate: 20e6 / 8,
		server: peer.Config{Settings: window(1 << 24), ConnWindow: 1 << 24}, handler: peer.Discard,
		script: func(s *stage, c, _ *peer.Conn) {
			<-c.Ready()
			// These are the frames of a library whose scheduler prefers the other stream.
			if _, err := c.Open(peer.Request{Method: "POST", Path: "/starved", Header: []hpack.HeaderField{{Name: "content-length", Value: "1000"}}}); err != nil {
				s.t.Error(err)
			}
			s.upload(c, "/bulk", endless)
		},
		want: [2]stall{{flow.Congestion, flow.Path}, none}, share: 0.9, findings: "stream-starved",
		check: func(fail func(string, ...any), v *diagnose.View) {
			for _, x := range v.Layer.HTTP2.Streams {
				if l := x.Halves[flow.Client].Limits; windows(&l) > 0.05 {
					fail("%s is blamed on a window: %v", x.Path, l)
				}
			}
		},
	},
	{
		name: "15 silly window", rtt: 10 * time.Millisecond,
		server:  peer.Config{Settings: window(1000), ConnWindow: 1 << 20, Knobs: peer.Knobs{Credit: peer.Credit{MaxUpdate: 50}}},
		handler: peer.Discard,
		script:  func(s *stage, c, _ *peer.Conn) { <-c.Ready(); s.upload(c, "/silly", endless) },
		want:    [2]stall{{flow.StreamWindow, flow.WindowSize}, none}, share: 0.8, findings: "tiny-updates",
	},
	{
		name: "17 zero initial window", rtt: 10 * time.Millisecond,
		server: peer.Config{Settings: window(0), ConnWindow: 1 << 20}, handler: peer.NeverRead,
		script: func(s *stage, c, _ *peer.Conn) { <-c.Ready(); s.upload(c, "/none", endless) },
		want:   [2]stall{{flow.StreamWindow, flow.PeerSettings}, none}, share: 0.9, findings: "zero-initial-window",
	},
	{
		name: "18 padding is never credited", rtt: 10 * time.Millisecond,
		client:  peer.Config{Knobs: peer.Knobs{Padding: 256, DataSize: 1000}},
		server:  peer.Config{Break: []peer.Rule{peer.NeverCreditPadding}, Settings: window(30_000), ConnWindow: 1 << 20},
		handler: peer.Discard,
		script:  func(s *stage, c, _ *peer.Conn) { <-c.Ready(); s.upload(c, "/padded", endless) },
		want:    [2]stall{{flow.StreamWindow, flow.PeerLibrary}, none}, share: 0.9, findings: "padding-not-credited",
	},
	{
		name: "18 padding is never credited to the connection", rtt: 10 * time.Millisecond,
		client:  peer.Config{Knobs: peer.Knobs{Padding: 256, DataSize: 1000}},
		server:  peer.Config{Break: []peer.Rule{peer.NeverCreditPadding}, Settings: window(1 << 20)},
		handler: peer.Discard,
		script:  func(s *stage, c, _ *peer.Conn) { <-c.Ready(); s.upload(c, "/padded", endless) },
		want:    [2]stall{{flow.ConnectionWindow, flow.PeerLibrary}, none}, share: 0.9, findings: "connection-credit-owed padding-not-credited",
	},
	{
		name: "19 configured window never advertised", rtt: 10 * time.Millisecond,
		server:  peer.Config{ConnWindow: 1 << 20, Knobs: peer.Knobs{Credit: peer.Credit{Bytes: 1 << 19, Conn: peer.OnReceipt}}},
		handler: peer.Discard,
		script:  func(s *stage, c, _ *peer.Conn) { s.upload(c, "/promised", endless) },
		want:    [2]stall{{flow.StreamWindow, flow.Reader}, none}, share: 0.9, findings: "stream-not-read",
		check: func(fail func(string, ...any), v *diagnose.View) {
			for _, f := range diagnose.Findings(v) {
				if !strings.Contains(f.Text, "counts on a larger window") {
					fail("the finding does not say that the library may count on a larger window: %s", f.Text)
				}
			}
		},
	},
	{
		name: "20 credit that is not used", rtt: 10 * time.Millisecond,
		server: peer.Config{ConnWindow: 1 << 20}, handler: peer.NeverRead,
		script: func(s *stage, c, v *peer.Conn) {
			x := s.upload(c, "/asleep", endless)
			time.Sleep(200 * time.Millisecond)
			c.Break(peer.IgnoreWindowUpdate)
			_ = v.WindowUpdate(x.ID(), 50_000)
		},
		want: [2]stall{{flow.Application, flow.SenderLibrary}, none}, findings: "credit-not-used",
	},
	{
		name: "21 GOAWAY leaves streams unanswered", rtt: 10 * time.Millisecond, handler: peer.NeverRead,
		script: func(s *stage, c, v *peer.Conn) {
			first := s.upload(c, "/answered", peer.Source{})
			s.upload(c, "/lost", peer.Source{})
			time.Sleep(100 * time.Millisecond)
			_ = v.GoAway(first.ID(), http2.ErrCodeNo, "")
		},
		want: [2]stall{none, none}, findings: "goaway-unanswered",
		check: func(fail func(string, ...any), v *diagnose.View) {
			if a := v.Layer.HTTP2.Away[flow.Server]; a.Last != 1 || a.Above != 1 || !slices.Equal(a.Named, []uint32{3}) {
				fail("GOAWAY is %+v, want stream 3 above stream 1", a)
			}
		},
	},
	{
		name: "22 stream limit lowered", rtt: 20 * time.Millisecond,
		handler: peer.NeverRead,
		script: func(s *stage, c, v *peer.Conn) {
			<-c.Ready()
			first, second := s.upload(c, "/one", peer.Source{}), s.upload(c, "/two", peer.Source{})
			time.Sleep(200 * time.Millisecond)
			_ = v.ChangeSettings(limit(1)...)
			time.Sleep(200 * time.Millisecond)
			s.upload(c, "/waits", peer.Source{})
			_ = first.Reset(http2.ErrCodeCancel)
			go func() {
				time.Sleep(2 * time.Second)
				_ = second.Reset(http2.ErrCodeCancel)
			}()
		},
		want: [2]stall{{flow.StreamLimit, flow.PeerSettings}, none}, share: 0.6, findings: "stream-limit-lowered stream-limit-reached",
	},
	{
		name: "23 burst before SETTINGS", rtt: 20 * time.Millisecond,
		server: peer.Config{Settings: limit(2)}, handler: peer.NeverRead,
		script: func(s *stage, c, v *peer.Conn) {
			for range 5 {
				s.upload(c, "/burst", peer.Source{})
			}
		},
		want: [2]stall{none, none}, findings: "refused-before-settings stream-limit-reached",
		check: func(fail func(string, ...any), v *diagnose.View) {
			if n := v.Layer.HTTP2.Refused.Early; n != 3 {
				fail("%d streams were refused, want 3", n)
			}
		},
	},
	{
		name: "24 overflowing update", rtt: 10 * time.Millisecond,
		server: peer.Config{Break: []peer.Rule{peer.WindowOverflow}}, handler: peer.NeverRead,
		script: func(s *stage, c, v *peer.Conn) {
			x := s.upload(c, "/overflow", peer.Source{})
			time.Sleep(100 * time.Millisecond)
			_ = v.WindowUpdate(x.ID(), 1<<31-1)
			time.Sleep(100 * time.Millisecond)
			_ = v.WindowUpdate(0, 1<<31-1)
		},
		want: [2]stall{none, none}, findings: "broken-overflow goaway-error",
	},
	{
		name: "25 overrun", rtt: 10 * time.Millisecond,
		client: peer.Config{Break: []peer.Rule{peer.SendBeyondWindow}},
		server: peer.Config{ConnWindow: 1 << 20}, handler: peer.NeverRead,
		script: func(s *stage, c, v *peer.Conn) { s.upload(c, "/beyond", peer.Source{Bytes: 100_000}) },
		want:   [2]stall{none, none}, findings: "broken-overrun",
	},
	{
		name: "26 HTTP/2 open and TCP shut", rtt: 10 * time.Millisecond, window: 64 << 10,
		server: peer.Config{Settings: window(1 << 30), ConnWindow: 1 << 30}, handler: peer.Discard,
		script: func(s *stage, c, v *peer.Conn) {
			<-v.Ready()
			time.Sleep(100 * time.Millisecond)
			v.StopReading()
			s.upload(c, "/socket", endless)
		},
		want: [2]stall{{flow.ReceiveWindow, flow.Reader}, none}, share: 0.8, findings: "http2-open-tcp-shut",
	},
}
