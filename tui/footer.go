package tui

// drawFooter says what the keys do; or, for a while, what is wrong with the
// one that was pressed.
func (s *scene) drawFooter(a area) {
	if s.notice != "" {
		a.put(1, 0, alarm, a.fit(s.notice, a.w-2))
		return
	}
	g := a.f.glyphs
	freeze := "freeze"
	if s.frozen {
		freeze = "go on"
	}
	keys := []keyHelp{
		{g.decrease + "/" + g.increase, "read rate"}, {"0", "stop"}, {"u", "unlimited"}, {"space", freeze}, {"q", "quit"},
	}
	switch {
	case s.outcome != nil && s.frozen:
		keys = keys[3:]
	case s.outcome != nil:
		keys = keys[4:]
	}
	drawKeys(a, keys)
}

// keyHelp is a key, or two, and what it does.
type keyHelp struct{ key, does string }

func drawKeys(a area, keys []keyHelp) {
	x := 1
	for _, k := range keys {
		x = a.put(x, 0, strong, k.key)
		x = a.put(x+1, 0, faint, k.does) + 2
	}
}
