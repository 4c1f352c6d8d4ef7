package history

import (
	"slices"

	"flowlab/flow"
)

// thin makes room: where the blocks of a level take more than their share, the oldest
// ones become coarser. Half of the budget is for those of the finest steps, a quarter
// for the next level, and so on; holds have a quarter of each.
func (p *Past) thin() {
	const part = 4
	for i := range p.held {
		p.held[i].thin(p.budget / part / 2)
	}
	for level := range levels {
		for p.bytes[level] > (p.budget-p.budget/part)>>(level+1) && p.coarsen(level) {
		}
	}
	p.whole = p.writer.from
	for _, b := range p.blocks {
		if b.level == 0 {
			p.whole = b.from
			break
		}
	}
	for i := range p.held {
		for _, c := range p.held[i].chunks {
			if c.level > 0 {
				p.whole = max(p.whole, c.to)
			}
		}
	}
}

// coarsen makes one block of the first four of a level, or gives up the first one of the
// last level. It is false if there are too few.
func (p *Past) coarsen(level int) bool {
	first := slices.IndexFunc(p.blocks, func(b *block) bool { return b.level == level })
	if first < 0 {
		return false
	}
	n, coarse := 1, []*block(nil)
	if level+1 < levels {
		n = merge
		if first+n >= len(p.blocks) || p.blocks[first+n].level != level {
			return false // the newest one stays
		}
		coarse = []*block{joined(p.blocks[first : first+n])}
		p.bytes[level+1] += coarse[0].size()
	}
	for _, b := range p.blocks[first : first+n] {
		p.bytes[level] -= b.size()
	}
	p.blocks = slices.Concat(p.blocks[:first], coarse, p.blocks[first+n:]) // readers have the old one
	return true
}

// joined is one block of the next level in place of some that follow each other.
func joined(fine []*block) *block {
	j := joiner{}
	j.begin(fine[0].from, fine[0].level+1)
	for _, b := range fine {
		j.add(b)
	}
	last := fine[len(fine)-1]
	done := j.finish(j.stepAt(last.time(last.steps)))
	return &done
}

// joiner writes a block from finer ones.
type joiner struct {
	writer
	next   int       // step that is to be written
	any    bool      // something passed since the latest
	passed [2]gauges // what passed
}

// stepAt is the first step at a time or after.
func (j *joiner) stepAt(t flow.Time) int {
	return int((t.Sub(j.from) + j.unit - 1) / j.unit)
}

// add adds a block that follows those before: what was entered in it, and after each part
// what is expected in the silence.
func (j *joiner) add(b *block) {
	r := newReader(b)
	for i, p := range b.parts {
		until := b.steps // the first step that this part does not tell of
		if i+1 < len(b.parts) {
			until = b.parts[i+1].first
		}
		j.next = max(j.next, j.stepAt(b.time(p.first)))
		for step := p.first; step <= p.last; step++ {
			j.pass(r, step)
			if j.time(j.next) < b.time(step+1) {
				j.write(r, step)
			}
		}
		if step := int(j.time(j.next).Sub(b.from) / b.unit); step < until {
			j.write(r, step)
		}
	}
}

// pass enters the extremes at a step of a finer block.
func (j *joiner) pass(r *reader, step int) {
	for i := range j.passed {
		now := r.side(i, step)
		if !j.any {
			j.passed[i] = now
			continue
		}
		j.passed[i].window.Join(now.window)
		j.passed[i].inFlight.Join(now.inFlight)
	}
	j.any = true
}

// write writes the next step, which a step of a finer block shows.
func (j *joiner) write(r *reader, step int) {
	m := r.moment(step)
	for i := range m.sides {
		m.sides[i] = r.side(i, step)
		if j.any {
			m.sides[i].window, m.sides[i].inFlight = j.passed[i].window, j.passed[i].inFlight
		}
	}
	j.put(j.next, &m)
	j.note(j.next)
	j.next++
	j.any = false
}
