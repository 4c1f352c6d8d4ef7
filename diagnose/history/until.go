package history

import "flowlab/flow"

// Until enters the instants before t, in place of [Past.Step] for each: those of the grid that
// are multiples of [Grid] since 1970. Call it before each packet is entered that is later
// than the ones before, with its time. Instants are left out at which nothing is other than
// to be expected, as no packet came since the one before; last has the latest one entered
// in any case, so that there is a past up to then.
func (p *Past) Until(t flow.Time, last bool) {
	if p.next == 0 {
		p.next = Ceil(p.connection.End)
	}
	for ; p.next < t; p.next = p.next.Add(Grid) {
		fresh := p.connection.End != p.end || p.next >= p.writer.from.Add(blockSteps*Grid) // or a block begins
		if fresh || p.again || last && t.Sub(p.next) <= Grid {
			p.Step(p.next)
			p.end = p.connection.End
		}
		p.again = fresh // only then it shows what counts time
	}
}

// End enters what is settled now that the connection has ended.
func (p *Past) End() { p.Step(max(p.now, p.next.Add(-Grid))) }

// Ceil is the first multiple of [Grid] since 1970 at which a packet of t has passed.
func Ceil(t flow.Time) flow.Time {
	const grid = flow.Time(Grid)
	return (t + grid - 1) / grid * grid
}
