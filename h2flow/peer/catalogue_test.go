package peer

import (
	"errors"
	"testing"
	"time"

	"flowlab/flow"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

const code = http2.ErrCodeFlowControl

// TestCatalogue makes the stalls of the package's comment, by their numbers there, each
// between this client and this server.
func TestCatalogue(t *testing.T) {
	t.Parallel()
	open := Knobs{Credit: Credit{Conn: OnReceipt}} // the connection never holds anybody
	for _, row := range []struct {
		name string
		run  func(*testing.T, network)
	}{
		{"1 unread stream holds the connection", func(t *testing.T, n network) {
			c, s := pair(t, n, Config{}, Config{Settings: initial(1 << 20)}, func(s *Stream) {
				if s.Value(":path") == "/" {
					NeverRead(s)
				} else {
					Discard(s)
				}
			})
			c.mustOpen(t, Source{Bytes: Endless})
			c.sent(t, s, 65_535)
			get, err := c.Open(Request{Method: "GET", Path: "/other", Body: Source{End: true}})
			if err != nil {
				t.Fatal(err)
			}
			wait(t, "answer without DATA", get.Answered())
			post, _ := c.Open(Request{Method: "POST", Path: "/other", Body: Source{Bytes: 1, End: true}})
			c.sent(t, s, 65_535)
			if a := post.Account(); a.Unsent != 1 || a.Send.Size != 1<<20 {
				t.Errorf("account of the POST %+v, want 1 byte that waits with credit of its own", a)
			}
		}},
		{"2 stream limit", func(t *testing.T, n network) {
			c, s := pair(t, n, Config{}, Config{Settings: streams(1)}, NeverRead)
			first := c.mustOpen(t, Source{})
			second := c.mustOpen(t, Source{})
			quiet(t, c, s)
			if a := c.Account(); a.Open != 1 || a.Waiting != 1 || a.Limit != 1 || second.ID() != 0 {
				t.Errorf("account %+v, second stream %d; want 1 open of 1, and 1 that waits", a, second.ID())
			}
			first.Reset(http2.ErrCodeCancel)
			c.until(t, "stream in its place", func(a Account) bool { return a.Open == 1 && a.Waiting == 0 })
			if second.ID() != 3 {
				t.Errorf("the second stream is %d, want 3", second.ID())
			}
		}},
		{"3 small window", func(t *testing.T, n network) {
			c, s := pair(t, n, Config{}, Config{Settings: initial(1000), Knobs: Knobs{Credit: Credit{Share: 1}}}, Discard)
			st := c.mustOpen(t, Source{Bytes: 10_000, End: true})
			wait(t, "end", st.Done())
			quiet(t, c, s)
			updates := 0
			for _, r := range s.all() {
				if r.Sent && r.Type == http2.FrameWindowUpdate && r.Stream != 0 {
					updates++
				}
			}
			if updates != 9 {
				t.Errorf("%d updates of the stream, want one a window but the last: 9", updates)
			}
		}},
		{"4 both send, neither reads", func(t *testing.T, n network) {
			c, s := pair(t, n, Config{}, Config{}, func(s *Stream) {
				s.SetReadRate(0)
				s.Send(Source{Bytes: Endless})
			})
			c.SetReadRate(0)
			c.mustOpen(t, Source{Bytes: Endless})
			c.sent(t, s, 65_535)
			s.sent(t, c, 65_535)
		}},
		{"5 peer never reads", func(t *testing.T, n network) {
			c, s := pair(t, n, Config{}, Config{Knobs: open}, NeverRead)
			c.mustOpen(t, Source{Bytes: Endless})
			c.sent(t, s, 65_535)
			if a := c.Account(); a.Send.Conn.Size != 65_535 || a.Streams[0].Send.Size != 0 {
				t.Errorf("account %+v, want the connection's window open and the stream's closed", a)
			}
		}},
		{"6 credit leaks on reset", func(t *testing.T, n network) {
			leak := Knobs{Credit: Credit{LeakReset: true}}
			c, s := pair(t, n, Config{}, Config{Settings: initial(30_000), Knobs: leak}, NeverRead)
			for _, total := range []int64{30_000, 60_000, 65_535} {
				st := c.mustOpen(t, Source{Bytes: Endless})
				c.sent(t, s, total)
				st.Reset(http2.ErrCodeCancel)
				quiet(t, c, s)
				if a := c.Account(); a.Send.Conn.Size != 65_535-total {
					t.Fatalf("the connection's window is %d, want %d", a.Send.Conn.Size, 65_535-total)
				}
			}
		}},
		{"6 no leak", func(t *testing.T, n network) {
			c, s := pair(t, n, Config{}, Config{Settings: initial(30_000)}, NeverRead)
			for range 3 {
				st := c.mustOpen(t, Source{Bytes: 30_000})
				c.until(t, "DATA", func(a Account) bool { return len(a.Streams) > 0 && a.Streams[0].Send.Size == 0 })
				quiet(t, c, s)
				st.Reset(http2.ErrCodeCancel)
				c.until(t, "credit", func(a Account) bool { return a.Send.Conn.Size == 65_535 })
			}
		}},
		{"8 whole messages are credited", func(t *testing.T, n network) {
			whole := Knobs{Credit: Credit{Stream: AfterMessage, Conn: OnReceipt}}
			c, s := pair(t, n, Config{}, Config{Knobs: whole}, SendBytes(0))
			grpc := Request{Method: "POST", Path: "/", Header: []hpack.HeaderField{{Name: "content-type", Value: "application/grpc"}}}
			grpc.Body = Messages(3, 60_000)
			fits, _ := c.Open(grpc)
			c.sent(t, s, 3*60_005)
			if a := fits.Account(); a.Send.Size != 65_535 {
				t.Errorf("after whole messages the window is %d, want 65535", a.Send.Size)
			}
			grpc.Body = Messages(1, 70_000)
			c.Open(grpc)
			c.sent(t, s, 3*60_005+65_535)
		}},
		{"9 raised initial window is ignored", func(t *testing.T, n network) {
			c, s := pair(t, n, Config{Break: []Rule{IgnoreInitialWindow}}, Config{Settings: initial(1 << 20), Knobs: open}, NeverRead)
			st := c.mustOpen(t, Source{Bytes: Endless})
			c.sent(t, s, 65_535)
			if a := st.Account(); a.Send.Size != 1<<20-65_535 {
				t.Errorf("the window is %d, want %d, which is not used", a.Send.Size, 1<<20-65_535)
			}
			c.Obey(IgnoreInitialWindow)
			c.sent(t, s, 1<<20)
		}},
		{"10 negative window", func(t *testing.T, n network) {
			c, s := pair(t, n, Config{}, Config{Knobs: open}, NeverRead)
			st := c.mustOpen(t, Source{Bytes: Endless})
			c.sent(t, s, 65_535)
			for _, step := range []struct {
				do           func() error
				window, sent int64
			}{
				{func() error { return s.ChangeSettings(initial(10)...) }, -65_525, 65_535},
				{func() error { return s.WindowUpdate(1, 60_000) }, -5_525, 65_535},
				{func() error { return s.WindowUpdate(1, 6_000) }, 0, 65_535 + 475},
			} {
				if err := step.do(); err != nil {
					t.Fatal(err)
				}
				c.sent(t, s, step.sent)
				if a, b := st.Account(), s.Account(); a.Send.Size != step.window || b.Streams[0].Receive.Size != step.window {
					t.Fatalf("the window is %d, the server's account %d, want %d", a.Send.Size, b.Streams[0].Receive.Size, step.window)
				}
			}
		}},
		{"11 early response", func(t *testing.T, n network) {
			c, s := pair(t, n, Config{}, Config{}, EarlyResponse(100))
			st := c.mustOpen(t, Source{Bytes: 1 << 20, End: true})
			wait(t, "response", st.ReadToEnd())
			c.sent(t, s, 65_535)
			for _, r := range c.all() {
				if r.Type == http2.FrameRSTStream {
					t.Errorf("reset: %+v", r)
				}
			}
		}},
		{"12 credit for streams that cannot open", func(t *testing.T, n network) {
			c, s := pair(t, n, Config{Break: []Rule{AssignCreditToUnopened}}, Config{Settings: streams(1)}, SendBytes(0))
			held := c.mustOpen(t, Source{})
			c.mustOpen(t, Source{Bytes: 1 << 20, End: true}) // cannot open
			held.Send(Source{Bytes: 1000})
			quiet(t, c, s)
			if a := c.Account(); a.Send.Conn.Bytes != 0 || a.Send.Conn.Size != 65_535 || a.Streams[0].Send.Size != 65_535 || a.Open != 1 {
				t.Errorf("account %+v, want credit everywhere and nothing sent", a)
			}
			c.Obey(AssignCreditToUnopened)
			c.sent(t, s, 1000)
		}},
		{"13 both ends stop reading", func(t *testing.T, n network) {
			c, s := pair(t, n, Config{ConnWindow: maxWindow, Settings: initial(maxWindow)}, Config{ConnWindow: maxWindow, Settings: initial(maxWindow)}, Echo)
			c.StopReading()
			s.StopReading()
			c.mustOpen(t, Source{Bytes: Endless})
			// The sockets' buffers take some; what was committed no longer grows.
			a := stuck(t, c)
			if a.Send.Conn.Size <= 0 || s.Account().Receive.Conn.Bytes != 0 {
				t.Errorf("account %+v, want credit, and nothing processed", a)
			}
			c.ResumeReading()
			s.ResumeReading()
			c.until(t, "progress", func(b Account) bool { return b.Send.Conn.Bytes > a.Send.Conn.Bytes && b.Receive.Conn.Bytes > 0 })
		}},
		{"15 silly window", func(t *testing.T, n network) {
			silly := Knobs{Credit: Credit{MaxUpdate: 50, Conn: OnReceipt}}
			c, s := pair(t, n, Config{}, Config{Settings: initial(10_000), Knobs: silly}, Discard)
			c.mustOpen(t, Source{Bytes: 12_000})
			c.sent(t, s, 12_000)
			sizes := c.frames(true, http2.FrameData)
			if len(sizes) != 41 || sizes[0].Length != 10_000 {
				t.Errorf("%d frames of DATA, want 10000 bytes and then 40 times 50", len(sizes))
			}
		}},
		{"17 zero initial window", func(t *testing.T, n network) {
			c, s := pair(t, n, Config{}, Config{Settings: initial(0)}, Discard)
			c.mustOpen(t, Source{Bytes: 1000})
			empty := c.mustOpen(t, Source{End: true}) // needs no credit
			wait(t, "end of an empty request", empty.Done())
			c.sent(t, s, 0)
			s.WindowUpdate(1, 400)
			c.until(t, "DATA", func(a Account) bool { return a.Send.Conn.Bytes >= 400 })
		}},
		{"18 padding is not credited", func(t *testing.T, n network) {
			c, s := pair(t, n, Config{Knobs: Knobs{Padding: 100, DataSize: 200}}, Config{Break: []Rule{NeverCreditPadding}}, SendBytes(0))
			st := c.mustOpen(t, Source{Bytes: Endless})
			c.until(t, "end of credit", func(a Account) bool { return a.Send.Conn.Size == 0 })
			quiet(t, c, s)
			if a := st.Account(); a.Send.Size != 0 || a.Send.Bytes-a.Send.Credit != 65_535 {
				t.Errorf("account %+v, want a window's worth of padding gone", a)
			}
		}},
		{"18 padding is credited", func(t *testing.T, n network) {
			c, _ := pair(t, n, Config{Knobs: Knobs{Padding: 256, DataSize: 300}}, Config{}, Discard)
			wait(t, "end", c.mustOpen(t, Source{Bytes: 100_000, End: true}).Done())
			if n := c.Account().Send.Conn.Bytes; n < 100_000/44*300 {
				t.Errorf("sent %d bytes, want 300 for each 44 of content", n)
			}
		}},
		{"19 configured window never advertised", func(t *testing.T, n network) {
			c, s := pair(t, n, Config{}, Config{Knobs: Knobs{Credit: Credit{Bytes: 1 << 19, Conn: OnReceipt}}}, Discard)
			c.mustOpen(t, Source{Bytes: 1 << 20, End: true})
			c.sent(t, s, 65_535)
		}},
		{"20 lost wake-up", func(t *testing.T, n network) {
			c, s := pair(t, n, Config{Break: []Rule{IgnoreWindowUpdate}}, Config{}, Discard)
			st := c.mustOpen(t, Source{Bytes: 1 << 20, End: true})
			c.sent(t, s, 65_535)
			if a := c.Account(); a.Send.Conn.Size != 65_535 || a.Streams[0].Send.Size != 65_535 {
				t.Errorf("account %+v, want all credit restored", a)
			}
			c.Obey(IgnoreWindowUpdate)
			wait(t, "end", st.Done())
		}},
		{"21 GOAWAY", func(t *testing.T, n network) {
			c, s := pair(t, n, Config{}, Config{}, NeverRead)
			first, second := c.mustOpen(t, Source{}), c.mustOpen(t, Source{})
			quiet(t, c, s)
			if err := s.GoAway(1, http2.ErrCodeNo, "maintenance"); err != nil {
				t.Fatal(err)
			}
			wait(t, "end of the second stream", second.Done())
			var away *ConnError
			if !errors.As(second.Err(), &away) || !away.ByPeer {
				t.Errorf("the second stream ended with %v, want the GOAWAY", second.Err())
			}
			if _, err := c.Open(Request{Method: "GET", Path: "/"}); err == nil {
				t.Error("a stream was opened after GOAWAY")
			}
			if first.Err() != nil || c.Account().Open != 1 {
				t.Errorf("first stream %v, account %+v; want it open", first.Err(), c.Account())
			}
		}},
		{"22 stream limit lowered", func(t *testing.T, n network) {
			c, s := pair(t, n, Config{}, Config{}, NeverRead)
			a, b := c.mustOpen(t, Source{}), c.mustOpen(t, Source{})
			quiet(t, c, s)
			s.ChangeSettings(streams(1)...)
			quiet(t, c, s)
			third := c.mustOpen(t, Source{})
			a.Reset(http2.ErrCodeCancel)
			quiet(t, c, s)
			if got := c.Account(); got.Open != 1 || got.Waiting != 1 {
				t.Errorf("account %+v, want 1 open, 1 waiting", got)
			}
			b.Reset(http2.ErrCodeCancel)
			quiet(t, c, s)
			if third.ID() == 0 {
				t.Error("the third stream still waits")
			}
		}},
		{"23 burst before SETTINGS", func(t *testing.T, n network) {
			near, far := n(t)
			c := run(t, flow.Client, near, Config{}, nil)
			a, b := c.mustOpen(t, Source{}), c.mustOpen(t, Source{})
			run(t, flow.Server, far, Config{Settings: streams(1)}, NeverRead)
			wait(t, "end of the second stream", b.Done())
			var refused *StreamError
			if !errors.As(b.Err(), &refused) || refused.Code != http2.ErrCodeRefusedStream || a.Err() != nil {
				t.Errorf("first stream %v, second %v; want the second refused", a.Err(), b.Err())
			}
		}},
		{"24 overflowing update", func(t *testing.T, n network) {
			c, s := pair(t, n, Config{}, Config{Break: []Rule{WindowOverflow}}, NeverRead)
			st := c.mustOpen(t, Source{})
			quiet(t, c, s)
			s.WindowUpdate(1, maxWindow)
			wait(t, "reset", st.Done())
			if want := (&StreamError{Stream: 1, Code: code}).Error(); st.Err().Error() != want {
				t.Errorf("the stream ended with %v, want %s", st.Err(), want)
			}
			s.WindowUpdate(0, maxWindow)
			failed(t, c, code)
			failed(t, s, code)
		}},
		{"24 zero update", func(t *testing.T, n network) {
			c, s := pair(t, n, Config{}, Config{Break: []Rule{WindowUpdateZero}}, SendBytes(0))
			st := c.mustOpen(t, Source{Bytes: 1})
			wait(t, "reset", st.Done())
			failed(t, c, http2.ErrCodeProtocol)
			failed(t, s, http2.ErrCodeProtocol)
		}},
		{"24 stray update", func(t *testing.T, n network) {
			c, s := pair(t, n, Config{}, Config{Break: []Rule{WindowOverflow}}, NeverRead)
			s.WindowUpdate(99, 1)
			failed(t, c, http2.ErrCodeProtocol)
		}},
		{"25 overrun of a stream", func(t *testing.T, n network) {
			c, s := pair(t, n, Config{Break: []Rule{SendBeyondWindow}}, Config{ConnWindow: 1 << 20}, NeverRead)
			st := c.mustOpen(t, Source{Bytes: 100_000})
			wait(t, "reset", st.Done())
			var reset *StreamError
			if !errors.As(st.Err(), &reset) || reset.Code != code || !reset.ByPeer {
				t.Errorf("the stream ended with %v, want FLOW_CONTROL_ERROR by the peer", st.Err())
			}
			if a := st.Account(); a.Send.Size >= 0 || a.Send.Size != 65_535-a.Send.Bytes {
				t.Errorf("account %+v, want a window below 0", a)
			}
			quiet(t, c, s)
		}},
		{"25 overrun of the connection", func(t *testing.T, n network) {
			c, s := pair(t, n, Config{Break: []Rule{SendBeyondWindow}}, Config{Settings: initial(1 << 20)}, NeverRead)
			c.mustOpen(t, Source{Bytes: 100_000})
			failed(t, s, code)
			failed(t, c, code)
		}},
		{"26 windows of a byte", func(t *testing.T, n network) {
			c, s := pair(t, n, Config{}, Config{Settings: initial(1)}, Discard)
			wait(t, "end", c.mustOpen(t, Source{Bytes: 50, End: true}).Done())
			if n := c.Account().Send.Conn.Bytes; n != 50 {
				t.Errorf("sent %d bytes, want 50", n)
			}
			for _, r := range s.all() {
				if r.Type == http2.FrameData && r.Length > 1 {
					t.Errorf("DATA of %d bytes, want 1", r.Length)
				}
			}
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			for name, n := range networks {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					row.run(t, n)
				})
			}
		})
	}
}

// failed waits for the end of a connection by an error of that code.
func failed(t testing.TB, e *end, code http2.ErrCode) {
	t.Helper()
	select {
	case err := <-e.ended:
		var found *ConnError
		if !errors.As(err, &found) || found.Code != code {
			t.Errorf("ended with %v, want %v", err, code)
		}
	case <-time.After(patience):
		t.Fatalf("it goes on after %v", patience)
	}
}

// stuck waits until a side sends nothing for a while.
func stuck(t testing.TB, e *end) Account {
	t.Helper()
	last := e.Account()
	for since := time.Now(); time.Since(since) < 100*time.Millisecond; {
		select {
		case <-e.moved:
		case <-time.After(20 * time.Millisecond):
		}
		if a := e.Account(); a.Send.Frames != last.Send.Frames {
			last, since = a, time.Now()
		}
	}
	return last
}
