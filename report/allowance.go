package report

import (
	"fmt"

	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/scenarios"
	"flowlab/scenarios/play"
)

// windowTooSmall tells whether the verdict is that the window does not fit the
// path.
func windowTooSmall(d *diagnose.DirectionView) bool {
	c, held := mainCause(d)
	return held && c == flow.ReceiveWindow && holderOf(d, c) == flow.WindowSize
}

// allowance sets the goodput against what a window allows: one window a round
// trip (RFC 7323 1.1).
func (p *page) allowance(r *play.Result, v *diagnose.View) {
	d := producing(v)
	rtt := v.RTT.Seconds()
	if rtt == 0 {
		return
	}
	p.heading("what the window allows")
	row := func(name string, rate float64, sum string) {
		p.line("  %-21s %10s  %s", name, byteRate(rate), sum)
	}
	row("goodput", goodput(d), "")
	row("mean window / RTT", d.MeanWindow/rtt, fmt.Sprintf("%s / %s", size(int64(d.MeanWindow)), milliseconds(v.RTT)))
	row("largest window / RTT", float64(d.MaxWindow)/rtt, fmt.Sprintf("%s / %s", size(int64(d.MaxWindow)), milliseconds(v.RTT)))
	for _, note := range notes(r, v) {
		p.line("  %s", wrap(note, 2, 2))
	}
}

// notes says what the numbers of the allowance mean.
func notes(r *play.Result, v *diagnose.View) (notes []string) {
	d := producing(v)
	if d.MeanWindow < 0.9*float64(d.MaxWindow) {
		notes = append(notes, fmt.Sprintf("The mean is below the largest because the %s acknowledges about once a "+
			"flight: what has come and is not yet read is taken off the window that the same ACK advertises, "+
			"so the window alternates between large and small.", namesOf(r, v)[d.From.Peer()]))
	}
	first, last := &r.Scenario.Knobs.Network, &r.Knobs.Network
	if first.RTT != last.RTT {
		notes = append(notes, fmt.Sprintf("The round trip was changed while the lab ran, from %s to %s: the RTT here "+
			"is that of the handshake, the goodput that of the whole run.", first.RTT, last.RTT))
	}
	if last.Rate != scenarios.Unlimited {
		fill := float64(last.Rate) / 8 * last.RTT.Seconds()
		notes = append(notes, fmt.Sprintf("A window of %s would fill the path: %s x %s.", size(int64(fill)), last.Rate, last.RTT))
	}
	return notes
}
