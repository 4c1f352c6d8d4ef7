package play

import (
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/internal/need"
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
// the packets say, at either host, against what the sender says of itself: its stack,
// and with HTTP/2 the application on it.
func TestVerdictAgainstTruth(t *testing.T) {
	if testing.Short() {
		t.Skip("measures accuracy, which the race detector's slowness would spoil")
	}
	var table table
	t.Cleanup(func() { t.Logf("share of time by cause, in %%, and the error in points\n%s", &table.text) })
	measure := func(t *testing.T, name string, s *scenarios.Scenario) {
		t.Parallel()
		need.Majority(t, func() []string {
			result := play(t, s)
			return append(table.add(name, result), failed(result)...)
		})
	}
	for _, s := range scenarios.Builtins() {
		t.Run(s.Name, func(t *testing.T) { measure(t, s.Name, s) })
	}
	for name, knobs := range variants {
		t.Run(name, func(t *testing.T) { measure(t, name, with(t, 4*time.Second, knobs...)) })
	}
}

// failed returns the expectations that were not met.
func failed(r *Result) []string {
	var all []string
	for _, c := range r.Checks {
		if !c.Passed {
			all = append(all, fmt.Sprintf("%s: found %s", c.Text, c.Found))
		}
	}
	return all
}

// table is what was found, beside the truth.
type table struct {
	mu   sync.Mutex
	text strings.Builder
}

// add enters a run, and returns what is further off than worst.
func (b *table) add(name string, r *Result) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var off []string
	fmt.Fprintln(&b.text, name)
	if c := r.Claim; c != nil {
		fmt.Fprintf(&b.text, "  %-9s  expected %v of the %s, found %v: %.1f %%, truth %.1f %%\n", "claim", c.Cause, c.Of, c.Found, 100*c.Share, 100*c.Truth)
	}
	for _, v := range r.Views {
		for _, side := range judged(r, &v) {
			at := fmt.Sprintf("%s, %s's", r.Interfaces[v.Interface].Name, role(side))
			fmt.Fprintf(&b.text, "  %-20s", at)
			seen := known(r, side, v.Directions[side].Limits)
			for c := range flow.NumCauses {
				cause := flow.Cause(c)
				found, truth := 100*seen.Share(cause), 100*truthOf(r, side).Share(cause)
				if found >= 0.05 || truth >= 0.05 {
					fmt.Fprintf(&b.text, "  %v %.1f (%+.1f)", cause, found, found-truth)
				}
				if math.Abs(found-truth) > worst {
					off = append(off, fmt.Sprintf("%s at the %s: %v %.1f %%, truth %.1f %%", name, at, cause, found, truth))
				}
			}
			fmt.Fprintln(&b.text)
		}
	}
	return off
}

// judged are the sides whose sending is held to the truth: the producer's, and with
// HTTP/2 the consumer's too. Where a proxy stands between, each is of its own connection.
func judged(r *Result, v *diagnose.View) []flow.Side {
	switch {
	case r.Knobs.HasProxy() && v.ID == r.Views[0].ID: // the producer's is opened first
		return []flow.Side{flow.Client}
	case r.Knobs.HasProxy():
		return []flow.Side{flow.Server}
	case r.Knobs.IsHTTP2():
		return []flow.Side{flow.Client, flow.Server}
	}
	return []flow.Side{flow.Client}
}

// known is what packets say of a side, in the words of who knows its truth: to a stock
// library's application HTTP/2's causes are unknown.
func known(r *Result, side flow.Side, l flow.Limits) flow.Limits {
	if WitnessOf(&r.Knobs, role(side)) == ByApplication {
		for _, c := range []flow.Cause{flow.ConnectionWindow, flow.StreamWindow, flow.StreamLimit} {
			l[flow.Unknown] += l[c]
			l[c] = 0
		}
	}
	return l
}

// truthOf is what held a side, by its own account.
func truthOf(r *Result, side flow.Side) *flow.Limits {
	if side == flow.Client {
		return &r.Truth.Producer
	}
	return &r.Truth.Consumer
}
