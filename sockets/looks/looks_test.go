package looks

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"flowlab/flow"
	"flowlab/sockets"
)

const noon = flow.Time(1_700_000_000_000_000_000)

// host makes up what a host's sockets do.
type host struct {
	rng     *rand.Rand
	at      flow.Time
	next    uint64
	sockets []sockets.Socket
}

// verdicts are of the next second: some sockets end, some begin, and of the others some
// are busy.
func (h *host) verdicts(most int) []sockets.Verdict {
	h.at = h.at.Add(time.Second)
	h.sockets = slices.DeleteFunc(h.sockets, func(sockets.Socket) bool { return h.rng.IntN(10) == 0 })
	for len(h.sockets) < most && h.rng.IntN(3) > 0 {
		h.next++
		h.sockets = append(h.sockets, sockets.Socket{Cookie: h.next, Inode: uint32(h.next)})
	}
	var list []sockets.Verdict
	for i := range h.sockets {
		s := &h.sockets[i]
		s.At = h.at
		v := sockets.Verdict{Socket: s, Length: time.Second, Cause: flow.Application, HeldBy: flow.SenderApplication}
		if h.rng.IntN(2) == 0 {
			s.SendQ = h.rng.Int64N(1000)
			v.Cause, v.HeldBy, v.Busy = flow.ReceiveWindow, flow.Reader, time.Second
		}
		v.Limits[v.Cause] = time.Second
		list = append(list, v)
	}
	return list
}

// seen is a row as it is compared: when the cause began depends on looks that are given up.
func seen(rows []Row) (list []Row) {
	for _, r := range rows {
		r.Since, r.Who = 0, &Who{Cookie: r.Cookie}
		list = append(list, r)
	}
	return list
}

func sameRows(a, b []Row) bool {
	return slices.EqualFunc(a, b, func(a, b Row) bool { return *a.Who == *b.Who && a.Gauges == b.Gauges })
}

// nobody holds a socket.
func nobody(uint32) *sockets.Process { return nil }

// TestLooksAreAsTheyWere holds each look that is kept to the snapshot that was made when it
// was the latest, also where memory ends before the time does.
func TestLooksAreAsTheyWere(t *testing.T) {
	for _, c := range []struct {
		name   string
		budget int
		kept   int
	}{{"ten minutes", budget, 600}, {"too little memory", 300_000, 40}} {
		t.Run(c.name, func(t *testing.T) {
			h := host{rng: rand.New(rand.NewPCG(1, 2)), at: noon}
			l := New()
			l.budget = c.budget
			var all []*Snapshot
			for range 700 {
				list := h.verdicts(30)
				l.Add(h.at, list, nobody)
				s := l.Snapshot()
				if s.At != h.at || !s.Live || len(s.Rows) != len(list) || l.bytes > c.budget {
					t.Fatalf("at %v: %d rows of %d, live %v, %d bytes", s.At, len(s.Rows), len(list), s.Live, l.bytes)
				}
				all = append(all, s)
			}
			span := l.Span()
			if span.End != h.at || span.Length() > keep+keep/batch || int(span.Length()/time.Second)+1 < c.kept {
				t.Errorf("kept from %v to %v: %v", span.Start, span.End, span.Length())
			}
			for i, was := range all {
				got := l.At(was.At)
				if was.At < span.Start {
					if got.At != span.Start {
						t.Errorf("before all looks the one at %v is shown, not %v", got.At, span.Start)
					}
					continue
				}
				if got.At != was.At || !sameRows(seen(got.Rows), seen(was.Rows)) {
					t.Fatalf("the look at %v is not as it was", was.At)
				}
				if later := l.At(was.At.Add(time.Second / 2)); later.At != was.At {
					t.Errorf("half a second after %v, %v is shown", was.At, later.At)
				}
				for cookie := uint64(1); i%50 == 0 && cookie <= h.next; cookie++ {
					checkPast(t, l, cookie, was)
				}
				if t.Failed() {
					return
				}
			}
			before, after := l.Beside(span.End, -10), l.Beside(span.Start, 10)
			if span.End.Sub(before) != 10*time.Second || after.Sub(span.Start) != 10*time.Second || l.Beside(span.End, 5) != span.End || l.Beside(span.Start, -5) != span.Start {
				t.Errorf("ten looks from the ends are %v and %v", before, after)
			}
		})
	}
}

// checkPast holds the past of a socket to what was seen of it at one look.
func checkPast(t *testing.T, l *Looks, cookie uint64, was *Snapshot) {
	k := slices.IndexFunc(was.Rows, func(r Row) bool { return r.Cookie == cookie })
	past := l.Past(cookie)
	i := slices.IndexFunc(past, func(m Moment) bool { return m.End == was.At })
	switch {
	case k < 0 && i >= 0:
		t.Errorf("socket %d has a past at %v, when it was not there", cookie, was.At)
	case k >= 0 && i < 0:
		t.Errorf("socket %d has no past at %v", cookie, was.At)
	case k >= 0 && past[i].Gauges != was.Rows[k].Gauges:
		t.Errorf("socket %d at %v: %+v, want %+v", cookie, was.At, past[i].Gauges, was.Rows[k].Gauges)
	}
}

// TestSince: a cause has held since the look at which it became the main one.
func TestSince(t *testing.T) {
	l := New()
	s := sockets.Socket{Cookie: 7, At: noon}
	add := func(c flow.Cause) *Row {
		s.At = s.At.Add(time.Second)
		l.Add(s.At, []sockets.Verdict{{Socket: &s, Length: time.Second, Cause: c}}, nobody)
		return &l.Snapshot().Rows[0]
	}
	add(flow.Application)
	add(flow.ReceiveWindow)
	if r := add(flow.ReceiveWindow); r.For(s.At) != 2*time.Second || !r.Held() {
		t.Errorf("held %v for %v", r.Held(), r.For(s.At))
	}
	add(flow.Application)
	want := []flow.Time{noon.Add(2 * time.Second), noon.Add(4 * time.Second)}
	for _, cookie := range []uint64{0, 7} {
		if got := l.Marks(cookie); !slices.Equal(got, want) {
			t.Errorf("marks of %d: %v, want %v", cookie, got, want)
		}
	}
	if l.Marks(8) != nil || l.Past(8) != nil {
		t.Error("there is a past of a socket that was never seen")
	}
}

// TestBudget prints how far back looks reach where sockets are busy all the time.
func TestBudget(t *testing.T) {
	for _, n := range []int{100, 1000, 10_000} {
		l := New()
		list := make([]sockets.Socket, n)
		at := noon
		for second := range 700 {
			at = at.Add(time.Second)
			var verdicts []sockets.Verdict
			for i := range list {
				list[i] = sockets.Socket{Cookie: uint64(i + 1), At: at, SendQ: int64(second)}
				verdicts = append(verdicts, sockets.Verdict{Socket: &list[i], Length: time.Second})
			}
			l.Add(at, verdicts, nobody)
			if l.Span().Length() < time.Duration(second)*time.Second {
				break // the first were given up
			}
		}
		bytes := 0
		for _, t := range l.list {
			bytes += trackSize + stepSize*cap(t.steps)
		}
		t.Logf("%d bytes a step; %d busy sockets: looks of %v in %d MiB", stepSize, n, l.Span().Length(), bytes>>20)
		if bytes > budget+budget/4 {
			t.Errorf("%d sockets take %d bytes, more than %d", n, bytes, budget+budget/4)
		}
	}
}
