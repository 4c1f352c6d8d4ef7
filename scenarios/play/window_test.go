package play

import (
	"fmt"
	"testing"
	"time"

	"flowlab/internal/need"
	"flowlab/scenarios"
)

// TestGoodputIsWindowByRTT holds the rate of a transfer that only its window
// limits to the time-averaged advertised window over the round trip.
func TestGoodputIsWindowByRTT(t *testing.T) {
	if testing.Short() {
		t.Skip("measures throughput, which the race detector's slowness would spoil")
	}
	for _, window := range []string{"32KiB", "64KiB", "128KiB"} {
		for _, rtt := range []string{"50ms", "100ms"} {
			t.Run(fmt.Sprintf("%s over %s", window, rtt), func(t *testing.T) {
				t.Parallel()
				s := with(t, 4*time.Second, "consumer.window", window, "network.rtt", rtt)
				s.Expect = []scenarios.Expectation{scenarios.GoodputOfWindow{
					During: scenarios.Span{From: time.Second, To: 4 * time.Second}, Within: 10,
				}}
				need.Majority(t, func() []string {
					r := play(t, s)
					t.Log(r.Checks[0].Found)
					return failed(r)
				})
			})
		}
	}
}

// with is a scenario of the default knobs and those given, without a script.
func with(t *testing.T, end time.Duration, knobs ...string) *scenarios.Scenario {
	t.Helper()
	s := &scenarios.Scenario{Name: t.Name(), Title: t.Name(), Knobs: scenarios.DefaultKnobs(), End: end}
	for i := 0; i < len(knobs); i += 2 {
		if err := s.Knobs.Set(knobs[i], knobs[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// play runs a scenario to its end, on the lab's own TCP.
func play(t *testing.T, s *scenarios.Scenario) *Result {
	t.Helper()
	return playOn(t, s, Userspace)
}

// playOn runs a scenario to its end.
func playOn(t *testing.T, s *scenarios.Scenario, n Network) *Result {
	t.Helper()
	run, err := Start(t.Context(), s, Options{Network: n, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	result, err := run.Wait()
	if err != nil {
		t.Fatal(err)
	}
	return result
}
