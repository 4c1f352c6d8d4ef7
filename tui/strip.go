package tui

import (
	"slices"

	"flowlab/diagnose/timeline"
	"flowlab/flow"
	"flowlab/tui/parts"
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

// Every cause has an ink of its own.
var _ [parts.NumSeries - flow.NumCauses]struct{}

// inkOf is the ink of a cause.
func inkOf(c flow.Cause) parts.Ink { return parts.Series(int(c)) }

// drawStrip draws, for each column of the time axis, the cause that held the
// sender for the largest part of it.
func drawStrip(a parts.Area, columns []timeline.Bucket, across int) {
	a.Columns(0, parts.Gutter-2).PutRight(0, parts.Faint, "held by")
	for x := range across {
		k, letter := parts.Faint, "."
		if x < len(columns) {
			if c, any := largest(&columns[x].Limits); any {
				k, letter = inkOf(c), causeLetters[c]
			}
		}
		a.Put(parts.Gutter+x, 0, k, letter)
	}
}

// drawLegend says what the strip's letters stand for, and how much of the whole
// time each cause held the sender; the largest first.
func (s *scene) drawLegend(a parts.Area) {
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
	x := parts.Gutter
	for _, c := range causes {
		text := " " + c.String() + " " + shareText(d.Limits.Share(c))
		if x+1+parts.Width(text) > a.W {
			break
		}
		x = a.Put(x, 0, inkOf(c), causeLetters[c])
		x = a.Put(x, 0, parts.Plain, text) + 2
	}
}
