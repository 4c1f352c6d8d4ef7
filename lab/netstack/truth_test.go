package netstack

import (
	"testing"
	"time"

	"flowlab/flow"
)

const ms = flow.Time(time.Millisecond)

// limitsOf is an account of whole milliseconds.
type limitsOf map[flow.Cause]int

func (want limitsOf) check(t *testing.T, got flow.Limits) {
	t.Helper()
	for c, d := range got {
		if w := time.Duration(want[flow.Cause(c)]) * time.Millisecond; d != w {
			t.Errorf("%v for %v, want %v", flow.Cause(c), d, w)
		}
	}
}

// TestTruth tells facts, one every 10 ms, and looks at the account 10 ms after
// the last one. MSS 1000, congestion window 10 packets, the first byte is 1.
func TestTruth(t *testing.T) {
	type fact = func(now flow.Time, tr *truth)
	// The facts.
	nothing := func(flow.Time, *truth) {}
	ask := func(n int) fact { return func(now flow.Time, tr *truth) { tr.ask(now, n) } }
	refuse := func(n int) fact { return func(now flow.Time, tr *truth) { tr.refuse(now, n) } }
	block := func(b bool) fact { return func(now flow.Time, tr *truth) { tr.block(now, b) } }
	nagle := func(on bool) fact { return func(now flow.Time, tr *truth) { tr.setNagle(now, on) } }
	send := func(seq, n int) fact {
		return func(now flow.Time, tr *truth) { tr.leave(now, flow.Seq(seq), n, false, false) }
	}
	timer := func(seq, n int) fact {
		return func(now flow.Time, tr *truth) { tr.leave(now, flow.Seq(seq), n, false, true) }
	}
	fin := func(seq int) fact {
		return func(now flow.Time, tr *truth) { tr.leave(now, flow.Seq(seq), 0, true, false) }
	}
	ack := func(una, window, outstanding int) fact {
		return func(now flow.Time, tr *truth) {
			tr.receive(now, senderState{una: flow.Seq(una), window: window, mss: 1000, cwnd: 10, outstanding: outstanding})
		}
	}
	fast := func(una, outstanding int) fact {
		return func(now flow.Time, tr *truth) {
			tr.receive(now, senderState{una: flow.Seq(una), window: 60000, mss: 1000, cwnd: 10, outstanding: outstanding, fast: true})
		}
	}
	reset := func(now flow.Time, tr *truth) { tr.end(now) }
	// all does several facts at one instant.
	all := func(facts ...fact) fact {
		return func(now flow.Time, tr *truth) {
			for _, f := range facts {
				f(now, tr)
			}
		}
	}
	tests := []struct {
		name   string
		window int
		facts  []fact
		want   limitsOf
	}{
		{"nothing asked", 60000, []fact{nothing, nothing}, limitsOf{flow.Application: 20}},
		{"all sent and in flight holds nobody", 60000,
			[]fact{all(ask(500), send(1, 500)), ack(501, 60000, 0)}, limitsOf{flow.Application: 20}},
		{"the window is full", 2000,
			[]fact{all(ask(5000), send(1, 1000), send(1001, 1000)), ack(2001, 0, 0), ack(2001, 3000, 0)},
			limitsOf{flow.ReceiveWindow: 20, flow.Congestion: 10}},
		{"room for less than a segment", 2500,
			[]fact{all(ask(5000), send(1, 1000), send(1001, 1000))}, limitsOf{flow.ReceiveWindow: 10}},
		{"room for all that is left", 2500,
			[]fact{all(ask(2400), send(1, 1000), send(1001, 1000))}, limitsOf{flow.Congestion: 10}},
		{"ten packets in flight", 60000,
			[]fact{all(ask(30000), send(1, 10000)), ack(1, 60000, 10)}, limitsOf{flow.Congestion: 20}},
		{"a short segment with Nagle", 60000,
			[]fact{all(nagle(true), ask(100), send(1, 100), ask(100)), ack(101, 60000, 0)},
			limitsOf{flow.Nagle: 10, flow.Congestion: 10}},
		{"a short segment without Nagle", 60000,
			[]fact{all(ask(100), send(1, 100), ask(100))}, limitsOf{flow.Congestion: 10}},
		{"Nagle turned off", 60000,
			[]fact{all(nagle(true), ask(100), send(1, 100), ask(100)), all(nagle(false), send(101, 100))},
			limitsOf{flow.Nagle: 10, flow.Application: 10}},
		{"Nagle lets a full segment go", 60000,
			[]fact{all(nagle(true), ask(100), send(1, 100), ask(1000))}, limitsOf{flow.Congestion: 10}},
		{"the send buffer is full of what is in flight", 60000,
			[]fact{all(ask(1000), send(1, 1000), ask(500), refuse(500), block(true)), all(block(false), ack(1001, 60000, 0))},
			limitsOf{flow.SendBuffer: 10, flow.Application: 10}},
		{"the send buffer is full behind a closed window", 0,
			[]fact{all(ask(1000), block(true)), nothing}, limitsOf{flow.ReceiveWindow: 20}},
		{"fast recovery", 60000,
			[]fact{all(ask(3000), send(1, 1000), send(1001, 1000), send(2001, 1000)), all(send(1, 1000), fast(1, 1)), ack(3001, 60000, 0)},
			limitsOf{flow.Application: 20, flow.LossRecovery: 10}},
		{"fast recovery without a retransmission yet", 60000,
			[]fact{all(ask(1000), send(1, 1000)), fast(1, 1), ack(1001, 60000, 0)},
			limitsOf{flow.Application: 20, flow.LossRecovery: 10}},
		{"the timer gets the time since the data left", 60000,
			[]fact{nothing, all(ask(1000), send(1, 1000)), nothing, nothing, timer(1, 1000), ack(1001, 60000, 0)},
			limitsOf{flow.Application: 20, flow.LossRecovery: 40}},
		{"the timer gets the time since the last progress", 60000,
			[]fact{all(ask(30000), send(1, 10000)), ack(5001, 60000, 10), ack(5001, 55000, 10), timer(5001, 1000)},
			limitsOf{flow.Congestion: 10, flow.LossRecovery: 30}},
		{"a longer window is progress too", 10000,
			[]fact{all(ask(30000), send(1, 10000)), ack(1, 10500, 10), timer(1, 1000)},
			limitsOf{flow.ReceiveWindow: 10, flow.LossRecovery: 20}},
		{"recovery lasts until all that had left is acknowledged", 60000,
			[]fact{all(ask(30000), send(1, 10000)), timer(1, 1000), ack(5001, 60000, 1), ack(10001, 60000, 0)},
			limitsOf{flow.LossRecovery: 30, flow.Congestion: 10}},
		{"a window probe is no retransmission", 1000,
			[]fact{all(ask(5000), send(1, 1000)), ack(1001, 0, 0), timer(1000, 1), ack(1001, 0, 0)},
			limitsOf{flow.ReceiveWindow: 40}},
		{"the FIN's ACK ends it", 60000,
			[]fact{all(ask(1000), send(1, 1000), fin(1001)), ack(1001, 60000, 1), ack(1002, 60000, 0), nothing},
			limitsOf{flow.Application: 20}},
		{"a FIN that is lost", 60000,
			[]fact{fin(1), all(func(now flow.Time, tr *truth) { tr.leave(now, 1, 0, true, true) }), ack(2, 60000, 0)},
			limitsOf{flow.LossRecovery: 20}},
		{"a reset ends it", 0,
			[]fact{ask(1000), reset, nothing}, limitsOf{flow.ReceiveWindow: 10}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var tr truth
			tr.open(0)
			tr.syn(0)
			tr.peerSYN(tt.window)
			tr.establish(10*ms, 1000, 10)
			now := 10 * ms
			for i, f := range tt.facts {
				now = flow.Time(i+1) * 10 * ms
				f(now, &tr)
			}
			want := limitsOf{flow.Handshake: 10}
			for c, d := range tt.want {
				want[c] = d
			}
			want.check(t, tr.limitsAt(now+10*ms))
		})
	}
}

func TestTruthBeforeAndAfterItsLife(t *testing.T) {
	var tr truth
	limitsOf{}.check(t, tr.limitsAt(50*ms))
	tr.open(100 * ms)
	limitsOf{flow.Handshake: 20}.check(t, tr.limitsAt(120*ms))
	limitsOf{}.check(t, tr.limitsAt(90*ms))
	tr.end(130 * ms)
	limitsOf{flow.Handshake: 30}.check(t, tr.limitsAt(500*ms))
}

func TestTruthBlocked(t *testing.T) {
	var tr truth
	tr.open(0)
	tr.establish(0, 1000, 10)
	tr.block(10*ms, true)
	if got, want := tr.blockedAt(15*ms), 5*time.Millisecond; got != want {
		t.Errorf("blocked for %v meanwhile, want %v", got, want)
	}
	tr.block(30*ms, false)
	tr.block(40*ms, true)
	tr.block(45*ms, false)
	if got, want := tr.blockedAt(100*ms), 25*time.Millisecond; got != want {
		t.Errorf("blocked for %v in total, want %v", got, want)
	}
}
