package report

import (
	"bytes"
	"testing"
	"time"

	"flowlab/backpressure"
	"flowlab/flow"
	"flowlab/scenarios/overload"
)

// outcomes are three policies of which one let its process die.
func outcomes() []*overload.Outcome {
	l := overload.Usual()
	of := func(policy string, a backpressure.Account, latency time.Duration) *overload.Outcome {
		o := &overload.Outcome{Over: overload.OverTCP, Heap: 13 << 20, Shown: &overload.Shown{}}
		o.Policy, o.Load, o.Length, o.Account = policy, l, l.For, a
		o.Latency = overload.Latency{P50: latency, P99: 2 * latency, Max: 3 * latency}
		o.Longest = 1000
		return o
	}
	died := of("unbounded", backpressure.Account{Scheduled: 100_016, Withheld: 38_426, Offered: 61_590, Delivered: 30_748, Lost: 30_842}, 1500*time.Millisecond)
	died.Died, died.Heap, died.Longest = 6150*time.Millisecond, 41<<20, 30_841
	block := of("block", backpressure.Account{Scheduled: 100_016, Withheld: 49_015, Offered: 51_001, Delivered: 49_999, Queued: 1_002}, 2510*time.Millisecond)
	block.Blocked, block.Shown.Limits[flow.ReceiveWindow] = 9800*time.Millisecond, 9400*time.Millisecond
	return []*overload.Outcome{died, block, of("shed", backpressure.Account{Scheduled: 100_016, Offered: 100_016, Delivered: 49_999, Shed: 49_219, Queued: 798}, 160*time.Millisecond)}
}

func TestCompare(t *testing.T) {
	var b bytes.Buffer
	if err := Compare(&b, outcomes(), Style{}); err != nil {
		t.Fatal(err)
	}
	golden(t, "compare", b.String())
	for line := range bytes.Lines(b.Bytes()) {
		if n := len([]rune(string(bytes.TrimRight(line, "\n")))); n > width {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}
