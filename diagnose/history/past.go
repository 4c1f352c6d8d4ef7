package history

import (
	"slices"
	"sync"
	"time"

	"flowlab/diagnose"
	"flowlab/flow"
)

// Grid is the length of a step.
const Grid = 10 * time.Millisecond

// mostStalls is how many stalls of a direction are kept; when there are more, the
// shorter ones of the older half go.
const mostStalls = 4096

// Past is the past of one connection. Use [New].
type Past struct {
	connection *diagnose.Connection
	frozen     diagnose.View // what never changes
	budget     int
	base       [2]flow.Limits // from before it began
	least      [2]time.Duration
	first      [2]gauges // before it began
	at         moment    // reused
	next       flow.Time // for Until
	again      bool      // the next instant is to be entered too
	uneven     bool      // in the silence at the end of the block is what was not expected

	mu     sync.Mutex // guards what follows
	begun  bool
	from   flow.Time // of the first step
	now    flow.Time // of the latest
	whole  flow.Time
	blocks []*block // none of them changes
	bytes  [levels]int
	writer writer
	held   [2]holds
	likely [2][]diagnose.Hold
	stalls [2][]overStall
	lasts  [2][]diagnose.Stall // the one under way, if there is one
}

// overStall is a stall that is over, and how many there were by then.
type overStall struct {
	diagnose.Stall
	count int
}

// New begins to record a connection that has an analysis of its own or is one of those of
// a [diagnose.Analysis], from its next step on. What is kept takes about as many bytes as
// the budget; two blocks of the finest steps at the least.
func New(c *diagnose.Connection, budget int) *Past {
	p := &Past{
		connection: c, budget: budget,
		frozen: diagnose.View{Number: c.Number, Interface: c.Interface, ID: c.ID, Start: c.Start},
	}
	for i := range c.Directions {
		d := &c.Directions[i]
		p.base[i], p.least[i] = d.Limits(), d.Stalls.Least()
		p.first[i].Bytes, p.first[i].Acked, p.first[i].Events = d.Account.Bytes, d.Account.Acked, d.Events
		for k, s := range d.Stalls.Kept {
			p.stalls[i] = append(p.stalls[i], overStall{s, d.Stalls.Count - len(d.Stalls.Kept) + k + 1})
		}
	}
	c.Follow(p.settled, p.stalled)
	return p
}

func (p *Past) settled(from flow.Side, h diagnose.Hold) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held[from].add(h)
}

func (p *Past) stalled(from flow.Side, s diagnose.Stall) {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := &p.stalls[from]
	*list = append(*list, overStall{s, p.connection.Directions[from].Stalls.Count})
	if len(*list) > mostStalls {
		*list = fewer(*list)
	}
}

// fewer drops the shorter half of the older half of stalls.
func fewer(list []overStall) []overStall {
	older := slices.Clone(list[:len(list)/2])
	slices.SortFunc(older, func(a, b overStall) int { return int(a.Length() - b.Length()) })
	least := older[len(older)/2].Length()
	var kept []overStall
	for i, s := range list {
		if i >= len(older) || s.Length() > least {
			kept = append(kept, s)
		}
	}
	return kept
}

// Step enters an instant of the grid: the first call says where the grid begins, and
// each further one is a [Grid] later. It is to be called once all packets up to then are
// entered, and before one that is later. A call between two instants of the grid, as at the end of the
// connection, enters only what is settled by now.
func (p *Past) Step(now flow.Time) { p.step(now, false) }

// step enters an instant. In a silence it may be any number of steps after the one before.
// It tells whether that began a block.
func (p *Past) step(now flow.Time, silent bool) (began bool) {
	m := &p.at
	n := int64(now.Sub(p.writer.from) / Grid)
	turn := n >= int64(p.writer.steps) && (n >= mostSteps || n >= blockSteps && (!silent || p.uneven))
	m.look(p.connection, now, !p.begun || turn)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now = max(p.now, now)
	for i := range p.likely {
		d := &p.connection.Directions[i]
		p.likely[i] = d.Likely(now, nil)
		p.lasts[i] = nil
		if s, ok := d.Stall(now); ok {
			p.lasts[i] = []diagnose.Stall{s}
		}
	}
	switch {
	case !p.begun:
		p.begun, p.from, p.whole = true, now, now
		p.writer.begin(now, 0)
		n, began = 0, true
	case turn:
		p.turn(int(n))
		n, began = 0, true
	case n < int64(p.writer.steps):
		return false
	}
	p.write(int(n), m)
	return began
}

// write writes a step. If it is in the silence after a block, and not what was expected, the
// next one begins another.
func (p *Past) write(step int, m *moment) {
	w := &p.writer
	if step < blockSteps {
		w.put(step, m)
		w.note(step)
		p.uneven = false
		return
	}
	before := w.size()
	w.put(step, m)
	if p.uneven = w.size() != before; p.uneven {
		w.note(step)
	}
}

// turn ends the block that is written, after so many steps, and begins another.
func (p *Past) turn(steps int) {
	w := &p.writer
	done := w.finish(steps)
	p.keep(&done)
	w.begin(done.from.Add(time.Duration(steps)*Grid), 0)
	p.thin()
}

// keep puts a block where it belongs.
func (p *Past) keep(b *block) {
	p.blocks = append(p.blocks, b)
	p.bytes[b.level] += b.size()
}

// Interface is where the connection was seen.
func (p *Past) Interface() int { return p.frozen.Interface }

// Span is from when to when there is a past.
func (p *Past) Span() flow.Interval {
	p.mu.Lock()
	defer p.mu.Unlock()
	return flow.Interval{Start: p.start(), End: p.now}
}

func (p *Past) start() flow.Time {
	if len(p.blocks) > 0 {
		return p.blocks[0].from
	}
	return p.from
}

// Whole is from when to when every step of it is kept.
func (p *Past) Whole() flow.Interval {
	p.mu.Lock()
	defer p.mu.Unlock()
	return flow.Interval{Start: p.whole, End: p.now}
}

// Stalls returns the stalls of each direction, those under way included, in the order of
// time: where to jump to.
func (p *Past) Stalls() (list [2][]diagnose.Stall) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range list {
		for _, s := range p.stalls[i] {
			list[i] = append(list[i], s.Stall)
		}
		list[i] = append(list[i], p.lasts[i]...)
	}
	return list
}

// Bytes is about how much memory the past takes.
func (p *Past) Bytes() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.writer.size()
	for level := range levels {
		n += p.bytes[level] + p.held[0].bytes[level] + p.held[1].bytes[level]
	}
	return n
}
