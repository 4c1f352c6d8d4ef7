package overload

import (
	"context"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"
)

// endsSlowly is a link whose end takes its time.
type endsSlowly struct{ Link }

func (l endsSlowly) End() {
	time.Sleep(400 * time.Millisecond)
	l.Link.End()
}

// TestWindingUpIsNoPartOfTheRun: what the packets show ends when the run does.
func TestWindingUpIsNoPartOfTheRun(t *testing.T) {
	p, _ := Named("transport")
	l := Usual()
	l.Rate, l.For = 2000, 200*time.Millisecond
	begun := time.Now()
	w, err := NewWire(t.Context(), "producer", "consumer")
	if err != nil {
		t.Fatal(err)
	}
	made := time.Since(begun)
	r := w.run(t.Context(), l, p, endsSlowly{w.TCP(0)})
	w.Close()
	var shown time.Duration
	for _, d := range w.Shown(0).Limits {
		shown += d
	}
	if shown == 0 || shown > made+r.Length+100*time.Millisecond {
		t.Errorf("the packets tell of %v, the run took %v and making the lab %v", shown, r.Length, made)
	}
}

// TestLossOnTheWay: what is lost where no account has it is an error, and no result. Whoever
// cancels a request of HTTP/2 loses what waits to be sent.
func TestLossOnTheWay(t *testing.T) {
	l := Usual()
	l.Work, l.For = 500, 30*time.Second
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	o, err := (&Task{Load: l, Policy: "transport", Over: OverHTTP2}).Do(ctx)
	if err == nil || !strings.Contains(err.Error(), "over http2 does not balance: offered ") {
		t.Errorf("%+v, %v, want that the account does not balance", o, err)
	}
}

// TestMostHeap: the most is that of the whole time, and what is dead counts until it is swept.
func TestMostHeap(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	most := func() int64 {
		stop := make(chan struct{})
		close(stop)
		return mostHeap(stop)
	}
	const size = 32 << 20
	before := most()
	runtime.KeepAlive(make([]byte, size))
	if got := most(); got < before+size {
		t.Errorf("%d bytes after %d, with %d that are dead", got, before, size)
	}
	stop, got := make(chan struct{}), make(chan int64)
	go func() { got <- mostHeap(stop) }()
	time.Sleep(5 * looking)
	runtime.GC()
	time.Sleep(5 * looking)
	if close(stop); <-got < before+size {
		t.Error("what was swept since is forgotten")
	}
	if got := most(); got >= before+size {
		t.Errorf("%d bytes after a collection", got)
	}
}

// TestMostOfALog: a log may hold 1 GiB, and only who has one is refused for it.
func TestMostOfALog(t *testing.T) {
	l := Usual()
	l.Size, l.Rate, l.For = 1<<20-overhead, 1024, time.Second
	for _, c := range []struct {
		policy string
		size   int
		ok     bool
	}{{"pull", l.Size, true}, {"pull", l.Size + 1, false}, {"block", l.Size + 1, true}} {
		l.Size = c.size
		if err := (&Task{Load: l, Policy: c.policy, Over: OverDirect}).Check(); (err == nil) != c.ok {
			t.Errorf("%s, messages of %d bytes: %v", c.policy, c.size, err)
		}
	}
}
