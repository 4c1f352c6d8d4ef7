package timeline

import (
	"math"
	"testing"
	"time"

	"flowlab/flow"
	"flowlab/tcpwin"
)

const start = flow.Time(time.Hour)

func span(from, to time.Duration) flow.Interval {
	return flow.Interval{Start: start.Add(from), End: start.Add(to)}
}

func TestLimitsOfASpan(t *testing.T) {
	tl := New(start)
	tl.Account(span(0, 1500*time.Millisecond), flow.Congestion)
	tl.Account(span(1500*time.Millisecond, 4*time.Second), flow.ReceiveWindow)
	got := tl.Limits(span(time.Second, 2*time.Second))
	for c, want := range map[flow.Cause]time.Duration{flow.Congestion: 500 * time.Millisecond, flow.ReceiveWindow: 500 * time.Millisecond} {
		if d := got[c] - want; d.Abs() > time.Millisecond {
			t.Errorf("%v: %v, want %v", c, got[c], want)
		}
	}
}

func TestAccountOfThePast(t *testing.T) {
	tl := New(start)
	tl.Sample(start.Add(3*time.Second), 1000, 500, 0, 0)
	tl.Account(span(time.Second, 2*time.Second), flow.Application)
	l := tl.Limits(span(0, 3*time.Second))
	if l[flow.Application] != time.Second || l.Total() != time.Second {
		t.Errorf("limits %v, want one second of application", l)
	}
}

func TestQuantitiesStayUntilTheyChange(t *testing.T) {
	tl := New(start)
	tl.Sample(start, 1000, 10, 10, 0)
	tl.Sample(start.Add(time.Second), 400, 20, 10, 5)
	columns := tl.Columns(span(0, 2*time.Second), 4)
	for i, want := range []Range{{1000, 1000, 1000}, {1000, 1000, 1000}, {400, 1000, 400}} {
		if columns[i].Window != want {
			t.Errorf("column %d: window %v, want %v", i, columns[i].Window, want)
		}
	}
	if columns[3].Window != (Range{}) {
		t.Errorf("column 3 is not known yet, but its window is %v", columns[3].Window)
	}
}

// TestLongRun holds a day of packets, ten a second, to bounded memory and exact
// sums: what is old is coarse, never wrong.
func TestLongRun(t *testing.T) {
	const day = 24 * time.Hour
	tl := New(start)
	step := 100 * time.Millisecond
	for at := time.Duration(0); at < day; at += step {
		tl.Sample(start.Add(at), 1000, 10, 7, 7)
		tl.Event(start.Add(at), tcpwin.ZeroWindow)
		tl.Account(span(at, at+step), flow.Cause(int(at/time.Hour)%flow.NumCauses))
	}
	buckets := 0
	for _, l := range tl.levels {
		buckets += len(l.buckets)
	}
	if most := keep * len(tl.levels); buckets > most || len(tl.levels) > 10 {
		t.Errorf("%d buckets in %d levels, want at most %d in 10", buckets, len(tl.levels), most)
	}
	whole := span(0, day)
	limits := tl.Limits(whole)
	if off := limits.Total() - day; off.Abs() > time.Second {
		t.Errorf("the limits add up to %v, want %v", limits.Total(), day)
	}
	var sent, events int64
	for _, c := range tl.Columns(whole, 24) {
		sent += c.Sent
		events += int64(c.Events[tcpwin.ZeroWindow])
	}
	want := int64(day / step)
	if math.Abs(float64(sent-7*want)) > float64(want)/100 || events != want {
		t.Errorf("%d bytes and %d events, want %d and %d", sent, events, 7*want, want)
	}
	if c := tl.Columns(span(0, time.Second), 10)[3]; !c.Coarse {
		t.Errorf("a tenth of a second of yesterday is not marked as coarse")
	}
	if c := tl.Columns(span(day-time.Second, day), 10)[3]; c.Coarse {
		t.Errorf("a tenth of a second of just now is marked as coarse")
	}
	if newest := tl.levels[0].buckets[len(tl.levels[0].buckets)-1].Interval.Length(); newest != finest {
		t.Errorf("the newest bucket is %v long, want %v", newest, finest)
	}
}
