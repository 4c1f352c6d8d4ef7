package play

import (
	"strings"
	"testing"
	"time"

	"flowlab/flow"
	"flowlab/scenarios"
	"flowlab/tcpwin"
)

// longScript stops the reader after 10 s and lets it read again after 20, for 30 s.
func longScript(t *testing.T) *scenarios.Scenario {
	s := with(t, 30*time.Second, "network.rtt", "2ms", "network.rate", "50Mbit/s", "consumer.window", "64KiB")
	turn := func(at time.Duration, rate string) scenarios.Step {
		return scenarios.Step{At: at, Set: []scenarios.Setting{{Knob: "consumer.read-rate", Value: rate}}, Say: "reads " + rate}
	}
	ask := &scenarios.Question{Text: "What comes?", Answers: []string{"this", "that"}, Right: 1, Why: "So."}
	s.Script = []scenarios.Step{turn(10*time.Second, "0"), {At: 15 * time.Second, Ask: ask}, turn(20*time.Second, "unlimited")} // it is no quiz: the question is no step
	s.Expect = []scenarios.Expectation{
		neverProbes(scenarios.Span{To: 700 * time.Millisecond}),
		scenarios.EventCount{Event: tcpwin.ZeroWindow, From: scenarios.Consumer, AtMost: 0},
		scenarios.LimitShare{Cause: flow.ReceiveWindow, Of: scenarios.Producer, During: scenarios.Span{From: 11 * time.Second, To: 19 * time.Second}, AtLeast: 95, AtMost: 100},
	}
	return s
}

// neverProbes expects what is so however slow the machine is: the consumer, which sends
// nothing, asks after no window.
func neverProbes(during scenarios.Span) scenarios.Expectation {
	return scenarios.EventCount{Event: tcpwin.WindowProbe, From: scenarios.Consumer, Between: during}
}

// TestNext moves a script of 30 s on to each of its steps, and to its end: what follows
// and the end move with it, the charts too, and what cannot be held to the script any more
// is not checked.
func TestNext(t *testing.T) {
	t.Parallel()
	s := longScript(t)
	run, err := Start(t.Context(), s, Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	until(t, run, "data has come for a while", func(s *Snapshot) bool { return s.At > 800*time.Millisecond && s.Consumer.Read > 0 })
	before := run.Snapshot()
	if err := run.Next(); err != nil {
		t.Fatal(err)
	}
	until(t, run, "the reader stops", func(s *Snapshot) bool { return s.Caption == "reads 0" })
	moved := run.Snapshot()
	if left := 20 * time.Second; moved.End < before.At+left || moved.End > moved.At+left || moved.Held {
		t.Errorf("moved on between %v and %v it ends at %v, held %v", before.At, moved.At, moved.End, moved.Held)
	}
	h := moved.Views[0].Directions[flow.Client].History
	if last := h[len(h)-1].Interval.End.Sub(moved.Start); len(h) != Columns || moved.End-last > time.Microsecond || last > moved.End {
		t.Errorf("%d columns up to %v of %v", len(h), last, moved.End)
	}
	if want := int(moved.At*Columns/moved.End) + 1; len(moved.Progress) != want {
		t.Errorf("%d columns of progress at %v of %v, want %d", len(moved.Progress), moved.At, moved.End, want)
	}
	until(t, run, "nothing is written", func(s *Snapshot) bool { return s.Producer.Writing > 300*time.Millisecond })
	if err := run.Next(); err != nil {
		t.Fatal(err)
	}
	until(t, run, "it reads again", func(s *Snapshot) bool { return s.Caption == "reads unlimited" })
	if err := run.Next(); !isMistake(err) {
		t.Errorf("behind the last step: %v, want a mistake", err)
	}
	if past := run.Past(before.At); past.End != run.Snapshot().End || past.Caption != "" {
		t.Errorf("the past ends at %v and says %q", past.End, past.Caption)
	}
	run.Stop()
	r, err := run.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if !r.Checks[0].Passed || r.Checks[0].Unchecked {
		t.Errorf("what lay before was not checked: %+v", r.Checks[0])
	}
	for _, c := range r.Checks[1:] {
		if !c.Unchecked || c.Passed || c.Failed() || !strings.HasPrefix(c.Found, "the script was held or moved on at ") {
			t.Errorf("checked: %+v", c)
		}
	}
	if !r.Passed || !r.Stopped || r.Claim != nil || r.End > r.Length+10*time.Second {
		t.Errorf("passed %v, stopped %v before %v, claim %+v", r.Passed, r.Stopped, r.End, r.Claim)
	}
	hand, err := run.AsScenario()
	if err != nil {
		t.Fatal(err)
	}
	// Each step was done a moment after it was asked for, and that is when it is done again.
	stop, read := moved.At.Round(byHandGrain), r.Length
	if n := len(hand.Script); n != 2 || hand.Script[0].At < 800*time.Millisecond || hand.Script[0].At > stop || hand.Script[1].At <= hand.Script[0].At || hand.Script[1].At > read+byHandGrain || hand.End < r.Length {
		t.Errorf("as a scenario:\n%s", scenarios.Format(hand))
	}
}

// TestHold: a script that is held does nothing and has no end, and does its next step all
// the same if it is asked to.
func TestHold(t *testing.T) {
	t.Parallel()
	s := with(t, time.Second, "network.rtt", "2ms", "network.rate", "50Mbit/s")
	s.Script = []scenarios.Step{{At: 800 * time.Millisecond, Say: "first"}, {At: 900 * time.Millisecond, Say: "second"}}
	s.Expect = []scenarios.Expectation{scenarios.Goodput{AtLeast: 1, AtMost: scenarios.Unlimited}}
	run, err := Start(t.Context(), s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	run.Hold()
	until(t, run, "it goes on behind its end", func(s *Snapshot) bool { return s.At > 1500*time.Millisecond && s.Held && s.Caption == "" })
	if end := run.Snapshot().End; end%heldGrain != 0 || end < 2*time.Second {
		t.Errorf("while it is held the end is %v", end)
	}
	if err := run.Next(); err != nil {
		t.Fatal(err)
	}
	until(t, run, "the first step is done", func(s *Snapshot) bool { return s.Caption == "first" })
	until(t, run, "it is still held", func(s *Snapshot) bool { return s.At > 2*time.Second && s.Held && s.Caption == "first" })
	run.Hold()
	r, err := run.Wait()
	if err != nil {
		t.Fatal(err)
	}
	last := run.Snapshot()
	if r.Stopped || r.Length < r.End || r.End < 2*time.Second || last.Held || last.Caption != "second" {
		t.Errorf("stopped %v after %v of %v, held %v, %q", r.Stopped, r.Length, r.End, last.Held, last.Caption)
	}
	if !r.Checks[0].Unchecked || !r.Passed {
		t.Errorf("checked: %+v", r.Checks)
	}
	said := ""
	for _, e := range last.Log {
		if e.Kind == ScriptMoved {
			said += e.Text + "; "
		}
	}
	if !strings.HasPrefix(said, "held; moved on by 0.") || !strings.HasSuffix(said, " s; goes on; ") {
		t.Errorf("the log says %q", said)
	}
}
