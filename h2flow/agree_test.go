package h2flow_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"flowlab/flow"
	"flowlab/h2flow"
	"flowlab/h2flow/peer"
)

// taped is a connection that keeps what is written to it.
type taped struct {
	net.Conn
	mu   sync.Mutex
	tape []byte
}

func (c *taped) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.mu.Lock()
	c.tape = append(c.tape, b[:n]...)
	c.mu.Unlock()
	return n, err
}

// TestLedgerAgrees holds the ledger, which sees bytes only, to the accounts that both
// sides keep of themselves, after each frame: with random windows, settings, padding
// and resets. The frames are given to the ledger in the order in which a side wrote
// and processed them.
func TestLedgerAgrees(t *testing.T) {
	seeds := uint64(60)
	if testing.Short() {
		seeds = 6
	}
	var mu sync.Mutex
	frames, compared := 0, 0
	t.Cleanup(func() { t.Logf("%d frames, %d windows compared", frames, compared) })
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			tapes, records := converse(t, seed)
			for _, side := range []flow.Side{flow.Client, flow.Server} {
				f, c := replay(t, side, tapes, records[side])
				mu.Lock()
				frames, compared = frames+f, compared+c
				mu.Unlock()
			}
		})
	}
}

// converse has a client and a server do things at random, over a pipe.
func converse(t *testing.T, seed uint64) (tapes [2][]byte, records [2][]peer.FrameRecord) {
	a, b := net.Pipe()
	conns := [2]*taped{{Conn: a}, {Conn: b}}
	records = talk(t, rand.New(rand.NewPCG(seed, 2)), [2]net.Conn{conns[0], conns[1]}, 80, 50*time.Millisecond)
	for i, c := range conns {
		c.mu.Lock()
		tapes[i] = c.tape
		c.mu.Unlock()
	}
	return tapes, records
}

// talk has a client and a server do so many things at random over two ends of a
// connection, and gives them some time to finish. It returns what each has written and
// processed.
func talk(t *testing.T, r *rand.Rand, conns [2]net.Conn, things int, finish time.Duration) (records [2][]peer.FrameRecord) {
	var sides [2]*peer.Conn
	var mu sync.Mutex
	for i := range sides {
		config := peer.Config{
			Settings: []http2.Setting{
				{ID: http2.SettingInitialWindowSize, Val: r.Uint32N(100_000)},
				{ID: http2.SettingMaxConcurrentStreams, Val: 1 + r.Uint32N(10)},
			},
			ConnWindow: r.Uint32N(300_000), ReadBuffer: 1 + r.IntN(50_000), Knobs: knobs(r),
			OnFrame: func(f peer.FrameRecord) {
				mu.Lock()
				records[i] = append(records[i], f)
				mu.Unlock()
			},
		}
		handler := func(s *peer.Stream) {
			[]peer.Handler{peer.Echo, peer.Discard, peer.NeverRead, peer.SendBytes(60_000)}[s.ID()/2%4](s)
		}
		if i == int(flow.Client) {
			handler = nil
		}
		var err error
		if sides[i], err = peer.New(flow.Side(i), conns[i], config, handler); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	var running sync.WaitGroup
	for _, s := range sides {
		running.Go(func() { _ = s.Run(ctx) })
	}
	var open []*peer.Stream
	for range things {
		side := sides[r.IntN(2)]
		switch r.IntN(8) {
		case 0, 1, 2:
			if s, err := sides[flow.Client].Open(peer.Request{Method: "POST", Path: "/", Body: peer.Source{Bytes: r.Int64N(150_000), End: r.IntN(2) == 0}}); err == nil {
				open = append(open, s)
			}
		case 3:
			_ = side.ChangeSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: r.Uint32N(100_000)})
		case 4:
			_ = side.Set(func(k *peer.Knobs) { *k = knobs(r) })
		case 5:
			_ = side.WindowUpdate(0, 1+r.Uint32N(50_000))
		case 6:
			if len(open) > 0 {
				_ = open[r.IntN(len(open))].Reset(http2.ErrCodeCancel)
			}
		case 7:
			time.Sleep(time.Duration(r.IntN(3)) * time.Millisecond) // so that something moves
		}
	}
	time.Sleep(finish)
	cancel()
	running.Wait()
	return records
}

func knobs(r *rand.Rand) peer.Knobs {
	return peer.Knobs{
		Credit: peer.Credit{
			Stream: []peer.When{peer.AtRead, peer.OnReceipt}[r.IntN(2)], Conn: []peer.When{peer.AtRead, peer.OnReceipt}[r.IntN(2)],
			Share: r.Float64() / 2, MaxUpdate: r.Int64N(3) * 300,
		},
		Padding: r.IntN(2) * r.IntN(257), DataSize: 1 + r.IntN(3000),
	}
}

// replay gives the ledger the frames as a side had them, and compares.
func replay(t *testing.T, side flow.Side, tapes [2][]byte, records []peer.FrameRecord) (frames, compared int) {
	c := h2flow.NewConn(true)
	var events []h2flow.Event
	events = c.Observe(flow.Client, tapes[flow.Client][:len(h2flow.Preface)], 0, events)
	tapes[flow.Client] = tapes[flow.Client][len(h2flow.Preface):]
	for i, r := range records {
		from := side
		if !r.Sent {
			from = side.Peer()
		}
		tape := tapes[from]
		n := 9
		if len(tape) >= n {
			n += int(tape[0])<<16 | int(tape[1])<<8 | int(tape[2])
		}
		if len(tape) < n { // it was cut off by the end
			if i < len(records)/2 {
				t.Fatalf("%v: frame %d of %d is not on the tape", side, i, len(records))
			}
			return frames, compared
		}
		tapes[from] = tape[n:]
		events = c.Observe(from, tape[:n], 0, events[:0])
		for _, e := range events {
			if e.Kind.Violation() && !(e.Kind == h2flow.Overflow || e.Kind == h2flow.WrongStream && r.Type != http2.FrameData) {
				t.Fatalf("%v: frame %d, %+v, shows %v", side, i, r, &e)
			}
		}
		frames++
		if got := c.Ledger.Direction(side).Window(); !got.Known() || got.Low != r.ConnWindow {
			t.Fatalf("%v: after frame %d, %+v, the ledger has a connection window of %v", side, i, r, got)
		}
		compared++
		s := c.Ledger.Stream(r.Stream)
		if r.Stream == 0 || s == nil || s.Closed || s.Halves[side].Ended || r.StreamWindow == 0 && r.Type != http2.FrameData {
			continue
		}
		if got := c.Ledger.Obeyed(s, side); got.Low != r.StreamWindow || !got.Known() {
			t.Fatalf("%v: after frame %d, %+v, the ledger has a stream window of %v", side, i, r, got)
		}
		compared++
	}
	return frames, compared
}
