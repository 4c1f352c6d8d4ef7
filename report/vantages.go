package report

import (
	"fmt"

	"flowlab/flow"
	"flowlab/scenarios/play"
)

// stack is what the TCP of each network is called.
var stack = map[play.Network]string{play.Userspace: "stack", play.Kernel: "kernel"}

// vantages sets the verdicts from the packets at either host beside the
// sending stack's own account.
func (p *page) vantages(r *play.Result) {
	columns := []struct {
		name   string
		limits *flow.Limits
	}{
		{"at the producer", limitsAt(r, play.ProducerPort)},
		{"at the consumer", limitsAt(r, play.ConsumerPort)},
		{"its own " + stack[r.Network], &r.Truth.Producer},
	}
	p.heading("the same by the packets at either host, and by the %s's own %s", roles[0], stack[r.Network])
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
}

// limitsAt is what held the producer, by the packets at a port; all zero if
// there are none.
func limitsAt(r *play.Result, port int) *flow.Limits {
	v := viewAt(r, port)
	if v == nil {
		return &flow.Limits{}
	}
	return &producing(v).Limits
}
