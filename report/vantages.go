package report

import (
	"fmt"

	"flowlab/flow"
	"flowlab/scenarios"
	"flowlab/scenarios/play"
)

// stack is what the TCP of each network is called.
var stack = map[play.Network]string{play.Userspace: "stack", play.Kernel: "kernel"}

// vantages sets the verdicts on a sender, from the packets at either host, beside the
// account of itself and its stack.
func (p *page) vantages(r *play.Result, from flow.Side) {
	if r.Knobs.HasProxy() && from == flow.Server {
		return // a proxy keeps no account
	}
	truth := &r.Truth.Producer
	if from == flow.Server {
		truth = &r.Truth.Consumer
	}
	own := "its own " + stack[r.Network]
	heading := fmt.Sprintf("the same by the packets at either host, and by the %s's own %s", roles[from], stack[r.Network])
	by := play.WitnessOf(&r.Knobs, scenarios.Role(roles[from]))
	switch by {
	case play.ByWindows:
		own, heading = "its own account", fmt.Sprintf("the same by the packets at either host, and by the %s's own account", roles[from])
	case play.ByApplication:
		own, heading = "its application", fmt.Sprintf("the same by the packets at either host, and by the %s's application and its own %s", roles[from], stack[r.Network])
	}
	columns := []struct {
		name   string
		limits *flow.Limits
	}{
		{"at the producer", limitsAt(r, play.ProducerPort, from)},
		{"at the " + nameOf(r, farPort(r)), limitsAt(r, farPort(r), from)},
		{own, truth},
	}
	p.heading("%s", heading)
	row := fmt.Sprintf("  %-17s", "share of time")
	for _, c := range columns {
		row += fmt.Sprintf("%17s", c.name)
	}
	p.line("%s", row)
	for i := range flow.NumCauses {
		c, shown := flow.Cause(i), false
		row := fmt.Sprintf("  %-17v", c)
		for _, at := range columns {
			shown = shown || at.limits.Share(c) >= leastShown
			row += fmt.Sprintf("%17s", percent(at.limits.Share(c)))
		}
		if shown {
			p.line("%s", row)
		}
	}
	if by == play.ByApplication {
		p.line("  %s", wrap(fmt.Sprintf("%s hides its windows: for the time that is unknown to it, the application only knows that it waited to send, and that TCP did not hold it.", r.Knobs.HTTP2(scenarios.Role(roles[from])).Library), 2, 2))
	}
}

// limitsAt is what held a sender, by the packets at a port; all zero if there are
// none.
func limitsAt(r *play.Result, port int, from flow.Side) *flow.Limits {
	v := viewAt(r, port)
	if v == nil {
		return &flow.Limits{}
	}
	return &v.Directions[from].Limits
}
