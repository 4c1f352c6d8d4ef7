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
func (p *Past) Step(now flow.Time) {
	m := &p.at
	fresh := !p.begun || now >= p.writer.from.Add(blockSteps*Grid)
	m.look(p.connection, now, fresh)
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.begun {
		p.begun, p.from, p.whole = true, now, now
		p.writer.begin(now, 0)
	}
	p.now = max(p.now, now)
	for i := range p.likely {
		d := &p.connection.Directions[i]
		p.likely[i] = d.Likely(now, nil)
		p.lasts[i] = nil
		if s, ok := d.Stall(now); ok {
			p.lasts[i] = []diagnose.Stall{s}
		}
	}
	n := int(now.Sub(p.writer.from) / Grid)
	if n < p.writer.steps {
		return
	}
	for n >= blockSteps {
		n -= blockSteps
		p.turn()
	}
	p.writer.put(n, m)
}

// turn ends the block that is written, and begins another.
func (p *Past) turn() {
	w := &p.writer
	for i := range w.streams {
		if t := &w.streams[i]; t.last == w.steps-1 { // it is there, also if the steps up to the end were left out
			t.last = blockSteps - 1
		}
	}
	w.steps = blockSteps
	done := w.block
	done.trim()
	done.summarize()
	p.keep(&done)
	w.begin(done.from.Add(blockSteps*Grid), 0)
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
