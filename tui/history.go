package tui

import (
	"flowlab/diagnose/timeline"
	"flowlab/flow"
)

// columnsOf merges a history into n columns of a chart, or into as many as it
// has, up to now: what comes after is left out.
func columnsOf(history []timeline.Bucket, now flow.Time, n int) []timeline.Bucket {
	n = min(n, len(history))
	columns := make([]timeline.Bucket, 0, n)
	var last timeline.Bucket
	for k := range n {
		part := history[k*len(history)/n : (k+1)*len(history)/n]
		if part[0].Interval.Start >= now {
			break
		}
		column := held(part[0], last)
		for _, b := range part[1:] {
			if b.Interval.Start < now {
				last = held(b, column)
				join(&column, &last)
			}
		}
		last = column
		columns = append(columns, column)
	}
	return columns
}

// held returns a bucket with what it does not know as it was in the one before.
// A history goes no further than the latest packet: until the next, window and
// flight stay as they are.
func held(b, before timeline.Bucket) timeline.Bucket {
	if b.Window == (timeline.Range{}) && b.InFlight == (timeline.Range{}) {
		w, f := before.Window.Last, before.InFlight.Last
		b.Window = timeline.Range{Min: w, Max: w, Last: w}
		b.InFlight = timeline.Range{Min: f, Max: f, Last: f}
	}
	return b
}

// join adds a later bucket to a column.
func join(c, later *timeline.Bucket) {
	c.Interval.End = later.Interval.End
	for _, r := range []struct{ to, from *timeline.Range }{{&c.Window, &later.Window}, {&c.InFlight, &later.InFlight}} {
		r.to.Min, r.to.Max, r.to.Last = min(r.to.Min, r.from.Min), max(r.to.Max, r.from.Max), r.from.Last
	}
	for i, t := range later.Limits {
		c.Limits[i] += t
	}
	for i, n := range later.Events {
		c.Events[i] += n
	}
}
