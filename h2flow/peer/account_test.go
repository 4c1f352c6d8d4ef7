package peer

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"golang.org/x/net/http2"
)

// TestAccountsAgree turns knobs at random while streams come and go, and holds both
// sides' accounts to each other whenever nothing moves.
func TestAccountsAgree(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		for name, n := range networks {
			t.Run(fmt.Sprintf("%d/%s", seed, name), func(t *testing.T) {
				t.Parallel()
				r := rand.New(rand.NewPCG(seed, 1))
				c, s := pair(t, n, randomConfig(r), randomConfig(r), randomHandler(seed))
				var open []*Stream
				for range 6 {
					for range 1 + r.IntN(5) {
						open = append(open, act(t, r, c, s, open)...)
					}
					quiet(t, c, s)
					agree(t, c.Account(), s.Account())
				}
				replay(t, c)
				replay(t, s)
			})
		}
	}
}

// act does one thing at random. It returns the streams that it opened.
func act(t *testing.T, r *rand.Rand, c, s *end, open []*Stream) []*Stream {
	t.Helper()
	side := []*end{c, s}[r.IntN(2)]
	switch r.IntN(8) {
	case 0, 1, 2:
		return []*Stream{c.mustOpen(t, Source{Bytes: r.Int64N(200_000), Message: uint32(r.IntN(2) * 3000), End: r.IntN(2) == 0})}
	case 3:
		side.ChangeSettings(initial(uint32(r.IntN(100_000)))...)
	case 4:
		side.Set(func(k *Knobs) { *k = randomKnobs(r) })
	case 5:
		side.WindowUpdate(0, 1+uint32(r.IntN(50_000)))
	case 6:
		if len(open) > 0 {
			open[r.IntN(len(open))].Reset(http2.ErrCodeCancel)
		}
	case 7:
		if len(open) > 0 {
			open[r.IntN(len(open))].SetReadRate([]float64{0, Unlimited}[r.IntN(2)])
		}
	}
	return nil
}

func randomKnobs(r *rand.Rand) Knobs {
	return Knobs{
		Credit: Credit{
			Stream: When(r.IntN(numWhens)), Conn: When(r.IntN(numWhens)),
			Share: r.Float64(), MaxUpdate: r.Int64N(3) * 5000, LeakReset: r.IntN(2) == 0,
		},
		Padding: r.IntN(2) * r.IntN(maxPadding+1), DataSize: r.IntN(20_000), WriteChunk: r.IntN(2) * (1 + r.IntN(100_000)),
	}
}

func randomConfig(r *rand.Rand) Config {
	return Config{
		Settings: []http2.Setting{
			{ID: http2.SettingInitialWindowSize, Val: uint32(r.IntN(200_000))},
			{ID: http2.SettingMaxConcurrentStreams, Val: uint32(1 + r.IntN(10))},
			{ID: http2.SettingMaxFrameSize, Val: uint32(minFrameSize + r.IntN(20_000))},
		},
		ConnWindow: uint32(r.IntN(500_000)),
		ReadBuffer: 1 + r.IntN(100_000),
		Knobs:      randomKnobs(r),
	}
}

func randomHandler(seed uint64) Handler {
	return func(s *Stream) {
		r := rand.New(rand.NewPCG(seed, uint64(s.ID())))
		[]Handler{Echo, Discard, NeverRead, SendBytes(100_000), EarlyResponse(1000), AnswerAfter(50_000)}[r.IntN(6)](s)
	}
}

// agree holds what one side has sent to what the other one has received.
func agree(t *testing.T, client, server Account) {
	t.Helper()
	for _, d := range []struct {
		name             string
		sender, receiver Account
	}{{"upload", client, server}, {"download", server, client}} {
		if d.sender.Send != d.receiver.Receive {
			t.Errorf("%s: sender %+v, receiver %+v", d.name, d.sender.Send, d.receiver.Receive)
		}
		if a, b := d.sender.Send.Conn, defaultWindow+d.sender.Send.Conn.Credit-d.sender.Send.Conn.Bytes; a.Size != b {
			t.Errorf("%s: the connection's window is %+v, want %d", d.name, a, b)
		}
		for i, s := range d.sender.Streams {
			if len(d.receiver.Streams) != len(d.sender.Streams) {
				t.Fatalf("%s: sender has %d streams, receiver %d", d.name, len(d.sender.Streams), len(d.receiver.Streams))
			}
			r := d.receiver.Streams[i]
			if s.ID != r.ID || s.Send != r.Receive {
				t.Errorf("%s: sender %+v, receiver %+v", d.name, s, r)
			}
			if want := d.sender.Send.Initial + s.Send.Credit - s.Send.Bytes; s.Send.Size != want {
				t.Errorf("%s: the window of stream %d is %d, want %d", d.name, s.ID, s.Send.Size, want)
			}
		}
	}
	if client.Open != server.Open || client.Open != len(client.Streams) || client.Limit != server.Limit || server.Waiting != 0 {
		t.Errorf("client %+v, server %+v", client, server)
	}
}

