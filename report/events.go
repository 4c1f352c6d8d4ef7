package report

import (
	"flowlab/diagnose"
	"flowlab/tcpwin"
)

// events counts the events by who sent the segment that shows them.
func (p *page) events(v *diagnose.View, called names) {
	p.heading("events at the %s's host", called[0])
	none := true
	for i := range tcpwin.NumKinds {
		counts := [2]int{v.Directions[0].Events[i], v.Directions[1].Events[i]}
		if counts == [2]int{} {
			continue
		}
		if none {
			none = false
			p.line("  %-17s %10s %10s", "from the", called[0], called[1])
		}
		p.line("  %-17v %10d %10d", tcpwin.Kind(i), counts[0], counts[1])
	}
	if none {
		p.line("  none")
	}
}
