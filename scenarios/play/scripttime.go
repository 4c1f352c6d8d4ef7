// Where a script is in its own time, which somebody may hold or move on.

package play

import "time"

// scriptTime relates the time of a script to that of its run. They are the same until
// the script is held or moved on.
type scriptTime struct {
	at    time.Duration // of the script, as it was when
	since time.Duration // the run was here
	held  bool
	moved bool          // they are not the same any more
	same  time.Duration // as long as they were; meaningful once they are not
}

// now is where the script is at a time of the run.
func (s *scriptTime) now(run time.Duration) time.Duration {
	if s.held {
		return s.at
	}
	return s.at + run - s.since
}

// due is when in the run a time of the script comes; while the script is held, if it
// went on at once.
func (s *scriptTime) due(at, run time.Duration) time.Duration { return run + at - s.now(run) }

// hold lets the script wait, or go on.
func (s *scriptTime) hold(held bool, run time.Duration) {
	if held == s.held {
		return
	}
	s.to(s.now(run), run)
	s.held = held
}

// skip moves the script on to a time of its own, if that is to come, and returns by how
// much.
func (s *scriptTime) skip(to, run time.Duration) time.Duration {
	by := to - s.now(run)
	if by <= 0 {
		return 0
	}
	s.to(to, run)
	return by
}

func (s *scriptTime) to(at, run time.Duration) {
	if !s.moved {
		s.moved, s.same = true, run
	}
	s.at, s.since = at, run
}

// sound tells whether what a scenario says of its time up to at is about the run's.
func (s *scriptTime) sound(at time.Duration) bool { return !s.moved || at <= s.same }
