package tui

import "flowlab/tui/parts"

// drawFooter says what the keys do; or, for a while, what is wrong with the
// one that was pressed.
func (s *scene) drawFooter(a parts.Area) {
	if s.line.open {
		return // it is drawn over it
	}
	if s.notice != "" {
		a.Put(1, 0, parts.Alarm, a.Fit(s.notice, a.W-2))
		return
	}
	parts.Footer(a, s.keyHelp(a.Glyphs()))
}
