package history

import (
	"time"

	"flowlab/flow"
)

// settling is how long after the latest packet all that it brought is settled.
const settling = time.Second

// Until enters the instants before t, in place of [Past.Step] for each: those of the grid that
// are multiples of [Grid] since 1970. Call it before each packet is entered that is later
// than the ones before, with its time. Instants are left out at which nothing is other than
// to be expected, as no packet came for more than a second; last has the latest one
// entered in any case, so that there is a past up to then.
func (p *Past) Until(t flow.Time, last bool) {
	if p.next == 0 {
		p.next = Ceil(p.connection.End)
	}
	for ; p.next < t; p.next = p.next.Add(Grid) {
		// A stall may begin a while after the latest packet; and what begins a block has
		// to be followed by what shows which of it counts time.
		begins := p.next >= p.writer.from.Add(blockSteps*Grid)
		recent := p.next.Sub(p.connection.End) <= settling+2*max(p.least[0], p.least[1])
		if begins || p.again || recent || last && t.Sub(p.next) <= Grid {
			p.Step(p.next)
		}
		p.again = begins
	}
}

// End enters what is settled now that the connection has ended.
func (p *Past) End() { p.Step(max(p.now, p.next.Add(-Grid))) }

// Ceil is the first multiple of [Grid] since 1970 at which a packet of t has passed.
func Ceil(t flow.Time) flow.Time {
	const grid = flow.Time(Grid)
	return (t + grid - 1) / grid * grid
}
