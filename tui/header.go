package tui

import "flowlab/tui/parts"

// drawHeader says what runs, for how long, and whether it still does.
func (s *scene) drawHeader(a parts.Area) {
	state, k := " LIVE ", parts.Good
	switch {
	case s.instant.held && s.snapshot.Coarse:
		state, k = " PAST, COARSE ", parts.Notice
	case s.instant.held && s.snapshot != s.latest:
		state, k = " PAST ", parts.Notice
	case s.instant.held:
		state, k = " FROZEN ", parts.Notice
	case s.outcome != nil:
		state, k = " OVER ", parts.Notice
	}
	x := a.PutRight(0, k, state)
	clock := secondsText(s.snapshot.At, s.places())
	if s.latest.Held {
		clock += ", script held" // so nobody knows the end
	} else {
		clock += " of " + secondsText(s.latest.End, 1)
	}
	x = a.Columns(0, x-1).PutRight(0, parts.Plain, clock)
	a.Put(1, 0, parts.Strong, a.Fit(s.scenario.Title, x-3))
}

// places is how exactly the time is told: while it runs, nobody can read more.
func (s *scene) places() int {
	if s.instant.held {
		return 2
	}
	return 1
}
