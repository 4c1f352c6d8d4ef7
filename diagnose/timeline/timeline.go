// Package timeline keeps what happened in one direction of a connection, in
// bounded memory whatever the length of the run.
//
// Time is cut into buckets of 10 ms. The newest two thousand are kept as they
// are; older ones are merged by four, and by four again as they age, so that
// each further level reaches four times as far back at a quarter of the
// resolution. A column that is finer than what is known of its time is marked as
// coarse. Memory grows with the logarithm of time: about half a megabyte for
// each factor of four.
package timeline

import (
	"time"

	"flowlab/flow"
	"flowlab/tcpwin"
)

const (
	finest = 10 * time.Millisecond
	merge  = 4    // buckets of one level that become one of the next
	keep   = 2048 // buckets that a level holds before its older half moves on
)

// Range is the least, the greatest and the latest value of a quantity in bytes.
type Range struct {
	Min, Max, Last int
}

// Add enters the latest value.
func (r *Range) Add(v int) {
	r.Min, r.Max, r.Last = min(r.Min, v), max(r.Max, v), v
}

// Join enters the values of a later range.
func (r *Range) Join(later Range) {
	r.Min, r.Max, r.Last = min(r.Min, later.Min), max(r.Max, later.Max), later.Last
}

// Bucket is what happened in one step of time.
type Bucket struct {
	Interval flow.Interval
	// Coarse marks a column that is finer than what is still known of its time:
	// its values are those of a longer stretch that it lies in.
	Coarse   bool
	Window   Range // advertised by the receiver
	InFlight Range // sent and not acknowledged, at the point of observation
	Sent     int64 // payload bytes, without retransmissions
	Acked    int64 // payload bytes acknowledged
	Limits   flow.Limits
	Events   [tcpwin.NumKinds]uint32
}

func (b *Bucket) join(later *Bucket) {
	b.Interval.End = later.Interval.End
	b.Window.Join(later.Window)
	b.InFlight.Join(later.InFlight)
	b.Sent += later.Sent
	b.Acked += later.Acked
	for c, d := range later.Limits {
		b.Limits[c] += d
	}
	for k, n := range later.Events {
		b.Events[k] += n
	}
}

// Timeline is the history of one direction. Use [New].
type Timeline struct {
	start  flow.Time
	levels []level // the finest first
}

// level holds buckets of one length, one after the other without a gap.
type level struct {
	step    time.Duration
	start   flow.Time // of the first bucket
	buckets []Bucket
}

func (l *level) end() flow.Time { return l.start.Add(l.step * time.Duration(len(l.buckets))) }

// New returns an empty history that begins at start.
func New(start flow.Time) *Timeline {
	return &Timeline{start: start, levels: []level{{step: finest, start: start}}}
}

// Sample enters the window and what is in flight at t, and how many bytes were
// sent and acknowledged since the sample before. Samples come in order of time.
func (tl *Timeline) Sample(t flow.Time, window, inFlight int, sent, acked int64) {
	fresh := len(tl.levels[0].buckets) == 0
	b := tl.at(t)
	if fresh {
		b.Window, b.InFlight = Range{window, window, window}, Range{inFlight, inFlight, inFlight}
	}
	b.Window.Add(window)
	b.InFlight.Add(inFlight)
	b.Sent += sent
	b.Acked += acked
}

// Event counts an event at t.
func (tl *Timeline) Event(t flow.Time, k tcpwin.Kind) { tl.at(t).Events[k]++ }

// Account enters that a cause held the sender during an interval, which may lie
// in the past.
func (tl *Timeline) Account(i flow.Interval, c flow.Cause) {
	i.Start = max(i.Start, tl.start)
	if i.Length() <= 0 {
		return
	}
	tl.at(i.End - 1)
	tl.each(i, func(b *Bucket) {
		if part := b.Interval.Clip(i).Length(); part > 0 {
			b.Limits[c] += part
		}
	})
}

