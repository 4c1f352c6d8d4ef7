package play

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"flowlab/flow"
	"flowlab/scenarios"
)

// TestWhatWasDoneByHandIsATest: the reader is stopped by hand; saved, while the run goes on
// or after it, the scenario has that; loaded and run again without a hand, it stalls as
// before, and its expectations are met.
func TestWhatWasDoneByHandIsATest(t *testing.T) {
	t.Parallel()
	s := with(t, time.Minute, "network.rtt", "2ms", "network.rate", "50Mbit/s", "consumer.window", "64KiB")
	s.Expect = []scenarios.Expectation{
		scenarios.Goodput{During: scenarios.Span{To: 200 * time.Millisecond}, AtLeast: 1000, AtMost: scenarios.Unlimited},
		scenarios.Goodput{During: scenarios.Span{To: 50 * time.Second}, AtLeast: 1000, AtMost: scenarios.Unlimited},
		scenarios.EventCount{From: scenarios.Consumer, AtMost: 0},
	}
	run, err := Start(t.Context(), s, Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if early, err := run.AsScenario(); err != nil || early.End <= 0 || len(early.Script) != 0 {
		t.Errorf("as it begins: %+v, %v", early, err)
	}
	until(t, run, "data has come", func(s *Snapshot) bool { return s.At > 300*time.Millisecond })
	if err := run.Set("consumer.read-rate", "0"); err != nil {
		t.Fatal(err)
	}
	until(t, run, "the stall is long", func(s *Snapshot) bool { return s.At > 1500*time.Millisecond })
	soFar, err := run.AsScenario()
	if err != nil {
		t.Fatal(err)
	}
	if s := run.Snapshot(); s.Over || soFar.End > s.At+time.Second {
		t.Errorf("over %v at %v, saved up to %v", s.Over, s.At, soFar.End)
	}
	isTheStall(t, soFar)
	run.Stop()
	if _, err := run.Wait(); err != nil {
		t.Fatal(err)
	}
	hand, err := run.AsScenario()
	if err != nil {
		t.Fatal(err)
	}
	if r := play(t, isTheStall(t, hand)); !r.Passed {
		t.Errorf("run again: %+v\n%s", r.Checks, scenarios.Format(hand))
	}
}

// isTheStall holds a scenario that was made by hand to what was done, and returns it as it
// is loaded from its file.
func isTheStall(t *testing.T, hand *scenarios.Scenario) *scenarios.Scenario {
	t.Helper()
	path := filepath.Join(t.TempDir(), "stall.yaml")
	if err := scenarios.Save(path, hand, false); err != nil {
		t.Fatal(err)
	}
	again, err := scenarios.Load(path)
	if err != nil {
		t.Fatalf("%v\n%s", err, scenarios.Format(hand))
	}
	if len(again.Script) != 1 || again.Script[0].At%byHandGrain != 0 || again.End < 1500*time.Millisecond || again.End > time.Minute/2 {
		t.Errorf("written:\n%s", scenarios.Format(again))
	}
	var stall scenarios.LimitShare
	for _, e := range again.Expect {
		if e, ok := e.(scenarios.LimitShare); ok && e.Cause == flow.ReceiveWindow {
			stall = e
		}
		if e, ok := e.(scenarios.Goodput); ok && e.During.To != 200*time.Millisecond {
			t.Errorf("it expects what lies after its end: %s", e)
		}
	}
	if stall.Of != scenarios.Producer || stall.AtLeast < 50 {
		t.Fatalf("the stall is not expected:\n%s", scenarios.Format(again))
	}
	return again
}

func isMistake(err error) bool {
	_, ok := errors.AsType[*scenarios.Mistake](err)
	return ok
}

func TestByHandKeepsTheLastTurnOfATime(t *testing.T) {
	var b byHand
	for i, at := range []time.Duration{101, 99, 104, 250} {
		b.add(at*time.Millisecond, scenarios.Setting{Knob: "network.loss", Value: fmt.Sprintf("%d%%", i)})
	}
	if len(b.steps) != 2 || b.steps[0].At != 100*time.Millisecond || len(b.steps[0].Set) != 1 || b.steps[0].Set[0].Value != "2%" {
		t.Errorf("kept %v", b.steps)
	}
	for i := range mostByHand {
		b.add(time.Duration(i+1)*time.Second, scenarios.Setting{Knob: "network.loss", Value: "1%"})
	}
	if len(b.steps) != mostByHand || b.lost != 2 {
		t.Errorf("%d steps and %d lost, want %d and 2", len(b.steps), b.lost, mostByHand)
	}
}
