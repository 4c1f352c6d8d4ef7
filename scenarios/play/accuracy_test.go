package play

import (
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"

	"flowlab/flow"
	"flowlab/scenarios"
)

// worst is how far a cause's share may be from the endpoints' own truth, in
// points of 100.
const worst = 5

// TestVerdictAgainstTruth runs every scenario and holds what the packets say, at
// either host, against what the sending stack says of itself.
func TestVerdictAgainstTruth(t *testing.T) {
	if testing.Short() {
		t.Skip("measures accuracy, which the race detector's slowness would spoil")
	}
	var mu sync.Mutex
	var table strings.Builder
	t.Cleanup(func() { t.Logf("share of time by cause, in %%, and the error in points\n%s", &table) })
	for _, s := range scenarios.Builtins() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			run, err := Start(t.Context(), s, Options{Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			result, err := run.Wait()
			if err != nil {
				t.Fatal(err)
			}
			mu.Lock()
			defer mu.Unlock()
			for _, v := range result.Views {
				compare(t, &table, s.Name, v.Interface, &v.Directions[flow.Client].Limits, &result.Truth.Producer)
			}
			for _, c := range result.Checks {
				if !c.Passed {
					t.Errorf("%s: found %s", c.Text, c.Found)
				}
			}
		})
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
