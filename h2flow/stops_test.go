package h2flow

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"flowlab/flow"
)

// passed is a frame and when it passed the point of observation.
type passed struct {
	at    flow.Time
	from  flow.Side
	frame Frame
}

// upload is a made-up upload in virtual time, of a sender that obeys its windows.
type upload struct {
	r       *rand.Rand
	oneWay  time.Duration
	point   float64  // of the observer: 0 at the sender, 1 at the receiver
	windows [3]int64 // of the connection, and of streams 1 and 3
	wants   [3]int64 // bytes that the application has given for the streams
	due     []passed // updates on their way: when they reach the sender
	seen    []passed
	now     flow.Time

	streams  int
	endless  bool
	every    time.Duration // or the application gives so much at a time
	chunk    int64
	wait     time.Duration // the receiver reads after at most so long
	separate bool          // it credits the connection apart from streams
}

func newUpload(seed uint64) *upload {
	r := rand.New(rand.NewPCG(seed, 5))
	u := &upload{r: r, oneWay: time.Duration(1+r.IntN(50)) * time.Millisecond, point: float64(r.IntN(3)) / 2, streams: 1 + r.IntN(2)}
	u.windows = [3]int64{20_000 + r.Int64N(200_000), 20_000 + r.Int64N(200_000), 20_000 + r.Int64N(200_000)}
	u.endless = r.IntN(2) == 0
	u.chunk = 1 + r.Int64N(60_000)
	u.every = time.Duration(r.IntN(200)) * time.Millisecond
	if r.IntN(3) == 0 {
		// Almost as if credit made it go on. What is nearer than this is taken for that.
		u.every = 2*u.oneWay + time.Duration(1-2*r.IntN(2))*(time.Millisecond+time.Duration(r.Int64N(int64(2*time.Millisecond))))
	}
	u.wait = time.Duration(r.IntN(4)) * 50 * time.Millisecond
	u.separate = r.IntN(2) == 0
	return u
}

// run has the upload go on for a while, in steps of a tenth of a millisecond.
func (u *upload) run(length time.Duration) {
	var unread [3]int64
	var reads [3]flow.Time
	var arrivals []passed
	for next := flow.Time(1); u.now < flow.Time(length); u.now = u.now.Add(100 * time.Microsecond) {
		if !u.endless && u.now >= next {
			next = u.now.Add(max(u.every, time.Millisecond))
			for s := 1; s <= u.streams; s++ {
				u.wants[s] += u.chunk
			}
		}
		for len(u.due) > 0 && u.due[0].at <= u.now {
			f := &u.due[0].frame
			u.windows[(f.Stream+1)/2] += int64(f.Increment)
			u.due = u.due[1:]
		}
		for s := 1; s <= u.streams; s++ {
			for u.sends(s, &arrivals) {
			}
		}
		for len(arrivals) > 0 && arrivals[0].at <= u.now {
			s := (arrivals[0].frame.Stream + 1) / 2
			if unread[s] == 0 {
				reads[s] = u.now.Add(time.Duration(u.r.Int64N(int64(u.wait) + 1)))
			}
			unread[s] += int64(arrivals[0].frame.Length)
			if u.separate {
				u.credits(0, int64(arrivals[0].frame.Length))
			}
			arrivals = arrivals[1:]
		}
		for s := 1; s <= u.streams; s++ {
			if unread[s] > 0 && u.now >= reads[s] {
				n := 1 + u.r.Int64N(unread[s])
				if u.r.IntN(2) == 0 {
					n = unread[s]
				}
				unread[s] -= n
				reads[s] = u.now.Add(time.Duration(u.r.Int64N(int64(u.wait) + 1)))
				if !u.separate {
					u.credits(0, n)
				}
				u.credits(s, n)
			}
		}
	}
	slices.SortStableFunc(u.seen, func(a, b passed) int { return int(a.at - b.at) })
}

// sends sends a frame of a stream, if that has something to send and may.
func (u *upload) sends(s int, arrivals *[]passed) bool {
	n := min(16384, u.windows[0], u.windows[s])
	if !u.endless {
		n = min(n, u.wants[s])
	}
	if n <= 0 {
		return false
	}
	u.windows[0] -= n
	u.windows[s] -= n
	u.wants[s] -= n
	f := Frame{Type: Data, Stream: uint32(2*s - 1), Length: int(n)}
	u.seen = append(u.seen, passed{u.now.Add(time.Duration(u.point * float64(u.oneWay))), flow.Client, f})
	*arrivals = append(*arrivals, passed{at: u.now.Add(u.oneWay), frame: f})
	return true
}

