package backpressure

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"flowlab/flow"
)

// TestBucketKeepsItsRate: in no span more messages pass than the burst and what the rate
// brings; who waits as long as told is let through, and not a moment sooner; and over
// time all tokens are used.
func TestBucketKeepsItsRate(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 2))
		rate, burst := 1+r.Int64N(100_000), 1+r.Int64N(50)
		b := NewBucket(rate, burst, 0)
		var passed []flow.Time
		now := flow.Time(0)
		for range 400 {
			if r.IntN(10) == 0 {
				now = now.Add(time.Duration(r.Int64N(int64(time.Second) / rate * 3)))
			}
			wait, ok := b.Take(now)
			if !ok {
				if wait <= 0 {
					t.Fatalf("seed %d: refused, and nothing to wait for", seed)
				}
				early := *b
				if _, ok := early.Take(now.Add(wait - 1)); ok && wait > 1 {
					t.Fatalf("seed %d: let through %v, told to wait %v", seed, wait-1, wait)
				}
				now = now.Add(wait)
				if _, ok := b.Take(now); !ok {
					t.Fatalf("seed %d: refused after the %v it was told to wait", seed, wait)
				}
			}
			passed = append(passed, now)
		}
		for i := range passed {
			for k := i; k < len(passed); k++ {
				span := passed[k].Sub(passed[i]).Seconds()
				if most := float64(burst) + float64(rate)*span + 1e-6; float64(k-i+1) > most+1 {
					t.Fatalf("seed %d: %d in %v s at %d/s and a burst of %d", seed, k-i+1, span, rate, burst)
				}
			}
		}
	}
	// An hour at an odd rate: not one token is lost to rounding.
	b, n := NewBucket(7, 1, 0), 0
	for now := flow.Time(0); now < flow.Time(time.Hour); {
		wait, ok := b.Take(now)
		if ok {
			n++
		}
		now = now.Add(wait)
	}
	if n != 7*3600 {
		t.Errorf("%d in an hour at 7/s, want %d", n, 7*3600)
	}
}

// TestBucketFollows: a new rate holds from its instant on, and what was gained stays.
func TestBucketFollows(t *testing.T) {
	b := NewBucket(10, 100, 0)
	for range 100 {
		b.Take(0)
	}
	second := flow.Time(time.Second)
	b.SetRate(1000, second)
	n := 0
	for _, ok := b.Take(second); ok; _, ok = b.Take(second) {
		n++
	}
	if n != 10 || b.rate != 1000 {
		t.Errorf("%d tokens of the first second at 10/s, rate %d", n, b.rate)
	}
	if wait, _ := b.Take(second); wait != time.Millisecond {
		t.Errorf("the next takes %v at 1000/s", wait)
	}
	if b.SetRate(0, second); b.rate != 1 {
		t.Errorf("rate %d", b.rate)
	}
}

// TestDemand: the rules of the Reactive Streams specification that are about numbers.
func TestDemand(t *testing.T) {
	var d Demand
	if d.Send() {
		t.Error("1.1: a message without a request")
	}
	for _, n := range []int64{0, -1, math.MinInt64} {
		if err := d.Request(n); err == nil || d.Left() != 0 {
			t.Errorf("3.9: request(%d) is no error, or adds to %d", n, d.Left())
		}
	}
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 3))
		var d Demand
		sent := int64(0)
		for range 300 {
			if r.IntN(3) == 0 {
				if err := d.Request(1 + r.Int64N(20)); err != nil {
					t.Fatal(err)
				}
			} else if d.Send() {
				sent++
			}
			if sent > d.Requested() || sent+d.Left() != d.Requested() {
				t.Fatalf("1.1: %d sent of %d requested, %d left", sent, d.Requested(), d.Left())
			}
		}
	}
	if d.Request(Unbounded-1) != nil || d.Request(1) != nil || d.Left() != Unbounded {
		t.Errorf("3.17: %d left after 2^63-1", d.Left())
	}
	if d.Send(); d.Left() != Unbounded || d.Request(5) != nil || d.Left() != Unbounded {
		t.Errorf("3.17: demand is counted again: %d", d.Left())
	}
}

// TestDemandThatWasUsed: what was requested and sent before does not hide that a request was
// without a bound, and does not overflow what was requested in all.
func TestDemandThatWasUsed(t *testing.T) {
	for _, c := range []struct{ more, left int64 }{{Unbounded, Unbounded}, {Unbounded - 1, Unbounded - 1}} {
		var d Demand
		_ = d.Request(5)
		for d.Send() {
		}
		if err := d.Request(c.more); err != nil || d.Left() != c.left || d.Requested() != Unbounded {
			t.Errorf("request(%d) after 5 that were sent: %v, %d left of %d requested, want %d of %d", c.more, err, d.Left(), d.Requested(), c.left, int64(Unbounded))
		}
	}
}

// TestLinkCredit: both ends agree on what may be sent, whatever is under way between
// them, also where delivery-counts wrap.
func TestLinkCredit(t *testing.T) {
	for _, first := range []uint32{0, math.MaxUint32 - 20} {
		l := NewLinkCredit(first)
		seen, sent := first, 0
		l.Flow(first, 10)
		for l.Send() {
			if sent++; sent%3 == 0 {
				seen += 3                        // the receiver has got three more
				if l.Flow(seen, 10); sent > 40 { // and tops the credit up to ten
					break
				}
			}
			if under := int(l.deliveries - seen); under > 10 {
				t.Fatalf("%d are under way, with a credit of 10", under)
			}
		}
		if sent < 40 {
			t.Errorf("the credit ran out after %d", sent)
		}
	}
	l := NewLinkCredit(7)
	l.Flow(7, 5)
	l.Send()
	l.Send()
	if l.Flow(7, 1); l.credit != 0 {
		t.Errorf("credit %d after the receiver took back more than was left, want 0", l.credit)
	}
}

