// What somebody does to the script of a run: hold it, or move it on.

package play

import (
	"fmt"
	"time"

	"flowlab/scenarios"
)

// Next moves the script on to its next step, which is done at once: it, what follows and
// the end come so much earlier. The error is a [scenarios.Mistake]: there is no step to
// come, or the run is over. What the script says of its later time is no longer checked
// (see [Check]). Where a question is open it is closed instead, if it was answered.
func (r *Run) Next() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.quiz.Open != nil {
		return r.goOn()
	}
	next := len(r.stepped)
	if next == len(r.steps) || r.over.Load() != 0 {
		return &scenarios.Mistake{Problem: "the script has no further step", Hint: "q ends the run"}
	}
	at := r.elapsed()
	if by := r.script.skip(r.steps[next].At, at); by > 0 {
		r.steered(at, fmt.Sprintf("moved on by %.2f s", by.Seconds()))
	}
	return nil
}

// Hold has the script wait, or lets it go on if it waits; the lab goes on all the time. What
// is left of the script comes as much later as it was held, and so does the end. What it says
// of its later time is no longer checked (see [Check]). While a question is open the script
// waits anyway, and this changes nothing.
func (r *Run) Hold() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.quiz.Open != nil || r.over.Load() != 0 {
		return
	}
	r.held = !r.held
	r.wait(map[bool]string{true: "held", false: "goes on"}[r.held])
}

// steered tells the script, and the log, that it was held or moved; r.mu is held.
func (r *Run) steered(at time.Duration, text string) {
	r.log.add(Entry{At: at, Kind: ScriptMoved, Text: text})
	select {
	case r.moved <- struct{}{}:
	default: // it is to look anyway
	}
}

// heldGrain is by how much at once the end is put off while the script is held: it is not
// known then.
const heldGrain = time.Second

// times returns when the run ends, as far as is known at a time of it, and whether the
// script is held.
func (r *Run) times(at time.Duration) (end time.Duration, held bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	end = r.script.due(r.scenario.End, at)
	if r.script.held {
		end = (end + heldGrain - 1).Truncate(heldGrain)
	}
	return end, r.script.held
}
