package tui

import (
	"testing"

	"flowlab/scenarios"
)

func TestTurned(t *testing.T) {
	for _, c := range []struct {
		rate scenarios.ByteRate
		key  string
		want scenarios.ByteRate
		ok   bool
	}{
		{0, "+", 100e3, true},
		{0, "-", 0, false},
		{100e3, "+", 1e6, true},
		{100e3, "-", 0, true},
		{2e6, "-", 1e6, true}, // from between two steps to the nearest on that side
		{2e6, "+", 5e6, true},
		{20e6, "+", scenarios.Unlimited, true},
		{scenarios.Unlimited, "+", scenarios.Unlimited, false},
		{scenarios.Unlimited, "-", 20e6, true},
		{5e6, "0", 0, true},
		{0, "u", scenarios.Unlimited, true},
		{5e6, "x", 5e6, false},
		{5e6, "", 5e6, false},
	} {
		if got, ok := turned(c.rate, c.key); got != c.want || ok != c.ok {
			t.Errorf("%q at %v: %v, %v; want %v, %v", c.key, c.rate, got, ok, c.want, c.ok)
		}
	}
}

// TestReadRatesAreValues: each step is a value of the knob.
func TestReadRatesAreValues(t *testing.T) {
	knobs := scenarios.DefaultKnobs()
	for _, r := range readRates {
		if err := knobs.Turn(readRateKnob, r.String()); err != nil || knobs.Consumer.ReadRate != r {
			t.Errorf("%s: %v, %v", r, knobs.Consumer.ReadRate, err)
		}
	}
}