// credits sends an update.
func (u *upload) credits(s int, n int64) {
	f := Frame{Type: WindowUpdate, Stream: uint32(max(0, 2*s-1)), Length: 4, Increment: uint32(n)}
	u.seen = append(u.seen, passed{u.now.Add(time.Duration((1 - u.point) * float64(u.oneWay))), flow.Server, f})
	u.due = append(u.due, passed{at: u.now.Add(u.oneWay), frame: f})
}

// TestStopsNarrow cuts the beginning off, and holds what the ledger then knows to what
// one knows that has seen all: a window that is concluded from where its sender stops is
// the true one, whatever the applications do.
func TestStopsNarrow(t *testing.T) {
	seeds := uint64(1500)
	if testing.Short() {
		seeds = 150
	}
	found, limited, compared := 0, 0, 0
	for seed := range seeds {
		u := newUpload(seed)
		first := u.windows
		u.run(3 * time.Second)
		whole, part := NewLedger(true), NewLedger(false)
		enter := func(l *Ledger, p *passed) {
			l.Begin(p.from, &p.frame, p.at, nil)
			l.End(p.from, &p.frame, p.at, nil)
		}
		// The windows at the start are made by credit before anything is sent.
		part.Turn(flow.Client, time.Duration(u.point*2*float64(u.oneWay)), 500*time.Microsecond)
		whole.directions[flow.Client].window.Window = exactly(first[0])
		for s := 1; s <= u.streams; s++ {
			id := uint32(2*s - 1)
			enter(whole, &passed{frame: Frame{Type: Headers, Flags: EndHeaders, Stream: id}})
			whole.streams[id].Halves[flow.Client].sum.Window = exactly(first[s] - defaultWindow)
		}
		cut := u.r.IntN(1 + len(u.seen)/3)
		known := false
		for i := range u.seen {
			p := &u.seen[i]
			enter(whole, p)
			if i < cut {
				continue
			}
			enter(part, p)
			contains := func(what string, truth, narrow Window) {
				compared++
				known = known || narrow.Known()
				if !truth.Known() || narrow.Low > truth.Low || narrow.High < truth.High {
					t.Fatalf("seed %d, frame %d of %d: %s is %v, and where the beginning was not seen %v", seed, i, len(u.seen), what, truth, narrow)
				}
			}
			contains("the connection's window", whole.Direction(flow.Client).Window(), part.Direction(flow.Client).Window())
			for s := range part.Streams {
				contains(fmt.Sprintf("the window of stream %d", s.ID), whole.Window(whole.Stream(s.ID), flow.Client), part.Window(s, flow.Client))
			}
		}
		if u.endless {
			limited++
		}
		if known {
			found++
		}
	}
	t.Logf("%d windows compared; of %d uploads that windows limit, %d became known", compared, limited, found)
	if found < limited/4 {
		t.Errorf("of %d uploads that windows limit, only %d became known", limited, found)
	}
}

// TestStopsChangeWithSettings holds a window that is known without its initial one to
// what SETTINGS may do to it: nothing is known any more.
func TestStopsChangeWithSettings(t *testing.T) {
	l := NewLedger(false)
	l.Turn(flow.Client, 0, time.Millisecond)
	data, at := Frame{Type: Data, Stream: 1, Length: 1000}, flow.Time(0)
	for _, wait := range []time.Duration{0, 50, 90, 150} {
		at = at.Add(wait * time.Millisecond)
		if wait > 0 {
			l.End(flow.Server, &Frame{Type: WindowUpdate, Stream: 1, Length: 4, Increment: 1000}, at, nil)
		}
		l.Begin(flow.Client, &data, at, nil)
		l.End(flow.Client, &data, at, nil)
	}
	s := l.Stream(1)
	if w := l.Window(s, flow.Client); w != (Window{}) {
		t.Fatalf("after three stops the window is %v, want 0", w)
	}
	var change Frame
	change.Type, change.Length = Settings, 6
	change.Settings.set(uint16(InitialWindowSize), 100)
	l.End(flow.Server, &change, at, nil)
	if w := l.Window(s, flow.Client); w.Known() || w.Low > 0 || w.High < 0 {
		t.Errorf("after SETTINGS the window is %v", w)
	}
}
