package tui

import (
	"strconv"

	"flowlab/scenarios/play"
)

// drawLog draws the latest entries of the event log, the newest at the bottom.
func (s *scene) drawLog(a area) {
	entries := s.snapshot.Log
	entries = entries[max(0, len(entries)-a.h):]
	for i := range entries {
		drawEntry(a, a.h-len(entries)+i, &entries[i])
	}
}

func drawEntry(a area, y int, e *play.Entry) {
	who, k := e.Who, plain
	switch e.Kind {
	case play.KnobTurned:
		who, k = "knob", strong
	case play.ScriptLine:
		who, k = "script", strong
	case play.ActionDone:
		k = strong
	}
	times := ""
	if e.More > 0 {
		times = " " + a.f.glyphs.times + strconv.Itoa(e.More+1)
	}
	a.columns(0, 9).putRight(y, faint, secondsText(e.At, 3))
	a.put(11, y, faint, who)
	x := a.put(21, y, k, a.fit(e.Text, a.w-22-width(times)))
	a.put(x, y, strong, times)
}
