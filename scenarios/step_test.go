package scenarios

import (
	"slices"
	"testing"
)

// Each knob can be turned from end to end by steps that are values of it, up and down.
func TestStepsGoFromEndToEnd(t *testing.T) {
	for _, protocol := range []string{TCP, H2} {
		knobs := DefaultKnobs()
		if err := knobs.Set("producer.protocol", protocol); err != nil {
			t.Fatal(err)
		}
		for _, knob := range knobs.Turnable() {
			k := knobs
			for more := range 2 {
				seen := []string{k.Get(knob.Name)}
				for range 100 {
					value, ok := k.Step(knob.Name, more == 1)
					if !ok || slices.Contains(seen, value) { // the end, or once around
						break
					}
					if err := k.Turn(knob.Name, value); err != nil {
						t.Fatalf("%s: the step after %s: %v", knob.Name, seen[len(seen)-1], err)
					}
					seen = append(seen, value)
				}
				if len(seen) == 100 || len(seen) < 2 && more == 1 {
					t.Errorf("%s: steps %v", knob.Name, seen)
				}
			}
		}
	}
}

func TestStep(t *testing.T) {
	for _, c := range []struct {
		knob, from string
		more       bool
		want       string // nothing if there is no step
	}{
		{"consumer.read-rate", "0", true, "100kB/s"},
		{"consumer.read-rate", "0", false, ""},
		{"consumer.read-rate", "2MB/s", false, "1MB/s"},
		{"consumer.read-rate", "3MB/s", false, "2MB/s"},
		{"consumer.read-rate", "3MB/s", true, "5MB/s"},
		{"consumer.read-rate", "100MB/s", true, "unlimited"},
		{"consumer.read-rate", "unlimited", true, ""},
		{"consumer.read-rate", "unlimited", false, "100MB/s"},
		{"consumer.window", "128KiB", true, "256KiB"},
		{"consumer.window", "1KiB", false, ""},
		{"consumer.window", "64MiB", true, "256MiB"},
		{"network.loss", "0%", true, "0.1%"},
		{"network.loss", "0.1%", true, "0.2%"},
		{"network.rtt", "20ms", true, "50ms"},
		{"network.rtt", "1s", true, "1m0s"},
		{"network.queue", "1B", true, "1KiB"},
		{"producer.nagle", "false", true, "true"},
		{"producer.nagle", "true", true, "false"},
		{"network.mtu", "1500", true, ""},
		{"network.mut", "", true, ""},
	} {
		k := DefaultKnobs()
		if c.from != "" {
			if err := k.Set(c.knob, c.from); err != nil {
				t.Fatal(err)
			}
		}
		if got, ok := k.Step(c.knob, c.more); got != c.want || ok != (c.want != "") {
			t.Errorf("%s from %s, more %v: %q, %v; want %q", c.knob, c.from, c.more, got, ok, c.want)
		}
	}
}
