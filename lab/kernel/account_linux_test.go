package kernel

import (
	"testing"
	"time"

	"flowlab/flow"
)

const ms = time.Millisecond

// TestAccount enters samples, one every 10 ms, and looks at the account 10 ms
// after the last one.
func TestAccount(t *testing.T) {
	idle := sample{mss: 1000}
	full := sample{mss: 1000, unsent: 5000, inFlight: 5}
	for _, tt := range []struct {
		name    string
		nagle   bool
		samples []sample
		want    flow.Limits
	}{
		{"nothing written", false, []sample{idle, idle}, flow.Limits{flow.Application: 30 * ms}},
		{"in flight holds nobody", false, []sample{{mss: 1000, inFlight: 5}}, flow.Limits{flow.Application: 20 * ms}},
		{"data waits", false, []sample{full, full}, flow.Limits{flow.Application: 10 * ms, flow.Congestion: 20 * ms}},
		{"the kernel says the window", false, []sample{full, {mss: 1000, unsent: 5000, window: 8 * ms}},
			flow.Limits{flow.Application: 10 * ms, flow.Congestion: 12 * ms, flow.ReceiveWindow: 8 * ms}},
		{"its clock is ahead", false, []sample{full, {mss: 1000, unsent: 5000, window: 12 * ms}},
			flow.Limits{flow.Application: 10 * ms, flow.Congestion: 8 * ms, flow.ReceiveWindow: 12 * ms}},
		{"it says the send buffer", false, []sample{idle, {mss: 1000, buffer: 8 * ms}},
			flow.Limits{flow.Application: 22 * ms, flow.SendBuffer: 8 * ms}},
		{"a short segment with Nagle", true, []sample{{mss: 1000, unsent: 10, inFlight: 1}},
			flow.Limits{flow.Application: 10 * ms, flow.Nagle: 10 * ms}},
		{"a short segment without", false, []sample{{mss: 1000, unsent: 10, inFlight: 1}},
			flow.Limits{flow.Application: 10 * ms, flow.Congestion: 10 * ms}},
		{"it recovers", false, []sample{full, {mss: 1000, recovery: true, unsent: 10}, full},
			flow.Limits{flow.Application: 10 * ms, flow.Congestion: 20 * ms, flow.LossRecovery: 10 * ms}},
		{"a timer ran out", false,
			[]sample{{mss: 1000, inFlight: 1, progress: 1000}, {mss: 1000, inFlight: 1, progress: 1000}, {mss: 1000, inFlight: 1, progress: 1000, recovery: true, timeout: true}},
			flow.Limits{flow.Application: 10 * ms, flow.LossRecovery: 30 * ms}},
		{"the FIN was acknowledged", false, []sample{full, {over: true}, idle},
			flow.Limits{flow.Application: 10 * ms, flow.Congestion: 10 * ms}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := account{nagle: tt.nagle}
			a.open(0, flow.Time(5*ms))
			now := flow.Time(5 * ms)
			for _, s := range tt.samples {
				now = now.Add(10 * ms)
				a.note(now, s)
			}
			a.note(now.Add(10*ms), a.last)
			tt.want[flow.Handshake] = 5 * ms
			if a.limits != tt.want {
				t.Errorf("got %v, want %v", a.limits, tt.want)
			}
		})
	}
}
