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
	freeze, keys := "freeze", []parts.KeyHelp{{Keys: g.Decrease + "/" + g.Increase, Does: "scrub"}, {Keys: "[/]", Does: "stalls"}}
	if s.instant.held {
		freeze = "go on"
		keys = append(keys, parts.KeyHelp{Keys: "end", Does: "live"})
	}
	if s.outcome == nil {
		keys = append(keys, parts.KeyHelp{Keys: "-/+", Does: "read rate"}, parts.KeyHelp{Keys: "0", Does: "stop"}, parts.KeyHelp{Keys: "u", Does: "unlimited"})
	}
	keys = append(keys, parts.KeyHelp{Keys: "space", Does: freeze}, parts.KeyHelp{Keys: "q", Does: "quit"})
	parts.Footer(a, keys)
}
