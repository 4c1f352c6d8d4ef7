package tui

import "flowlab/tui/parts"

// drawHeader says what runs, for how long, and whether it still does.
func (s *scene) drawHeader(a parts.Area) {
	state, k := " LIVE ", parts.Good
	switch {
	case s.frozen:
		state, k = " FROZEN ", parts.Notice
	case s.outcome != nil:
		state, k = " OVER ", parts.Notice
	}
	x := a.PutRight(0, k, state)
	clock := secondsText(s.snapshot.At, 1) + " of " + secondsText(s.scenario.End, 1)
	x = a.Columns(0, x-1).PutRight(0, parts.Plain, clock)
	a.Put(1, 0, parts.Strong, a.Fit(s.scenario.Title, x-3))
}
