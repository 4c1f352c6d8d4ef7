package netstack

import (
	"time"

	"flowlab/flow"
)

// truth is the exact account of what has held one connection's sender, from its
// SYN until its FIN is acknowledged or the connection is reset. It is told what
// the stack and the application do, and when; it does no I/O and has no clock.
//
// After each fact the time since the one before is put down to the cause that
// held then, and the cause that holds now is found by asking what the next byte
// needs.
type truth struct {
	limits flow.Limits
	tail   flow.Limits // the part of limits since the last progress
	cause  flow.Cause
	at     flow.Time // of the last fact
	phase  phase

	// The application's side.
	asked        int64 // bytes that it has asked to be sent
	sent         int64 // bytes of those that have left at least once
	nagle        bool
	blocked      bool
	blockedSince flow.Time
	blockedTotal time.Duration

	// The sender's side (RFC 9293 3.3.1, RFC 5681).
	next        flow.Seq // SND.NXT
	una         flow.Seq // SND.UNA
	window      int      // SND.WND, bytes
	mss         int      // payload of a full-size segment, bytes
	cwnd        int      // congestion window, packets
	outstanding int      // packets in flight
	finished    bool     // the FIN has left

	fast      bool     // the stack is in fast or SACK recovery
	repairing bool     // something was retransmitted
	repaired  flow.Seq // until this is acknowledged
}

type phase uint8

const (
	unborn phase = iota
	opening
	established
	ended
)

// senderState is what the stack says of itself after each received segment.
type senderState struct {
	una         flow.Seq
	window      int // bytes
	mss         int // bytes
	cwnd        int // packets
	outstanding int // packets
	fast        bool
}

// open: the handshake began.
func (t *truth) open(now flow.Time) {
	t.phase, t.at, t.cause = opening, now, flow.Handshake
}

// syn: the SYN left, with sequence number seq.
func (t *truth) syn(seq flow.Seq) {
	t.next, t.una = seq.Add(1), seq.Add(1)
}

// peerSYN: the other side's SYN came, with its window, which is not scaled.
func (t *truth) peerSYN(window int) { t.window = window }

// establish: data may be sent now; full-size segments hold mss bytes and the
// congestion window begins with cwnd packets.
func (t *truth) establish(now flow.Time, mss, cwnd int) {
	t.account(now)
	t.phase, t.mss, t.cwnd = established, mss, cwnd
	t.judge()
}

// ask: the application asks for n bytes to be sent.
func (t *truth) ask(now flow.Time, n int) {
	t.account(now)
	t.asked += int64(n)
	t.judge()
}

// refuse: the stack did not take n of the bytes that were asked for.
func (t *truth) refuse(now flow.Time, n int) {
	t.account(now)
	t.asked -= int64(n)
	t.judge()
}

// block: a write waits for room in the send buffer, or no longer does.
func (t *truth) block(now flow.Time, blocked bool) {
	t.account(now)
	switch {
	case blocked && !t.blocked:
		t.blockedSince = t.at
	case !blocked && t.blocked:
		t.blockedTotal += t.at.Sub(t.blockedSince)
	}
	t.blocked = blocked
	t.judge()
}

// setNagle: Nagle's algorithm was turned on or off.
func (t *truth) setNagle(now flow.Time, on bool) {
	t.account(now)
	t.nagle = on
	t.judge()
}

// leave: a segment left that has payload or FIN. timer tells that the
// retransmission timer ran out since the last one.
func (t *truth) leave(now flow.Time, seq flow.Seq, payload int, fin, timer bool) {
	t.account(now)
	end := seq.Add(payload)
	if fin {
		end = end.Add(1)
	}
	switch {
	case seq.Before(t.una):
		// A window probe repeats a byte that is acknowledged.
	case end.After(t.next):
		news := end.Sub(t.next)
		if fin && !t.finished {
			t.finished = true
			news--
		}
		t.sent += int64(news)
		t.next = end
		t.outstanding++
		t.tail = flow.Limits{}
	default:
		if timer {
			// All the time since the last progress it was the timer that the
			// sender waited for.
			for c, d := range t.tail {
				t.limits[c] -= d
			}
			t.limits[flow.LossRecovery] += t.tail.Total()
			t.tail = flow.Limits{}
			t.outstanding = 0 // RFC 6298 5.4: all the rest is taken for lost
		}
		t.outstanding++
		t.repairing, t.repaired = true, t.next
	}
	t.judge()
}

// receive: the stack has dealt with a segment from the other side.
func (t *truth) receive(now flow.Time, s senderState) {
	t.account(now)
	if s.una.After(t.una) || s.una.Add(s.window).After(t.una.Add(t.window)) {
		t.tail = flow.Limits{}
	}
	t.una, t.window = s.una, s.window
	t.mss, t.cwnd, t.outstanding, t.fast = s.mss, s.cwnd, s.outstanding, s.fast
	if !t.una.Before(t.repaired) {
		t.repairing = false
	}
	if t.finished && t.una == t.next {
		t.phase = ended
	}
	t.judge()
}

// end: the connection is over.
func (t *truth) end(now flow.Time) {
	t.account(now)
	t.phase = ended
}

// limitsAt is the account up to now.
func (t *truth) limitsAt(now flow.Time) flow.Limits {
	limits := t.limits
	if t.running() && now > t.at {
		limits[t.cause] += now.Sub(t.at)
	}
	return limits
}

// blockedAt is how long writes have waited up to now.
func (t *truth) blockedAt(now flow.Time) time.Duration {
	if t.blocked && now > t.blockedSince {
		return t.blockedTotal + now.Sub(t.blockedSince)
	}
	return t.blockedTotal
}

func (t *truth) running() bool { return t.phase == opening || t.phase == established }

// account puts the time since the last fact down to its cause. Facts come from
// several goroutines, so one may be a little older than the last: no time
// passes then.
func (t *truth) account(now flow.Time) {
	if now <= t.at {
		return
	}
	if t.running() {
		t.limits[t.cause] += now.Sub(t.at)
		t.tail[t.cause] += now.Sub(t.at)
	}
	t.at = now
}

// judge finds the cause that holds now: what does the next byte need?
func (t *truth) judge() {
	unsent := t.asked - t.sent
	need := min(unsent, int64(t.mss))
	room := int64(t.window - t.next.Sub(t.una))
	switch {
	case t.phase != established:
		t.cause = flow.Handshake
	case t.fast || t.repairing:
		t.cause = flow.LossRecovery
	case unsent <= 0 && t.blocked:
		t.cause = flow.SendBuffer
	case unsent <= 0:
		t.cause = flow.Application
	case room < need:
		t.cause = flow.ReceiveWindow
	case t.outstanding >= t.cwnd:
		t.cause = flow.Congestion
	case t.nagle && need < int64(t.mss) && t.outstanding > 0:
		t.cause = flow.Nagle
	default:
		t.cause = flow.Congestion // it is being sent
	}
}
