package history

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"flowlab/diagnose"
	"flowlab/flow"
)

// mostShown is how many stalls a view has; the longest ones.
const mostShown = 100

// picture is what a reader needs of a past. Nothing changes it.
type picture struct {
	frozen diagnose.View
	blocks []*block
	held   [2]heldView
	stalls [2][]overStall
	lasts  [2][]diagnose.Stall
	least  [2]time.Duration // what is called a stall
	first  [2]gauges
	now    flow.Time
}

// take notes what there is.
func (p *Past) take() (c picture, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.begun {
		return picture{frozen: p.frozen}, false
	}
	c = picture{frozen: p.frozen, stalls: p.stalls, lasts: p.lasts, least: p.least, first: p.first, now: p.now}
	under := p.writer.block
	under.streams = slices.Clone(under.streams)
	c.blocks = p.blocks
	if under.steps > 0 {
		c.blocks = append(slices.Clip(c.blocks), &under)
	}
	for i := range c.held {
		c.held[i] = p.held[i].view(p.base[i], p.likely[i])
	}
	return c, true
}

// At returns the connection as it stood at t, with its history over the span in as many
// columns as asked, up to t. Gauges are those of the step at t or before: what an
// analysis of the packets up to then says. What held the senders is what is known by now.
// It is coarse where not every step of that time is kept. An instant outside of
// [Past.Span] is taken for its nearest end.
func (p *Past) At(t flow.Time, span flow.Interval, columns int) (v diagnose.View, coarse bool) {
	c, ok := p.take()
	if !ok {
		return c.frozen, false
	}
	t = min(max(t, c.blocks[0].from), c.now)
	b := c.block(t)
	step := b.step(t)
	r := newReader(b)
	m := r.moment(step)
	v = c.frozen
	v.End, v.RTT, v.Handshake, v.Vantage, v.Layer = m.state.end, m.state.rtt, m.state.handshake, m.state.vantage, m.layer
	if h := v.Layer.HTTP2; h != nil {
		slices.SortFunc(h.Streams, func(a, b diagnose.StreamView) int {
			return cmp.Or(-cmp.Compare(held(&a), held(&b)), cmp.Compare(a.ID, b.ID))
		})
	}
	coarse = b.level > 0
	for i := range v.Directions {
		g := r.side(i, step)
		d := &v.Directions[i]
		*d = g.DirectionView
		d.From, d.MeanWindow = flow.Side(i), g.mean.Until(m.at)
		d.Limits = c.held[i].until(t)
		d.Stalls, d.Count = c.stallsOf(i, t)
		var rough bool
		d.Now, rough = c.holdOf(i, t, d.Stalls)
		coarse = coarse || rough
		if columns > 0 {
			d.History = c.history(i, t, span, columns)
		}
	}
	return v, coarse
}

func held(s *diagnose.StreamView) time.Duration {
	return max(s.Halves[0].Held(), s.Halves[1].Held())
}

// block is the one that shows t.
func (c *picture) block(t flow.Time) *block {
	i := sort.Search(len(c.blocks), func(i int) bool { return c.blocks[i].from > t })
	return c.blocks[max(0, i-1)]
}

// stallsOf is what there was of stalls at t, and how many there had been.
func (c *picture) stallsOf(side int, t flow.Time) (list []diagnose.Stall, count int) {
	for _, s := range c.stalls[side] {
		if s.End <= t {
			list, count = append(list, s.Stall), s.count
		}
	}
	for _, s := range c.stalls[side] {
		if s.End > t && s.Start < t && t.Sub(s.Start) >= c.least[side] {
			s.End = t
			list = append(list, s.Stall)
			count++
		}
	}
	for _, s := range c.lasts[side] {
		if s.End = min(s.End, t); s.Length() >= c.least[side] {
			list = append(list, s)
			count++
		}
	}
	if len(list) > mostShown {
		slices.SortStableFunc(list, func(a, b diagnose.Stall) int { return cmp.Compare(b.Length(), a.Length()) })
		list = list[:mostShown]
		slices.SortFunc(list, func(a, b diagnose.Stall) int { return cmp.Compare(a.Start, b.Start) })
	}
	return list, count
}

// holdOf is what held a sender at t, by what is known now.
func (c *picture) holdOf(side int, t flow.Time, stalls []diagnose.Stall) (n diagnose.Now, coarse bool) {
	h := &c.held[side]
	hold, since, coarse, ok := h.at(t)
	if !ok {
		return diagnose.Now{Cause: flow.Application, HeldBy: flow.SenderApplication}, false
	}
	until := min(t, hold.End)
	for _, s := range stalls {
		if s.Cause == hold.Cause && s.Start < until && s.End >= until {
			since = min(since, s.Start)
		}
	}
	n = diagnose.Now{Cause: hold.Cause, HeldBy: hold.HeldBy, For: until.Sub(since)}
	if settled := h.settled(); len(h.likely) > 0 {
		n.Undecided = max(0, until.Sub(max(settled, h.likely[0].Start)))
	}
	return n, coarse
}
