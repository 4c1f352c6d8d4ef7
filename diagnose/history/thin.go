package history

import "slices"

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
	var w writer
	w.begin(fine[0].from, fine[0].level+1)
	var passed [2]gauges // what passed since the latest coarse step
	for k, b := range fine {
		r := newReader(b)
		for step := range blockSteps {
			var now [2]gauges
			for i := range now {
				now[i] = r.side(i, step)
				if step%merge == 1 { // the first since a coarse step
					passed[i] = now[i]
					continue
				}
				passed[i].window.Join(now[i].window)
				passed[i].inFlight.Join(now[i].inFlight)
			}
			if step%merge != 0 {
				continue
			}
			m := r.moment(step)
			for i := range now {
				m.sides[i] = now[i]
				if k > 0 || step > 0 {
					m.sides[i].window, m.sides[i].inFlight = passed[i].window, passed[i].inFlight
				}
			}
			w.put((k*blockSteps+step)/merge, &m)
		}
	}
	w.steps = blockSteps
	done := w.block
	done.trim()
	done.summarize()
	return &done
}
