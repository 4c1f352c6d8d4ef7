package play

import (
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"flowlab/flow"
	"flowlab/scenarios"
)

// worst is how far a cause's share may be from the endpoints' own truth, in
// points of 100.
const worst = 5

// variants are transfers that no built-in scenario shows: paths and
// applications at which a verdict could go wrong.
var variants = map[string][]string{
	"steady application, 16 KiB every 6.5 ms":    {"producer.rate", "2.5MB/s", "network.rate", "50Mbit/s"},
	"steady application, 1 KiB every ms":         {"producer.rate", "1MB/s", "producer.chunk", "1KiB", "network.rate", "50Mbit/s"},
	"slow reader on a short path":                {"network.rtt", "1ms", "consumer.read-rate", "5MB/s", "network.rate", "200Mbit/s"},
	"slow path with a short queue, IPv6":         {"network.rate", "5Mbit/s", "network.queue", "64KiB", "network.ip", "6"},
	"fast path, short round trip":                {"network.rtt", "2ms", "network.rate", "100Mbit/s"},
	"long path with losses":                      {"network.rtt", "50ms", "network.rate", "20Mbit/s", "network.loss", "0.5%"},
	"window a little smaller than a long path":   {"network.rtt", "200ms", "network.rate", "10Mbit/s", "consumer.window", "128KiB"},
	"reader and path about as fast as the other": {"consumer.read-rate", "3MB/s", "network.rate", "50Mbit/s"},
}

// TestVerdictAgainstTruth runs every scenario, and the variants, and holds what
// the packets say, at either host, against what the sending stack says of
// itself.
func TestVerdictAgainstTruth(t *testing.T) {
	if testing.Short() {
		t.Skip("measures accuracy, which the race detector's slowness would spoil")
	}
	var mu sync.Mutex
	var table strings.Builder
	t.Cleanup(func() { t.Logf("share of time by cause, in %%, and the error in points\n%s", &table) })
	measure := func(t *testing.T, name string, s *scenarios.Scenario) {
		t.Parallel()
		result := play(t, s)
		mu.Lock()
		defer mu.Unlock()
		for _, v := range result.Views {
			compare(t, &table, name, v.Interface, &v.Directions[flow.Client].Limits, &result.Truth.Producer)
		}
		for _, c := range result.Checks {
			if !c.Passed {
				t.Errorf("%s: found %s", c.Text, c.Found)
			}
		}
	}
	for _, s := range scenarios.Builtins() {
		t.Run(s.Name, func(t *testing.T) { measure(t, s.Name, s) })
	}
	for name, knobs := range variants {
		t.Run(name, func(t *testing.T) { measure(t, name, with(t, 4*time.Second, knobs...)) })
	}
}

func compare(t *testing.T, table *strings.Builder, name string, iface int, found, truth *flow.Limits) {
	t.Helper()
	if iface == ProducerPort {
		fmt.Fprintf(table, "%s\n", name)
	}
	fmt.Fprintf(table, "  %-9s", []string{"producer", "consumer"}[iface])
	for c := range flow.NumCauses {
		f, w := 100*found.Share(flow.Cause(c)), 100*truth.Share(flow.Cause(c))
		if math.Abs(f) < 0.05 && math.Abs(w) < 0.05 {
			continue
		}
		fmt.Fprintf(table, "  %v %.1f (%+.1f)", flow.Cause(c), f, f-w)
		if math.Abs(f-w) > worst {
			t.Errorf("at the %s: %v %.1f %%, truth %.1f %%", []string{"producer", "consumer"}[iface], flow.Cause(c), f, w)
		}
	}
	table.WriteByte('\n')
}
