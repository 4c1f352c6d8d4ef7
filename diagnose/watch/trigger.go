package watch

import (
	"fmt"
	"time"

	"flowlab/flow"
)

// Trigger has a [Window] written out when a stall happens.
type Trigger struct {
	Cause  flow.Cause
	Least  time.Duration // how long the stall must be
	Window *Window
	// Fired, if set, is called when a file is begun.
	Fired func(path string)

	fired map[stalled]flow.Time // the beginnings of stalls that had it written
	err   error
}

// lasts takes a stall, which may go on.
func (t *Trigger) lasts(e *Event, now flow.Time) {
	s := &e.Stall
	if t == nil || s.Cause != t.Cause || s.Length() < t.Least {
		return
	}
	name := e.stalled()
	if since, ok := t.fired[name]; ok && since == s.Start {
		t.Window.hold(now)
		return
	}
	if t.fired == nil {
		t.fired = map[stalled]flow.Time{}
	}
	if len(t.fired) == maxFired { // those of connections that are long gone
		clear(t.fired)
	}
	t.fired[name] = s.Start
	path, err := t.Window.fire(now, fmt.Sprintf("%s (%v) was held by %s, until %s",
		e.held(), e.ID, sentence(s), time.Unix(0, int64(s.End)).UTC().Format("2006-01-02 15:04:05.000 MST")))
	switch {
	case err != nil:
		t.err = err
	case path != "" && t.Fired != nil:
		t.Fired(path)
	}
}

// maxFired is how many stalls are remembered to have had a file written.
const maxFired = 10_000

// pass ends a file that has lasted long enough. It returns what went wrong.
func (t *Trigger) pass(now flow.Time) error {
	if t == nil {
		return nil
	}
	if t.err == nil {
		t.err = t.Window.pass(now)
	}
	return t.err
}
