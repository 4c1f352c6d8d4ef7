package play

import (
	"context"
	"fmt"
	"time"

	"flowlab/scenarios"
)

// follow does what the script says, when it says so.
func (r *Run) follow(ctx context.Context) error {
	for _, s := range r.steps {
		if !r.sleepUntil(ctx, s.At) {
			return nil
		}
		if s.Ask != nil && r.options.Quiz && !r.ask(ctx, s.Ask) {
			return nil
		}
		r.mu.Lock()
		r.stepped = append(r.stepped, r.elapsed())
		r.mu.Unlock()
		if err := r.step(ctx, s); err != nil {
			return fmt.Errorf("script at %v: %w", s.At, err)
		}
	}
	r.sleepUntil(ctx, r.scenario.End)
	return nil
}

// sleepUntil waits for a time of the script, and takes the readings that fall due
// meanwhile. It is false if the run was stopped.
func (r *Run) sleepUntil(ctx context.Context, at time.Duration) bool {
	for {
		wait, come := r.waitFor(at)
		if come {
			return ctx.Err() == nil
		}
		select {
		case <-ctx.Done():
			return false
		case <-r.moved:
		case <-time.After(wait):
		}
		if due, ok := r.readings.next(); ok && due <= r.elapsed() {
			now := r.place.wire.Now()
			r.readings.take(now.Sub(r.start), r.place.truth(now))
		}
	}
}

// longestWait is for how long nobody looks at a script that is held.
const longestWait = time.Minute

// waitFor returns whether a time of the script has come; if not, how long nothing is to be
// done unless the script is moved.
func (r *Run) waitFor(at time.Duration) (wait time.Duration, come bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	run := r.elapsed()
	due, ok := r.readings.next()
	switch {
	case ok && due <= run:
		return 0, false
	case r.script.now(run) >= at:
		return 0, true
	}
	wait = longestWait
	if !r.script.held {
		wait = min(wait, r.script.due(at, run)-run)
	}
	if ok {
		wait = min(wait, due-run)
	}
	return wait, false
}

func (r *Run) elapsed() time.Duration { return r.place.wire.Now().Sub(r.start) }

func (r *Run) step(ctx context.Context, s scenarios.Step) error {
	if s.Drop != nil {
		if err := r.place.drop(s.Drop); err != nil {
			return err
		}
	}
	for _, set := range s.Set {
		r.mu.Lock()
		err := r.turn(set.Knob, set.Value)
		r.mu.Unlock()
		if err != nil {
			return err
		}
	}
	for _, a := range s.Do {
		if !r.await(ctx, a) {
			return nil
		}
		r.mu.Lock()
		r.log.add(Entry{At: r.elapsed(), Kind: ActionDone, Who: string(a.By()), Text: a.String()})
		r.mu.Unlock()
		if err := r.place.do(a); err != nil {
			return err
		}
	}
	if s.Say != "" {
		r.mu.Lock()
		r.caption = s.Say
		at := r.elapsed()
		r.log.add(Entry{At: at, Kind: ScriptLine, Text: s.Say})
		r.changes.add(change{at: at, knobs: r.knobs, caption: r.caption, said: true})
		r.mu.Unlock()
	}
	return nil
}

// lookAgain is how long a stream may have been there before its action is done.
const lookAgain = 5 * time.Millisecond

// await waits for the streams of an action that are on their way to who does it: on a
// long path, or if the script was moved on, they come after the script's time. It waits
// to the end of the script at most, and is false if the run was stopped.
func (r *Run) await(ctx context.Context, a scenarios.Action) bool {
	for r.place.awaits(a) {
		r.mu.Lock()
		now := r.script.now(r.elapsed())
		r.mu.Unlock()
		if now >= r.scenario.End {
			break
		}
		if !r.sleepUntil(ctx, now+lookAgain) {
			return false
		}
	}
	return true
}
