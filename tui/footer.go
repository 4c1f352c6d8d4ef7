package tui

import "flowlab/tui/parts"

// drawFooter says what the keys do; or, for a while, what is wrong with the
// one that was pressed.
func (s *scene) drawFooter(a parts.Area) {
	if s.notice != "" {
		a.Put(1, 0, parts.Alarm, a.Fit(s.notice, a.W-2))
		return
	}
	g := a.Glyphs()
	freeze := "freeze"
	if s.frozen {
		freeze = "go on"
	}
	keys := []parts.KeyHelp{
		{Keys: g.Decrease + "/" + g.Increase, Does: "read rate"},
		{Keys: "0", Does: "stop"},
		{Keys: "u", Does: "unlimited"},
		{Keys: "space", Does: freeze},
		{Keys: "q", Does: "quit"},
	}
	switch {
	case s.outcome != nil && s.frozen:
		keys = keys[3:]
	case s.outcome != nil:
		keys = keys[4:]
	}
	parts.Footer(a, keys)
}
