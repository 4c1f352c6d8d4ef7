package history

import (
	"time"

	"flowlab/diagnose/timeline"
	"flowlab/flow"
)

// wide is how many groups a column must be long for groups to stand in place of steps:
// at its ends it may then have what is another's, a quarter of it at the most.
const wide = 4

// history is what happened in one direction over a span, up to t, in columns.
func (c *picture) history(side int, t flow.Time, span flow.Interval, columns int) []timeline.Bucket {
	p := painter{columns: make([]timeline.Bucket, columns), start: span.Start, width: span.Length() / time.Duration(columns), painted: -1}
	if p.width <= 0 {
		return p.columns
	}
	for k := range p.columns {
		from := span.Start.Add(time.Duration(k) * p.width)
		p.columns[k].Interval = flow.Interval{Start: from, End: from.Add(p.width)}
	}
	p.was.bytes, p.was.acked, p.was.events = c.first[side].Bytes, c.first[side].Acked, c.first[side].Events
	until := min(t, span.End)
	for _, b := range c.blocks {
		if b.from > until || b.end() < span.Start.Add(-b.unit*blockSteps) {
			continue
		}
		p.coarse(b)
		if groups := b.groups[side]; groups != nil && p.width >= wide*groupSteps*b.unit {
			for i := range groups {
				if groups[i].to <= until {
					p.paint(&groups[i])
				}
			}
			continue
		}
		b.each(side, func(step int, g *gauges) {
			if at := b.time(step); at <= until {
				one := groupOf(at, g)
				p.paint(&one)
			}
		})
	}
	p.carry(p.column(until))
	c.spread(side, &p, t)
	return p.columns
}

// painter fills columns with groups, in order of time.
type painter struct {
	columns []timeline.Bucket
	start   flow.Time
	width   time.Duration
	painted int   // the latest column that has something
	any     bool  // a group came
	was     group // the latest
}

// column is the one in which something at t happened, which may be before or after all: what is seen
// at a step happened before it.
func (p *painter) column(t flow.Time) int {
	if t <= p.start {
		return -1
	}
	return min(int((t-1).Sub(p.start)/p.width), len(p.columns)-1)
}

// carry lets quantities stay as they are up to a column.
func (p *painter) carry(until int) {
	if !p.any {
		p.painted = max(p.painted, until)
		return
	}
	w, f := p.was.window.Last, p.was.inFlight.Last
	for ; p.painted < until; p.painted++ {
		b := &p.columns[p.painted+1]
		b.Window, b.InFlight = timeline.Range{Min: w, Max: w, Last: w}, timeline.Range{Min: f, Max: f, Last: f}
	}
}

// paint enters a group.
func (p *painter) paint(g *group) {
	k := p.column(g.to)
	if k >= 0 {
		fresh := !p.any
		p.carry(k)
		b := &p.columns[k]
		if fresh {
			b.Window, b.InFlight = g.window, g.inFlight
		}
		b.Window.Join(g.window)
		b.InFlight.Join(g.inFlight)
		b.Sent += g.bytes - p.was.bytes
		b.Acked += g.acked - p.was.acked
		for e, n := range g.events {
			b.Events[e] += uint32(n - p.was.events[e])
		}
	}
	p.was, p.any = *g, true
}

// coarse marks the columns that are finer than what a block has.
func (p *painter) coarse(b *block) {
	if b.level == 0 || b.unit <= p.width {
		return
	}
	for k := max(0, p.column(b.from)); k <= p.column(b.end()); k++ {
		p.columns[k].Coarse = true
	}
}

// spread deals out what held the sender.
func (c *picture) spread(side int, p *painter, t flow.Time) {
	h := &c.held[side]
	before := h.until(min(p.start, t))
	for k := range p.columns {
		b := &p.columns[k]
		if b.Interval.Start >= t {
			return
		}
		after := h.until(min(b.Interval.End, t))
		b.Limits = after.Sub(&before)
		before = after
	}
}
