// What somebody did to a run by hand, as a scenario that does it again.

package play

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/scenarios"
)

// byHand are the knobs that were turned, at times that a person would write.
type byHand struct {
	steps []scenarios.Step
	lost  int // that were too many to be kept
}

const (
	// byHandGrain is what the times of steps by hand are rounded to.
	byHandGrain = 10 * time.Millisecond
	// mostByHand is how many of them a scenario file has room for.
	mostByHand = 400
)

// add notes that a knob was turned. Of several turns of one knob at one time the last
// counts.
func (b *byHand) add(at time.Duration, set scenarios.Setting) {
	at = at.Round(byHandGrain)
	if n := len(b.steps); n > 0 && b.steps[n-1].At == at {
		last := &b.steps[n-1]
		last.Set = slices.DeleteFunc(last.Set, func(s scenarios.Setting) bool { return s.Knob == set.Knob })
		last.Set = append(last.Set, set)
		return
	}
	if len(b.steps) == mostByHand {
		b.lost++
		return
	}
	b.steps = append(b.steps, scenarios.Step{At: at, Set: []scenarios.Setting{set}})
}

// soFar is what there is of a run: the whole, once it is over.
type soFar struct {
	length time.Duration
	checks []Check
	views  []diagnose.View
}

// soFar is for the pipeline to call, with an instant whose packets are entered.
func (r *Run) soFar(now flow.Time) soFar {
	length := now.Sub(r.start)
	r.readings.look(length, now, r.analysis)
	r.mu.Lock()
	script := r.script
	r.mu.Unlock()
	views, _, checks := r.seen(now, &script)
	return soFar{length, checks, views}
}

// AsScenario returns what was done in a run, up to now if it goes on: the scenario with the
// knobs that [Run.Set] turned as steps, as long as the run is. It expects what the scenario
// expected and got, and the stalls that were seen. A run in which nothing was done by hand
// gives its scenario with those. Steps of a script that was held or moved on come when they
// came.
//
// The error is a [scenarios.Mistake]: more was done than a file has room for.
func (r *Run) AsScenario() (*scenarios.Scenario, error) {
	told := make(chan soFar, 1)
	select {
	case r.asked <- told:
		return r.asScenario(<-told)
	case <-r.ended:
		return r.asScenario(soFar{r.result.Length, r.result.Checks, r.result.Views})
	}
}

func (r *Run) asScenario(now soFar) (*scenarios.Scenario, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.byHand.lost > 0 {
		return nil, &scenarios.Mistake{
			Problem: fmt.Sprintf("knobs were turned at %d times", mostByHand+r.byHand.lost),
			Hint:    fmt.Sprintf("a scenario has room for %d", mostByHand),
		}
	}
	s := *r.scenario
	s.Group, s.Explain = "", ""
	s.Title = strings.TrimSuffix(s.Title, ", by hand") + ", by hand"
	s.End = max(byHandGrain, (now.length + byHandGrain - 1).Truncate(byHandGrain))
	if !r.script.moved {
		s.End = min(s.End, r.scenario.End)
	}
	s.Script = slices.Concat(r.performed(), r.byHand.steps)
	slices.SortStableFunc(s.Script, func(a, b scenarios.Step) int { return int(a.At - b.At) })
	// What was turned just now changed nothing that could be seen.
	s.Script = slices.DeleteFunc(s.Script, func(step scenarios.Step) bool { return step.At >= s.End })
	s.Expect = slices.Concat(r.met(&s, now.checks), r.stalled(&s, now.views))
	return &s, nil
}

// performed are the steps of the script; once it was held or moved on, those that were
// done, when they were. r.mu is held.
func (r *Run) performed() []scenarios.Step {
	if !r.script.moved {
		return r.scenario.Script
	}
	steps := slices.Clone(r.steps[:len(r.stepped)])
	var last time.Duration
	for i := range steps {
		if !r.script.sound(steps[i].At) {
			steps[i].At = max(last, r.stepped[i].Round(byHandGrain))
		}
		last = steps[i].At
	}
	return steps
}

// met are the expectations that were met and can be of the shorter scenario.
func (r *Run) met(s *scenarios.Scenario, checks []Check) (met []scenarios.Expectation) {
	for i, e := range r.scenario.Expect {
		if checks[i].Passed && spanOf(e, s.End).To <= s.End && opens(s, streamOf(e)) {
			met = append(met, e)
		}
	}
	return met
}

// streamOf is the path of the streams that an expectation is about; empty if it is
// about none.
func streamOf(e scenarios.Expectation) string {
	switch e := e.(type) {
	case scenarios.LimitShare:
		return e.Stream
	case scenarios.FindingCount:
		return e.Stream
	case scenarios.SentBytes:
		return e.Stream
	case scenarios.WindowSize:
		return e.Stream
	case scenarios.ChainOfWaits:
		return e.Stream
	}
	return ""
}

// opens tells whether a scenario opens streams of a path; all do of none.
func opens(s *scenarios.Scenario, path string) bool {
	return path == "" || slices.ContainsFunc(s.Script, func(step scenarios.Step) bool {
		return slices.ContainsFunc(step.Do, func(a scenarios.Action) bool {
			o, ok := a.(scenarios.Open)
			return ok && o.Path == path
		})
	})
}

const (
	// leastPhase is how long nothing must be turned for the verdict of that time to
	// be one that comes again.
	leastPhase = 500 * time.Millisecond
	// turning is what is left out at either end of such a time.
	turning = 100 * time.Millisecond
	// roomOfStalls is by how many points a share may be less when it is run again.
	roomOfStalls = 20
)

// stalled expects of each time between two steps the cause that held a sender for at
// least half of it, in stalls.
func (r *Run) stalled(s *scenarios.Scenario, views []diagnose.View) (all []scenarios.Expectation) {
	i := slices.IndexFunc(views, func(v diagnose.View) bool { return v.Interface == ProducerPort })
	if i < 0 {
		return nil
	}
	steps := slices.DeleteFunc(slices.Clone(s.Script), func(s scenarios.Step) bool { return s.OnlyAsks() })
	var from time.Duration
	for n := range len(steps) + 1 {
		to := s.End
		if n < len(steps) {
			to = steps[n].At
		}
		if to-from >= leastPhase {
			phase := scenarios.Span{From: from + turning, To: to - turning}
			for _, d := range views[i].Directions {
				all = append(all, r.stalledIn(phase, d)...)
			}
		}
		from = to
	}
	return all
}

// stalledIn expects what held one sender for at least half of a time. What chance or a
// missing packet has done would not come again.
func (r *Run) stalledIn(phase scenarios.Span, d diagnose.DirectionView) (all []scenarios.Expectation) {
	var held [flow.NumCauses]time.Duration
	for _, s := range d.Stalls {
		if part := min(s.End.Sub(r.start), phase.To) - max(s.Start.Sub(r.start), phase.From); part > 0 {
			held[s.Cause] += part
		}
	}
	held[flow.LossRecovery], held[flow.Unknown], held[flow.Handshake] = 0, 0, 0
	for cause, sum := range held {
		if share := 100 * sum / (phase.To - phase.From); share >= 50 {
			all = append(all, scenarios.LimitShare{
				Cause: flow.Cause(cause), Of: role(d.From), During: phase,
				AtLeast: scenarios.Percent((share - roomOfStalls) / 5 * 5), AtMost: 100,
			})
		}
	}
	return all
}