// Limits is how long each cause held the sender during an interval. Where only
// a part of a bucket lies within it, that part of the bucket's limits counts.
func (tl *Timeline) Limits(i flow.Interval) flow.Limits {
	var sum flow.Limits
	tl.each(i, func(b *Bucket) {
		part, whole := b.Interval.Clip(i).Length(), b.Interval.Length()
		if part <= 0 {
			return
		}
		for c, d := range b.Limits {
			sum[c] += time.Duration(float64(d) * float64(part) / float64(whole))
		}
	})
	return sum
}

// Columns returns the history of an interval as n buckets of equal length. The
// parts of it that are not known yet are empty.
func (tl *Timeline) Columns(i flow.Interval, n int) []Bucket {
	columns := make([]Bucket, n)
	width := i.Length() / time.Duration(n)
	for k := range columns {
		from := i.Start.Add(time.Duration(k) * width)
		columns[k] = tl.column(flow.Interval{Start: from, End: from.Add(width)})
	}
	return columns
}

func (tl *Timeline) column(i flow.Interval) Bucket {
	c := Bucket{Interval: i}
	first := true
	tl.each(i, func(b *Bucket) {
		part := b.Interval.Clip(i).Length()
		if part <= 0 {
			return
		}
		share := float64(part) / float64(b.Interval.Length())
		c.Coarse = c.Coarse || b.Interval.Length() > i.Length()
		if first {
			c.Window, c.InFlight = b.Window, b.InFlight
			first = false
		}
		c.Window.Join(b.Window)
		c.InFlight.Join(b.InFlight)
		c.Sent += int64(float64(b.Sent) * share)
		c.Acked += int64(float64(b.Acked) * share)
		for k, d := range b.Limits {
			c.Limits[k] += time.Duration(float64(d) * share)
		}
		if b.Interval.Start >= i.Start { // an event belongs to one column only
			for k, n := range b.Events {
				c.Events[k] += n
			}
		}
	})
	return c
}

// each calls f for every bucket that overlaps the interval, in order of time
// within each level, the oldest level first.
func (tl *Timeline) each(i flow.Interval, f func(*Bucket)) {
	for k := len(tl.levels) - 1; k >= 0; k-- {
		l := &tl.levels[k]
		from := max(0, int(i.Start.Sub(l.start)/l.step))
		for n := from; n < len(l.buckets) && l.buckets[n].Interval.Start < i.End; n++ {
			f(&l.buckets[n])
		}
	}
}

// at returns the bucket of an instant, and makes the buckets that are missing
// up to it. What lies before the finest level goes to its first bucket: packets
// come in order, so only a late account can be that old, and that goes through
// each instead.
func (tl *Timeline) at(t flow.Time) *Bucket {
	for tl.levels[0].end() <= t {
		tl.grow()
	}
	l := &tl.levels[0]
	return &l.buckets[max(0, int(t.Sub(l.start)/l.step))]
}

// grow appends one bucket to the finest level. Quantities stay as they were.
func (tl *Timeline) grow() {
	if len(tl.levels[0].buckets) == keep {
		tl.age(0)
	}
	l := &tl.levels[0]
	b := Bucket{Interval: flow.Interval{Start: l.end(), End: l.end().Add(l.step)}}
	if n := len(l.buckets); n > 0 {
		w, f := l.buckets[n-1].Window.Last, l.buckets[n-1].InFlight.Last
		b.Window, b.InFlight = Range{w, w, w}, Range{f, f, f}
	}
	l.buckets = append(l.buckets, b)
}

// age moves the older half of a level into the next one.
func (tl *Timeline) age(k int) {
	if k+1 == len(tl.levels) {
		tl.levels = append(tl.levels, level{step: tl.levels[k].step * merge, start: tl.levels[k].start})
	}
	if len(tl.levels[k+1].buckets)+keep/2/merge > keep {
		tl.age(k + 1)
	}
	from, to := &tl.levels[k], &tl.levels[k+1]
	for n := 0; n < keep/2; n += merge {
		b := from.buckets[n]
		for j := 1; j < merge; j++ {
			b.join(&from.buckets[n+j])
		}
		to.buckets = append(to.buckets, b)
	}
	from.buckets = append(from.buckets[:0], from.buckets[keep/2:]...)
	from.start = from.buckets[0].Interval.Start
}
