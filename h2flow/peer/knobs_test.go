package peer

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"flowlab/flow"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// frames are the records of one type that went one way.
func (e *end) frames(sent bool, kind http2.FrameType) (found []FrameRecord) {
	for _, r := range e.all() {
		if r.Sent == sent && r.Type == kind {
			found = append(found, r)
		}
	}
	return found
}

// TestKnobs turns those that the catalogue has no row for.
func TestKnobs(t *testing.T) {
	t.Parallel()
	for _, k := range []struct {
		name string
		run  func(*testing.T, network)
	}{
		{"DATA has the size that is set", func(t *testing.T, n network) {
			c, _ := pair(t, n, Config{Knobs: Knobs{DataSize: 700}}, Config{}, Discard)
			wait(t, "end", c.mustOpen(t, Source{Bytes: 7000, End: true}).Done())
			sizes := c.frames(true, http2.FrameData)
			if len(sizes) != 10 || slices.ContainsFunc(sizes, func(r FrameRecord) bool { return r.Length != 700 }) {
				t.Errorf("%d frames %+v, want 10 of 700 bytes", len(sizes), sizes)
			}
		}},
		{"frames as large as the peer allows", func(t *testing.T, n network) {
			server := Config{Settings: append(initial(1<<20), http2.Setting{ID: http2.SettingMaxFrameSize, Val: 50_000}), ConnWindow: 1 << 20}
			c, _ := pair(t, n, Config{}, server, Discard)
			wait(t, "end", c.mustOpen(t, Source{Bytes: 100_000, End: true}).Done())
			if got := c.frames(true, http2.FrameData); len(got) != 2 || got[0].Length != 50_000 {
				t.Errorf("frames %+v, want 2 of 50000 bytes", got)
			}
		}},
		{"streams take turns", func(t *testing.T, n network) {
			schedules(t, n, Fair, []uint32{1, 3, 5, 1, 3, 5, 1, 3, 5})
		}},
		{"the oldest stream first", func(t *testing.T, n network) {
			schedules(t, n, OldestFirst, []uint32{1, 1, 1, 3, 3, 3, 5, 5, 5})
		}},
		{"connection window at the start", func(t *testing.T, n network) {
			c, s := pair(t, n, Config{}, Config{ConnWindow: 1 << 20}, NeverRead)
			quiet(t, c, s)
			if got := c.Account().Send.Conn; got != (Window{Size: 1 << 20, Credit: 1<<20 - 65_535}) {
				t.Errorf("window %+v, want 1 MiB", got)
			}
		}},
		{"credit by hand", func(t *testing.T, n network) {
			c, s := pair(t, n, Config{}, Config{Knobs: Knobs{Credit: Credit{Stream: ByHand, Conn: ByHand}}}, Discard)
			c.mustOpen(t, Source{Bytes: Endless})
			c.sent(t, s, 65_535)
			s.WindowUpdate(1, 5000)
			c.sent(t, s, 65_535)
			s.WindowUpdate(0, 3000)
			c.sent(t, s, 68_535)
		}},
		{"credit by hand counts as paid", func(t *testing.T, n network) {
			c, s := pair(t, n, Config{}, Config{Knobs: Knobs{Credit: Credit{Stream: ByHand, Conn: ByHand}}}, Discard)
			st := c.mustOpen(t, Source{Bytes: 60_000})
			c.sent(t, s, 60_000)
			s.WindowUpdate(1, 5000)
			s.WindowUpdate(0, 100_000) // more than was owed
			s.Set(func(k *Knobs) { k.Credit = Credit{} })
			quiet(t, c, s)
			if a, b := st.Account().Send.Size, c.Account().Send.Conn.Size; a != 65_535 || b != 65_535+40_000 {
				t.Errorf("windows %d and %d, want 65535 and 105535", a, b)
			}
		}},
		{"leaked credit is made good by hand", func(t *testing.T, n network) {
			c, s := pair(t, n, Config{}, Config{Knobs: Knobs{Credit: Credit{LeakReset: true}}}, func(*Stream) {})
			s.SetReadRate(0)
			lost := c.mustOpen(t, Source{Bytes: 30_000})
			c.sent(t, s, 30_000)
			lost.Reset(http2.ErrCodeCancel)
			quiet(t, c, s)
			s.WindowUpdate(0, 30_000)
			s.SetReadRate(Unlimited)
			c.mustOpen(t, Source{Bytes: 1000})
			c.sent(t, s, 31_000)
			if n := c.Account().Send.Conn.Size; n != 65_535 {
				t.Errorf("the connection's window is %d, want 65535", n)
			}
		}},
		{"credit at a share", func(t *testing.T, n network) {
			c, s := pair(t, n, Config{Knobs: Knobs{DataSize: 1000}}, Config{Settings: initial(10_000), Knobs: Knobs{Credit: Credit{Share: 0.5, Conn: ByHand}}}, Discard)
			c.mustOpen(t, Source{Bytes: 20_000})
			c.sent(t, s, 20_000)
			for _, u := range s.frames(true, http2.FrameWindowUpdate) {
				if u.Stream != 1 {
					t.Errorf("an update of the connection by hand: %+v", u)
				}
			}
			if n := len(s.frames(true, http2.FrameWindowUpdate)); n != 4 {
				t.Errorf("%d updates, want one for each 5000 bytes: 4", n)
			}
		}},
		{"rate of reading", func(t *testing.T, n network) {
			c, s := pair(t, n, Config{}, Config{Knobs: Knobs{Credit: Credit{Conn: OnReceipt}}}, func(s *Stream) { s.SetReadRate(200_000) })
			start := time.Now()
			c.mustOpen(t, Source{Bytes: 65_535 + 40_000})
			c.until(t, "DATA", func(a Account) bool { return a.Send.Conn.Bytes == 65_535+40_000 })
			if took := time.Since(start); took < 180*time.Millisecond {
				t.Errorf("40 kB were read in %v at 200 kB/s", took)
			}
			s.until(t, "unread bytes", func(a Account) bool { return a.Streams[0].Unread > 0 })
		}},
		{"a stopped reader goes on", func(t *testing.T, n network) {
			got := make(chan *Stream, 1)
			c, s := pair(t, n, Config{}, Config{}, func(s *Stream) { NeverRead(s); got <- s })
			st := c.mustOpen(t, Source{Bytes: 100_000, End: true})
			c.sent(t, s, 65_535)
			reader := <-got
			if a := reader.Account(); a.Unread != 65_535 {
				t.Errorf("account %+v, want a window of unread bytes", a)
			}
			reader.SetReadRate(Unlimited)
			wait(t, "all to be read", reader.ReadToEnd())
			if err := reader.End(); err != nil {
				t.Fatal(err)
			}
			wait(t, "end", st.Done())
			if st.Err() != nil || reader.Err() != nil {
				t.Errorf("ended with %v and %v", st.Err(), reader.Err())
			}
		}},
		{"a stopped socket", func(t *testing.T, n network) {
			c, s := pair(t, n, Config{}, Config{}, Discard)
			quiet(t, c, s)
			s.StopReading()
			s.StopReading()
			processed := s.Account().Receive.Frames
			st := c.mustOpen(t, Source{Bytes: 1000, End: true})
			before := stuck(t, c)
			if s.Account().Receive.Frames != processed || before.Send.Conn.Size <= 0 {
				t.Errorf("account %+v, want nothing received and credit", s.Account())
			}
			s.ResumeReading()
			wait(t, "end", st.Done())
		}},
		{"no ACK of SETTINGS", func(t *testing.T, n network) {
			near, far := n(t)
			c := run(t, flow.Client, near, Config{Break: []Rule{NoSettingsAck}}, nil)
			s := run(t, flow.Server, far, Config{Settings: initial(100)}, NeverRead)
			wait(t, "SETTINGS", c.Ready())
			c.mustOpen(t, Source{Bytes: Endless})
			c.sent(t, s, 100) // it obeys, and does not say so
			if a := s.Account(); a.Receive.Initial != 65_535 || a.Streams[0].Receive.Size != 65_435 {
				t.Errorf("account %+v, want one of SETTINGS that are not in force", a)
			}
		}},
		{"limit is ignored", func(t *testing.T, n network) {
			c, _ := pair(t, n, Config{Break: []Rule{IgnoreStreamLimit}}, Config{Settings: streams(1)}, NeverRead)
			c.mustOpen(t, Source{})
			second := c.mustOpen(t, Source{})
			wait(t, "reset", second.Done())
			if got := second.Err().Error(); got != "stream 3 was reset by the peer: REFUSED_STREAM" {
				t.Errorf("the second stream ended with %q", got)
			}
		}},
		{"PING", func(t *testing.T, n network) {
			c, s := pair(t, n, Config{}, Config{}, NeverRead)
			if a, b := c.ping(t), s.ping(t); a <= 0 || b <= 0 {
				t.Errorf("round trips %v and %v", a, b)
			}
			s.StopReading()
			answered := make(chan error, 1)
			go func() {
				_, err := c.Ping(t.Context())
				answered <- err
			}()
			c.until(t, "PING", func(Account) bool { return len(c.frames(true, http2.FramePing)) == 2 })
			c.Close()
			if err := <-answered; err == nil {
				t.Error("a PING was answered by a closed connection")
			}
		}},
		{"GOAWAY may not rise", func(t *testing.T, n network) {
			_, s := pair(t, n, Config{}, Config{}, NeverRead)
			if err := errors.Join(s.GoAway(5, http2.ErrCodeNo, ""), s.GoAway(3, http2.ErrCodeNo, "")); err != nil {
				t.Error(err)
			}
			if err := s.GoAway(5, http2.ErrCodeNo, ""); err == nil || err.Error() != "GOAWAY after stream 5: it was 3 before, and may not rise" {
				t.Errorf("error %v", err)
			}
		}},
		{"what breaks a rule is refused", func(t *testing.T, n network) {
			c, _ := pair(t, n, Config{}, Config{}, NeverRead)
			for _, r := range []struct {
				err  error
				want string
			}{
				{c.WindowUpdate(0, 0), "a WINDOW_UPDATE of 0 breaks window-update-zero"},
				{c.WindowUpdate(0, maxWindow), "a WINDOW_UPDATE of 2147483647 makes the window 2147549182, which breaks window-overflow"},
				{c.WindowUpdate(0, 1<<31), "a WINDOW_UPDATE of 2147483648: the field ends at 2147483647"},
				{c.WindowUpdate(7, 1), "stream 7 is idle"},
				{c.ChangeSettings(initial(1 << 31)...), "connection error FLOW_CONTROL_ERROR found here: SETTINGS_INITIAL_WINDOW_SIZE 2147483648 is above 2147483647"},
				{c.Set(func(k *Knobs) { k.Padding = 257 }), "padding of 257 bytes: it is 0 to 256, with its length octet"},
				{c.Set(func(k *Knobs) { k.Scheduler = 2 }), "unknown scheduler 2"},
			} {
				if r.err == nil || r.err.Error() != r.want {
					t.Errorf("error %v, want %s", r.err, r.want)
				}
			}
			if _, err := c.Open(Request{Method: "GET", Path: "/", Header: []hpack.HeaderField{{Name: "Bad", Value: "x"}}}); err == nil {
				t.Error("a name in upper case was sent")
			}
		}},
		{"a waiting stream is given up", func(t *testing.T, n network) {
			c, s := pair(t, n, Config{}, Config{Settings: streams(0)}, NeverRead)
			st := c.mustOpen(t, Source{Bytes: 5})
			if err := st.Reset(http2.ErrCodeCancel); err != nil {
				t.Fatal(err)
			}
			wait(t, "end", st.Done())
			s.ChangeSettings(streams(10)...)
			quiet(t, c, s)
			if a := c.Account(); a.Open != 0 || a.Waiting != 0 || len(c.frames(true, http2.FrameRSTStream)) != 0 {
				t.Errorf("account %+v, want nothing of it on the wire", a)
			}
		}},
		{"updates that cannot be written wait", func(t *testing.T, n network) {
			c, s := pair(t, n, Config{Knobs: Knobs{DataSize: 1}}, Config{}, Discard)
			c.StopReading()
			st := c.mustOpen(t, Source{Bytes: 50_000}) // more than 1 MB of updates, each by itself
			s.until(t, "DATA", func(a Account) bool { return a.Receive.Conn.Bytes == 50_000 })
			c.ResumeReading()
			quiet(t, c, s)
			if a, b := st.Account().Send.Size, c.Account().Send.Conn.Size; a != 65_535 || b != 65_535 {
				t.Errorf("windows %d and %d, want 65535", a, b)
			}
		}},
		{"trailers of a request that waits", func(t *testing.T, n network) {
			got := make(chan *Stream, 1)
			c, s := pair(t, n, Config{}, Config{Settings: streams(0)}, func(s *Stream) { Discard(s); got <- s })
			st := c.mustOpen(t, Source{})
			if err := st.End(hpack.HeaderField{Name: "checksum", Value: "7"}); err != nil {
				t.Fatal(err)
			}
			s.ChangeSettings(streams(1)...)
			wait(t, "end", st.Done())
			if tr := fmt.Sprint((<-got).Trailer()); tr != `[header field "checksum" = "7"]` {
				t.Errorf("trailer %s", tr)
			}
		}},
		{"long fields and trailers", func(t *testing.T, n network) {
			long := strings.Repeat("x", 100_000)
			c, _ := pair(t, n, Config{}, Config{}, func(s *Stream) {
				s.Respond(201, hpack.HeaderField{Name: "long", Value: long})
				s.Send(Source{Bytes: 10})
				s.End(hpack.HeaderField{Name: "grpc-status", Value: "0"})
			})
			st, err := c.Open(Request{Method: "GET", Path: "/", Header: []hpack.HeaderField{{Name: "long", Value: long}}, Body: Source{End: true}})
			if err != nil {
				t.Fatal(err)
			}
			wait(t, "end", st.Done())
			if st.Err() != nil || st.Value(":status") != "201" || st.Value("long") != long || fmt.Sprint(st.Trailer()) != `[header field "grpc-status" = "0"]` {
				t.Errorf("error %v, status %s, trailer %v", st.Err(), st.Value(":status"), st.Trailer())
			}
			if len(c.frames(true, http2.FrameContinuation)) == 0 || len(c.frames(false, http2.FrameContinuation)) == 0 {
				t.Error("no CONTINUATION")
			}
		}},
	} {
		t.Run(k.name, func(t *testing.T) {
			for name, n := range networks {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					k.run(t, n)
				})
			}
		})
	}
}

// schedules holds the order of DATA to that of a scheduler: three streams have three
// frames each, and may all go on at the same instant.
func schedules(t *testing.T, n network, by Scheduler, want []uint32) {
	t.Helper()
	c, s := pair(t, n, Config{Knobs: Knobs{DataSize: 100, Scheduler: by}}, Config{Settings: initial(0), Knobs: Knobs{Credit: Credit{Stream: ByHand}}}, Discard)
	for range 3 {
		c.mustOpen(t, Source{Bytes: 300})
	}
	quiet(t, c, s)
	s.ChangeSettings(initial(300)...)
	c.sent(t, s, 900)
	var order []uint32
	for _, r := range c.frames(true, http2.FrameData) {
		order = append(order, r.Stream)
	}
	if !slices.Equal(order, want) {
		t.Errorf("DATA on streams %v, want %v", order, want)
	}
}
