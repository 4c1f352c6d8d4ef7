package report

import (
	"fmt"
	"slices"
	"time"

	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/scenarios/play"
	"flowlab/tcpwin"
)

// worthNaming is the least share of the time for which a cause is named in the
// verdict. A shorter one is named if it made a stall.
const worthNaming = 0.05

// verdict says in one sentence what held the producer most, for how long, and
// who could have let it go.
func verdict(r *play.Result) string {
	v := producerView(r)
	if v == nil {
		return "no packet of a connection was seen"
	}
	d := producing(v)
	called, total := namesOf(r, v), d.Limits.Total()
	of := func(c flow.Cause) string {
		return fmt.Sprintf("for %s of %s (%s)", seconds(d.Limits[c]), seconds(total), percent(d.Limits.Share(c)))
	}
	slept, asleep := sleeps(v, d.From)
	if c, held := mainCause(d); held && d.Limits[c] >= slept {
		return fmt.Sprintf("the %s was held by %s %s: %s", called[d.From], c, of(c), because(c, holderOf(d, c), v, d, called))
	}
	if d.Limits[flow.Handshake] == total {
		return fmt.Sprintf("the connection was not established within %s", seconds(total))
	}
	if asleep {
		return fmt.Sprintf("the %s sent nothing %s: no window held it, but its HTTP/2 library, which has credit for more and does not use it", called[d.From], of(flow.Application))
	}
	text := fmt.Sprintf("the %s had nothing to send %s", called[d.From], of(flow.Application))
	if d.Count > 0 { // the handshake's
		return text
	}
	return text + "; nothing held it"
}

// sleeps tells whether a stream has credit, and is known to have more to send; and for how
// long it has not used credit that came back, the longest of all such streams.
func sleeps(v *diagnose.View, from flow.Side) (slept time.Duration, asleep bool) {
	h := v.Layer.HTTP2
	if h == nil {
		return 0, false
	}
	for i := range h.Streams {
		if half := &h.Streams[i].Halves[from]; half.Asleep {
			slept, asleep = max(slept, half.Unused), true
		}
	}
	return slept, asleep
}

// mainCause is the cause that held a sender longest, its own application and
// the handshake apart. It is false if none did for long.
func mainCause(d *diagnose.DirectionView) (flow.Cause, bool) {
	longest, found := flow.Unknown, false
	for i := range flow.NumCauses {
		c := flow.Cause(i)
		if c == flow.Application || c == flow.Handshake || found && d.Limits[c] <= d.Limits[longest] {
			continue
		}
		stalled := slices.ContainsFunc(d.Stalls, func(s diagnose.Stall) bool { return s.Cause == c })
		if stalled || d.Limits.Share(c) >= worthNaming {
			longest, found = c, true
		}
	}
	return longest, found
}

// holderOf is who held a sender longest in the stalls of one cause.
func holderOf(d *diagnose.DirectionView, c flow.Cause) flow.HeldBy {
	held := map[flow.HeldBy]time.Duration{}
	most := flow.Nobody
	for _, s := range d.Stalls {
		if s.Cause != c {
			continue
		}
		held[s.HeldBy] += s.Length()
		if held[s.HeldBy] > held[most] {
			most = s.HeldBy
		}
	}
	return most
}

// because says in words who could have let a sender go.
func because(c flow.Cause, by flow.HeldBy, v *diagnose.View, d *diagnose.DirectionView, called names) string {
	sender, receiver := called[d.From], called[d.From.Peer()]
	if c == flow.ConnectionWindow || c == flow.StreamWindow || c == flow.StreamLimit {
		return becauseHTTP(c, by, sender, receiver)
	}
	switch {
	case by == flow.Reader && d.Events[tcpwin.WindowProbe] == 0:
		// A window that stays closed is probed after 200 ms at the least.
		return fmt.Sprintf("the %s read its socket more slowly than the %s could send", receiver, sender)
	case by == flow.Reader:
		return fmt.Sprintf("the %s did not read its socket", receiver)
	case by == flow.WindowSize:
		return fmt.Sprintf("the %s reads, but its window is too small for this path", receiver)
	case by == flow.LostUpdate:
		return fmt.Sprintf("the %s read again, but the window update that said so was lost", receiver)
	case c == flow.ReceiveWindow:
		return fmt.Sprintf("the %s's window had no room", receiver)
	case c == flow.Handshake && v.Handshake:
		return "it took that long until the connection was established"
	case c == flow.Handshake:
		return "the connection was not established"
	case c == flow.LossRecovery:
		return "the path lost packets, which had to be sent again"
	case c == flow.Congestion && d.Resent > 0:
		return fmt.Sprintf("every window had room; the path took no more, and lost packets (%s were sent again)", size(d.Resent))
	case c == flow.Congestion:
		return "every window had room, and the path took no more"
	case c == flow.Nagle:
		return fmt.Sprintf("the %s's socket kept short segments back until an ACK came (TCP_NODELAY is not set)", sender)
	case c == flow.SendBuffer:
		return fmt.Sprintf("the %s's send buffer is too small for this path", sender)
	}
	if d.Unseen > 0 {
		return fmt.Sprintf("the capture lacks what the %s sent", sender)
	}
	return "the packets do not show what it waited for"
}