// TestLog: lag is what was appended and neither fetched nor is gone.
func TestLog(t *testing.T) {
	l := NewLog(3)
	for n := range int64(5) {
		if kept := l.Append(Message{Number: n}); kept != (n < 3) {
			t.Errorf("message %d: kept %v", n, kept)
		}
	}
	if m, ok := l.Fetch(); !ok || m.Number != 2 || l.Lag() != 2 {
		t.Errorf("%+v, %v, lag %d, want message 2 and a lag of 2", m, ok, l.Lag())
	}
	l.Fetch()
	l.Fetch()
	if _, ok := l.Fetch(); ok || l.Lag() != 0 {
		t.Errorf("there is more, or a lag of %d", l.Lag())
	}
}

// TestLimit: it grows while responses come in time, falls when they do not, and stays
// within its bounds.
func TestLimit(t *testing.T) {
	l := NewLimit(4, 50, time.Second)
	round := func(took time.Duration, refused bool) {
		var begun []int
		for n, ok := l.Begin(); ok; n, ok = l.Begin() {
			begun = append(begun, n)
		}
		if n := len(begun); n != l.Limit() || begun[n-1] != n {
			t.Fatalf("%d under way, the last one of %d, limit %d", n, begun[n-1], l.Limit())
		}
		for _, n := range begun {
			l.End(n, took, refused)
		}
	}
	for range 20 {
		round(time.Millisecond, false)
	}
	if l.Limit() != 50 || l.underWay != 0 {
		t.Errorf("limit %d, %d under way, want its highest and none", l.Limit(), l.underWay)
	}
	round(2*time.Second, false)
	if l.Limit() > 10 {
		t.Errorf("limit %d after fifty late responses", l.Limit())
	}
	round(time.Millisecond, true)
	if l.Limit() != 4 {
		t.Errorf("limit %d, want its lowest", l.Limit())
	}
	n, _ := l.Begin()
	if l.End(n, time.Millisecond, false); l.Limit() != 4 {
		t.Errorf("limit %d: it grows though a quarter of it is used", l.Limit())
	}
}

// TestShedder: what matters least goes first, and who waits as long as told is taken if
// nobody else comes.
func TestShedder(t *testing.T) {
	s := NewShedder(100, 1000)
	for _, c := range []struct {
		p    Priority
		most int
	}{{Low, 50}, {Normal, 80}, {High, 100}} {
		if _, ok := s.Admit(c.p, c.most-1); !ok {
			t.Errorf("%s is refused at %d", c.p, c.most-1)
		}
		retry, ok := s.Admit(c.p, c.most+9)
		if ok || retry != 10*time.Millisecond {
			t.Errorf("%s at %d: %v, %v, want 10 ms: ten must be processed first", c.p, c.most+9, retry, ok)
		}
	}
}

// TestBalance: an account that does not balance says where.
func TestBalance(t *testing.T) {
	good := Account{Scheduled: 28 + 3, Withheld: 3, Offered: 28, Delivered: 1, Dropped: 2, Shed: 3, Expired: 4, Failed: 5, Queued: 6, Lost: 7}
	if err := good.Balance(); err != nil {
		t.Error(err)
	}
	for i, spoil := range []func(*Account){
		func(a *Account) { a.Scheduled++ }, func(a *Account) { a.Withheld++ }, func(a *Account) { a.Offered++; a.Scheduled++ },
		func(a *Account) { a.Delivered++ }, func(a *Account) { a.Dropped++ }, func(a *Account) { a.Shed++ },
		func(a *Account) { a.Expired++ }, func(a *Account) { a.Failed++ }, func(a *Account) { a.Queued++ }, func(a *Account) { a.Lost++ },
	} {
		a := good
		if spoil(&a); a.Balance() == nil {
			t.Errorf("%d: %+v balances", i, a)
		}
	}
}

// TestLimitCountsAtTheBeginning: what counts is how many were under way when a request
// began, whoever has come or gone since; and a limit is lowered by whole requests.
func TestLimitCountsAtTheBeginning(t *testing.T) {
	l := NewLimit(10, 100, time.Second)
	var begun []int
	for range 5 {
		n, _ := l.Begin()
		begun = append(begun, n)
	}
	for _, c := range []struct{ ended, limit int }{{0, 10}, {3, 10}, {4, 11}} { // one of 1, of 4, and of 5
		if l.End(begun[c.ended], time.Millisecond, false); l.Limit() != c.limit {
			t.Errorf("limit %d after one of %d ended, want %d", l.Limit(), begun[c.ended], c.limit)
		}
	}
	l = NewLimit(1, 100, time.Second)
	l.limit = 25
	for _, want := range []int{22, 19, 17, 15, 13, 11, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1} {
		n, _ := l.Begin()
		if l.End(n, 2*time.Second, false); l.Limit() != want {
			t.Fatalf("limit %d after a late response, want %d", l.Limit(), want)
		}
	}
}
