package play

import (
	"testing"
	"time"

	"flowlab/flow"
	"flowlab/scenarios"
)

// TestAllOfATimeIsNotMoreThanAll: without an upper bound any share will do, also one of
// 100 % that was computed from times that are no round numbers of seconds.
func TestAllOfATimeIsNotMoreThanAll(t *testing.T) {
	for length := time.Millisecond; length < time.Second; length += time.Millisecond {
		span := scenarios.Span{To: length}
		c := check{expect: scenarios.LimitShare{Cause: flow.ReceiveWindow, Of: scenarios.Producer, During: span, AtLeast: 80, AtMost: 100}, span: span}
		c.settled(flow.Client, span, flow.ReceiveWindow, flow.Reader)
		if r := c.result(nil, nil, nil, 0); !r.Passed {
			t.Errorf("held for all of %v: %s", length, r.Found)
		}
	}
}
