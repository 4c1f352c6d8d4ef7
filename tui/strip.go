package tui

import (
	"slices"

	"flowlab/diagnose/timeline"
	"flowlab/flow"
)

// causeLetters stand for the causes.
var causeLetters = [flow.NumCauses]string{
	flow.Unknown:          "U",
	flow.Handshake:        "H",
	flow.LossRecovery:     "L",
	flow.ConnectionWindow: "K",
	flow.StreamWindow:     "S",
	flow.StreamLimit:      "M",
	flow.ReceiveWindow:    "R",
	flow.Nagle:            "N",
	flow.Congestion:       "C",
	flow.SendBuffer:       "B",
	flow.Application:      "A",
}

// drawStrip draws, for each column of the time axis, the cause that held the
// sender for the largest part of it.
func drawStrip(a area, columns []timeline.Bucket, across int) {
	a.columns(0, gutter-2).putRight(0, faint, "held by")
	for x := range across {
		k, letter := faint, "."
		if x < len(columns) {
			if c, any := largest(&columns[x].Limits); any {
				k, letter = inkOf(c), causeLetters[c]
			}
		}
		a.put(gutter+x, 0, k, letter)
	}
}

// drawLegend says what the strip's letters stand for, and how much of the whole
// time each cause held the sender; the largest first.
func (s *scene) drawLegend(a area) {
	d := s.sender()
	if d == nil {
		return
	}
	var causes []flow.Cause
	for c := range d.Limits {
		if d.Limits.Share(flow.Cause(c)) >= 0.005 { // what rounds to nothing is left out
			causes = append(causes, flow.Cause(c))
		}
	}
	slices.SortStableFunc(causes, func(x, y flow.Cause) int { return int(d.Limits[y] - d.Limits[x]) })
	x := gutter
	for _, c := range causes {
		text := " " + c.String() + " " + shareText(d.Limits.Share(c))
		if x+1+width(text) > a.w {
			break
		}
		x = a.put(x, 0, inkOf(c), causeLetters[c])
		x = a.put(x, 0, plain, text) + 2
	}
}
