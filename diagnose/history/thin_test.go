package history_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"flowlab/bench/traffic"
	"flowlab/diagnose"
	"flowlab/diagnose/history"
	"flowlab/flow"
)

// TestOldHistoryIsCoarse gives pasts less room than they need: what is old is coarse and says
// so, and its sums are right.
func TestOldHistoryIsCoarse(t *testing.T) {
	if testing.Short() {
		t.Skip("lives through hours")
	}
	for name, like := range made {
		for _, silences := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, silences %v", name, silences), func(t *testing.T) {
				t.Parallel()
				oldHistoryIsCoarse(t, like, silences)
			})
		}
	}
}

func oldHistoryIsCoarse(t *testing.T, like writerTo, silences bool) {
	all := madeUp(t, like, 7)
	all.stretch(3 * time.Minute)
	const budget = 1 << 20
	record := all.pasts
	if silences {
		all.fallSilentOften(8)
		record = func(budget int) (*diagnose.Analysis, []*history.Past) { return all.passed(budget, true) }
	}
	a, list := record(budget)
	_, held := all.finished()
	past, c := list[0], a.Connections()[0]
	span, whole := past.Span(), past.Whole()
	if whole.Start <= span.Start || whole.Length() < 5*time.Second || past.Bytes() > budget*3/2 {
		t.Fatalf("of %v, %v are whole, in %d bytes; want less than all, 5 s at the least, in %d", span.Length(), whole.Length(), past.Bytes(), budget)
	}
	random := rand.New(rand.NewPCG(5, 6))
	var before flow.Time
	var bytes int64
	for at := span.Start; at <= span.End; at = at.Add(time.Duration(random.ExpFloat64() * float64(span.Length()/90))) {
		v, coarse := past.At(at, flow.Interval{}, 0)
		if coarse != (at < whole.Start) {
			t.Fatalf("%v after the start coarse is %v, whole is what comes %v after", at.Sub(span.Start), coarse, whole.Start.Sub(span.Start))
		}
		d := &v.Directions[flow.Server]
		if d.Bytes < bytes {
			t.Errorf("%d bytes at %d, and %d earlier, at %d", d.Bytes, at, bytes, before)
		}
		before, bytes = at, d.Bytes
		var want flow.Limits
		for _, h := range held[1][flow.Server] {
			want[h.Cause] += max(0, min(h.End, at).Sub(h.Start))
		}
		if d.Limits.Total() != want.Total() {
			t.Errorf("at %d the limits add up to %v, want %v", at, d.Limits.Total(), want.Total())
		}
		const most = 4 * 4 * 4 * 4 * history.Grid // a step of the coarsest level that there is here
		for cause := range want {
			if off := d.Limits[cause] - want[cause]; off.Abs() > most {
				t.Errorf("at %d %v of %v, want %v", at, d.Limits[cause], flow.Cause(cause), want[cause])
			}
		}
	}
	v, _ := past.At(span.End, span, 50)
	for i := range v.Directions {
		d := &v.Directions[i]
		if d.Limits != c.Directions[i].Limits() {
			t.Errorf("in the end the limits are %v, want %v", d.Limits, c.Directions[i].Limits())
		}
		var sent int64
		var limits flow.Limits
		events := 0
		for _, b := range d.History {
			sent += b.Sent
			for _, n := range b.Events {
				events += int(n)
			}
			for k, l := range b.Limits {
				limits[k] += l
			}
		}
		for _, n := range d.Events {
			events -= n
		}
		if sent != d.Bytes || events != 0 || limits.Total() < d.Limits.Total()-time.Second {
			t.Errorf("the columns of the %v have %d bytes, %d events more than there were, %v of causes; want %d, 0, %v", d.From, sent, events, limits.Total(), d.Bytes, d.Limits.Total())
		}
	}
}

// fallSilentOften has silences of minutes and hours between some packets.
func (all *transfer) fallSilentOften(seed uint64) {
	random := rand.New(rand.NewPCG(seed, 0))
	var later time.Duration
	for i := range all.packets {
		if random.IntN(500) == 0 {
			later += time.Duration(random.ExpFloat64() * float64(20*time.Minute))
		}
		p := &all.packets[i]
		p.Time = p.Time.Add(later)
	}
}

// made are long transfers.
var made = map[string]writerTo{
	"TCP":   traffic.Traffic{Packets: 60_000, Connections: 1, Open: 1, Snap: 96},
	"HTTP2": traffic.HTTP2{Connections: 1, Streams: 300, Open: 3, Body: 64 << 10},
}

// TestReadersDoNotDisturb reads a past all the time while it is recorded; the race
// detector looks at it.
func TestReadersDoNotDisturb(t *testing.T) {
	all := madeUp(t, made["HTTP2"], 1)
	stop, stopped := make(chan struct{}), make(chan struct{})
	pasts := make(chan *history.Past, 1)
	go func() {
		defer close(stopped)
		past := <-pasts
		for at := 0; ; at++ {
			select {
			case <-stop:
				return
			default:
			}
			span := past.Span()
			past.At(span.Start.Add(time.Duration(at%1000)*history.Grid), span, 30)
			past.Stalls()
		}
	}()
	_, list := all.record(1<<20, func(p *history.Past) { pasts <- p })
	close(stop)
	<-stopped
	if v, _ := list[0].At(list[0].Span().End, flow.Interval{}, 0); v.Directions[flow.Server].Bytes == 0 {
		t.Error("nothing was recorded")
	}
}