// replay holds the records of a side's frames to their own arithmetic: indices without
// gaps, DATA debited from both windows, and never more than they had.
func replay(t *testing.T, e *end) {
	t.Helper()
	var index [2]int64
	conn := int64(defaultWindow)
	for i, r := range e.all() {
		way := 0
		if !r.Sent {
			way = 1
		}
		if r.Index != index[way] || r.Other != index[1-way] {
			t.Fatalf("record %d is %+v, want index %d, other %d", i, r, index[way], index[1-way])
		}
		index[way]++
		switch {
		case r.Sent && r.Type == http2.FrameData:
			conn -= int64(r.Length)
			if r.Length > 0 && (r.ConnWindow < 0 || r.StreamWindow < 0) {
				t.Fatalf("DATA beyond a window: %+v", r)
			}
		case !r.Sent && r.Type == http2.FrameWindowUpdate && r.Stream == 0:
			conn = r.ConnWindow
		}
		if r.ConnWindow != conn {
			t.Fatalf("record %d is %+v, want a connection window of %d", i, r, conn)
		}
	}
}

// The initial window of the other side holds from the place of the ACK in this side's
// frames: the record before it has the old window, its own has the new one.
func TestSettingsHoldAtTheirAck(t *testing.T) {
	t.Parallel()
	for name, n := range networks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, s := pair(t, n, Config{}, Config{Knobs: Knobs{Credit: Credit{Conn: OnReceipt}}}, NeverRead)
			st := c.mustOpen(t, Source{Bytes: 1000})
			quiet(t, c, s)
			c.Set(func(k *Knobs) { k.HoldAck = true })
			s.ChangeSettings(initial(100)...)
			quiet(t, c, s)
			if a, b := st.Account(), s.Account(); a.Send.Size != 64_535 || b.Streams[0].Receive.Size != 64_535 {
				t.Errorf("before the ACK the window is %d, the server's account %d, want 64535", a.Send.Size, b.Streams[0].Receive.Size)
			}
			st.Send(Source{Bytes: 1000}) // which the held SETTINGS would not allow
			c.sent(t, s, 2000)
			if err := c.AckSettings(); err != nil {
				t.Fatal(err)
			}
			st.Send(Source{Bytes: 1000})
			quiet(t, c, s)
			if a, b := st.Account(), s.Account(); a.Send.Size != -1900 || b.Streams[0].Receive.Size != -1900 || a.Unsent != 1000 {
				t.Errorf("after the ACK the window is %d, the server's account %d, want -1900", a.Send.Size, b.Streams[0].Receive.Size)
			}
			if err := c.AckSettings(); err == nil {
				t.Error("acknowledged what was not held")
			}
			var last FrameRecord
			for _, r := range c.all() {
				if r.Type == http2.FrameSettings && r.Sent && last.Type == http2.FrameData && r.Flags.Has(http2.FlagSettingsAck) && last.StreamWindow != 63_535 {
					t.Errorf("the last DATA before the ACK is %+v, want a window of 63535", last)
				}
				if r.Sent {
					last = r
				}
			}
		})
	}
}

func TestRulesHaveNames(t *testing.T) {
	for i, name := range RuleNames() {
		r, err := ParseRule(name)
		if err != nil || r != Rule(i) || r.String() != name {
			t.Errorf("%q is rule %d, error %v; want %d", name, r, err, i)
		}
	}
	if _, err := ParseRule("be-nice"); err == nil || err.Error() != `unknown rule "be-nice"` {
		t.Errorf("error %v", err)
	}
	for i, name := range whenNames {
		if w, err := ParseWhen(name); err != nil || w != When(i) {
			t.Errorf("%q is %d, error %v; want %d", name, w, err, i)
		}
	}
	if slices.Contains(RuleNames(), "") {
		t.Error("a rule has no name")
	}
}
