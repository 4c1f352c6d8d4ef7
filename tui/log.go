package tui

import (
	"strconv"

	"flowlab/scenarios/play"
	"flowlab/tui/parts"
)

// drawLog draws the latest entries of the event log, the newest at the bottom.
func (s *scene) drawLog(a parts.Area) {
	entries := s.snapshot.Log
	entries = entries[max(0, len(entries)-a.H):]
	for i := range entries {
		drawEntry(a, a.H-len(entries)+i, &entries[i])
	}
}

func drawEntry(a parts.Area, y int, e *play.Entry) {
	who, k := e.Who, parts.Plain
	switch e.Kind {
	case play.KnobTurned:
		who, k = "knob", parts.Strong
	case play.ScriptLine, play.ScriptMoved:
		who, k = "script", parts.Strong
	case play.ActionDone:
		k = parts.Strong
	}
	times := ""
	if e.More > 0 {
		times = " " + a.Glyphs().Times + strconv.Itoa(e.More+1)
	}
	a.Columns(0, 9).PutRight(y, parts.Faint, secondsText(e.At, 3))
	a.Put(11, y, parts.Faint, who)
	x := a.Put(21, y, k, a.Fit(e.Text, a.W-22-parts.Width(times)))
	a.Put(x, y, parts.Strong, times)
}
