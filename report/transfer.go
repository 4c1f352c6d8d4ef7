package report

import (
	"flowlab/diagnose"
	"flowlab/flow"
)

// transfer writes the numbers of what the producer sent.
func (p *page) transfer(v *diagnose.View, called names) {
	d := producing(v)
	p.heading("transfer from %s to %s", called[d.From], called[d.From.Peer()])
	p.line("  %-17s %s in %s segments", "sent", size(d.Bytes), flow.Grouped(d.Segments))
	p.line("  %-17s %s", "sent again", size(d.Resent))
	p.line("  %-17s %s", "acknowledged", size(d.Acked))
	p.line("  %-17s %s", "goodput", byteRate(goodput(d)))
	p.line("  %-17s %s", "RTT", milliseconds(v.RTT))
	p.line("  %-17s %s", "MSS", size(int64(d.MSS)))
	p.line("  %-17s %s", "largest window", size(int64(d.MaxWindow)))
	p.line("  %-17s %s", "mean window", size(int64(d.MeanWindow)))
}

// goodput is what was acknowledged, in bytes a second, over the direction's
// whole life.
func goodput(d *diagnose.DirectionView) float64 {
	life := d.Limits.Total()
	if life == 0 {
		return 0
	}
	return float64(d.Acked) / life.Seconds()
}
