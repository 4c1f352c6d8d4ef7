package history

import (
	"time"

	"flowlab/flow"
)

// settling is how long after the latest packet all that it brought is settled.
const settling = time.Second

// Until enters the instants before t, in place of [Past.Step] for each: those of the grid that
// are multiples of [Grid] since 1970. Call it before each packet is entered that is later
// than the ones before, with its time. A silence takes no longer than its first seconds: once
// no packet has come for more than one, nothing is other than to be expected. Of it, last has the
// latest instant entered, so that there is a past up to then.
func (p *Past) Until(t flow.Time, last bool) {
	if p.next == 0 {
		p.next = Ceil(p.connection.End)
	}
	for p.next < t {
		// What begins a block has to be followed by what shows which of it counts time.
		silent := p.begun && !p.again && p.silent(p.next)
		if silent {
			p.next = p.latest(t)
		}
		if !silent || last || p.next < t.Add(-Grid) {
			p.again = p.step(p.next, silent)
		}
		p.next = p.next.Add(Grid)
	}
}

// silent tells whether all that packets brought is settled at t. A stall may begin a while
// after the latest.
func (p *Past) silent(t flow.Time) bool {
	return t.Sub(p.connection.End) > settling+2*max(p.least[0], p.least[1])
}

// latest is the latest instant before t, but in no later block than the next.
func (p *Past) latest(t flow.Time) flow.Time {
	t = p.next.Add(t.Add(-1).Sub(p.next) / Grid * Grid)
	return max(p.next, min(t, p.writer.from.Add(mostSteps*Grid)))
}

// End enters what is settled now that the connection has ended.
func (p *Past) End() { p.Step(max(p.now, p.next.Add(-Grid))) }

// Ceil is the first multiple of [Grid] since 1970 at which a packet of t has passed.
func Ceil(t flow.Time) flow.Time {
	const grid = flow.Time(Grid)
	return (t + grid - 1) / grid * grid
}
