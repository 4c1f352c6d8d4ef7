package tui

// drawHeader says what runs, for how long, and whether it still does.
func (s *scene) drawHeader(a area) {
	state, k := " LIVE ", good
	switch {
	case s.frozen:
		state, k = " FROZEN ", notice
	case s.outcome != nil:
		state, k = " OVER ", notice
	}
	x := a.putRight(0, k, state)
	clock := secondsText(s.snapshot.At, 1) + " of " + secondsText(s.scenario.End, 1)
	x = a.columns(0, x-1).putRight(0, plain, clock)
	a.put(1, 0, strong, a.fit(s.scenario.Title, x-3))
}
