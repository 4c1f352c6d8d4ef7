package diagnose

import (
	"time"

	"flowlab/flow"
	"flowlab/tcpwin"
)

// verdict is a stretch of time that is settled: what held the sender, who could
// have let it go, and the frames that show it.
type verdict struct {
	flow.Interval
	cause  flow.Cause
	heldBy flow.HeldBy
	frames [3]int // the last segment before, the last probe, the segment that ended it; 0 for none
}

// holder settles, for one direction, what held the sender. It is told what the
// sender sent and what it was told, in the sender's own order, and calls settle
// for each stretch of time, in order and without a gap.
type holder struct {
	settle func(verdict)

	begun, ready, closed bool // the direction has begun; its handshake is done; its FIN is acknowledged
	finSent              bool

	una, next, edge flow.Seq
	credited        bool
	mss             int
	flightMax       int // the largest flight since the last loss or long silence
	slack           time.Duration
	rtt             time.Duration

	settled  flow.Time // all before this is settled
	lastSend flow.Time
	short    bool // the last segment sent was not full
	run      ackRun
	opened   flow.Time // when credit that had been short became enough, within this gap

	recovering bool
	recovery   flow.Seq // recovery ends when this is acknowledged

	probed    bool // the sender probed within this gap
	lastProbe flow.Time
	lost      bool // a window update was lost within this gap
	unread    standing

	sendFrame, probeFrame, ackFrame int
}

// ackRun is a run of ACKs that arrive together, and what stood before the
// first of them: what they brought is what let the sender go.
type ackRun struct {
	any     bool
	last    flow.Time
	room    int  // before
	flight  int  // before
	pure    bool // none carried payload
	cleared bool // nothing is in flight after
	moved   bool // something was acknowledged
}

func (h *holder) flight() int { return h.next.Sub(h.una) }
func (h *holder) room() int   { return h.edge.Sub(h.next) }

// begin starts the direction's life.
func (h *holder) begin(t flow.Time, s *tcpwin.Segment) {
	h.begun, h.settled, h.lastSend = true, t, t
	h.next, h.una = s.Seq, s.Seq
	if s.Has(tcpwin.SYN) {
		h.next = s.End()
		h.una = h.next
	}
}

// established ends the handshake.
func (h *holder) established(t flow.Time) {
	h.close(t, flow.Handshake, flow.Nobody)
	h.ready = true
	h.lastSend = t
}

// close settles all time up to t with one cause.
func (h *holder) close(t flow.Time, c flow.Cause, by flow.HeldBy) {
	if t <= h.settled {
		return
	}
	h.settle(verdict{
		Interval: flow.Interval{Start: h.settled, End: t},
		cause:    c, heldBy: by,
		frames: [3]int{h.sendFrame, h.probeFrame, h.ackFrame},
	})
	h.settled = t
}

// acked enters an ACK that reached the sender at t.
func (h *holder) acked(n note, t flow.Time) {
	if !h.credited {
		h.credited, h.una, h.edge = true, n.ack, n.edge
		if !h.begun {
			return
		}
	}
	room, flight := h.room(), h.flight()
	moved, wider := n.ack.After(h.una), n.edge.After(h.edge)
	h.unread.observe(t, n.window, max(0, n.ack.Sub(h.una)), max(2*h.rtt, 20*time.Millisecond))
	if n.ack.Before(h.una) {
		return
	}
	if h.finSent && !n.ack.Before(h.next) {
		h.close(t, flow.Application, flow.SenderApplication)
		h.closed = true
		return
	}
	h.una, h.edge = n.ack, n.edge
	if !moved && !wider {
		return
	}
	h.ackFrame = n.frame
	if !h.run.any || t.Sub(h.run.last) > h.slack {
		h.run = ackRun{any: true, room: room, flight: flight, pure: true}
	}
	h.run.last = t
	h.run.pure = h.run.pure && n.pure
	h.run.moved = h.run.moved || moved
	h.run.cleared = h.flight() == 0
	if room < h.mss && h.room() >= h.mss {
		h.opened = t
	}
	if h.recovering && !h.una.Before(h.recovery) {
		h.close(t, flow.LossRecovery, flow.Path)
		h.recovering, h.flightMax = false, h.flight()
	}
}

// probe enters a window probe that the sender sent at t.
func (h *holder) probe(t flow.Time, frame int) {
	h.probed, h.lastProbe, h.probeFrame = true, t, frame
	if h.room() >= h.mss {
		// It passed here, but whoever probes does not know of it.
		h.edge, h.lost, h.opened = h.next, true, 0
		h.run = ackRun{}
	}
}

// resent enters bytes that the sender sent again at t.
func (h *holder) resent(t flow.Time, frame int) {
	if h.recovering {
		return
	}
	since := t
	if quiet := max(h.lastSend, h.run.last); t.Sub(quiet) > max(h.rtt, 10*time.Millisecond) {
		since = quiet // no ACK made it do so: a timer did, and it waited for it
	}
	cause, by := h.likely()
	h.close(since, cause, by)
	h.recovering, h.recovery = true, h.next
	h.newGap(t, frame)
}

// sent enters new bytes (or a FIN) that the sender sent at t. spacing is how far
// apart the path spreads segments that were sent together.
func (h *holder) sent(t flow.Time, s *tcpwin.Segment, spacing time.Duration, frame int) {
	if h.closed {
		return
	}
	if !h.recovering {
		h.decide(t, s.Len, spacing)
	}
	h.next = s.End()
	h.finSent = h.finSent || s.Has(tcpwin.FIN)
	h.short = s.Len < h.mss
	h.flightMax = max(h.flightMax, h.flight())
	h.newGap(t, frame)
}

func (h *holder) newGap(t flow.Time, frame int) {
	h.lastSend, h.sendFrame, h.probeFrame = t, frame, 0
	h.run, h.opened = ackRun{}, 0
	h.probed, h.lost = false, false
}

// decide settles the gap that a new segment ends. A segment that nothing but
// its own flight brought is part of that flight, and leaves the gap open.
func (h *holder) decide(t flow.Time, length int, spacing time.Duration) {
	need := max(1, min(h.mss, length))
	clocked := h.run.any && t.Sub(h.run.last) <= h.slack+spacing
	gap := t.Sub(h.lastSend)
	switch {
	case clocked && h.run.room < need:
		h.close(t, flow.ReceiveWindow, h.whoReads())
	case h.probed:
		h.close(max(h.opened, h.settled), flow.ReceiveWindow, h.whoReads())
		h.close(t, flow.Application, flow.SenderApplication)
	case !clocked && gap <= spacing:
	case !clocked:
		h.close(t, flow.Application, flow.SenderApplication)
		if gap > time.Second {
			h.flightMax = 0 // congestion control starts anew (RFC 5681 4.1)
		}
	default:
		h.close(h.opened, flow.ReceiveWindow, h.whoReads())
		h.closeClocked(t, length)
	}
}

// closeClocked settles a gap that ended at the arrival of an ACK though there
// was room all the time.
func (h *holder) closeClocked(t flow.Time, length int) {
	switch full := h.run.flight+h.mss >= h.flightMax*3/4; {
	case length < h.mss && h.run.cleared && h.run.pure && h.run.moved:
		h.close(t, flow.Nagle, flow.SenderSocket)
	case full:
		h.close(t, flow.Congestion, flow.Path)
	default:
		h.close(t, flow.Application, flow.SenderApplication)
	}
}

// whoReads tells who can open the receive window.
func (h *holder) whoReads() flow.HeldBy {
	switch {
	case h.lost:
		return flow.LostUpdate
	case h.run.any && !h.run.moved && h.run.flight == 0 && h.probed && h.answered():
		return flow.LostUpdate
	case h.run.any && !h.run.moved && h.run.flight == 0:
		return flow.Reader // it had acknowledged all, and offered no room
	case h.unread.unread() > max(h.mss, h.unread.largest/8):
		return flow.Reader
	}
	return flow.WindowSize
}

// answered tells whether the window opened in the answer to a probe, by so much
// that it must have been open for a while.
func (h *holder) answered() bool {
	return h.run.last.Sub(h.lastProbe) <= h.rtt+h.slack && h.edge.Sub(h.una) >= h.unread.largest/2
}

// likely is the cause that holds the sender in the gap that is still open, as
// far as one can tell, and who holds it.
func (h *holder) likely() (flow.Cause, flow.HeldBy) {
	switch {
	case !h.ready:
		return flow.Handshake, flow.Nobody
	case h.recovering:
		return flow.LossRecovery, flow.Path
	case h.finSent || !h.credited:
		return flow.Application, flow.SenderApplication
	case h.room() < h.mss && (h.probed || h.flight() > 0 || h.room() <= 0):
		return flow.ReceiveWindow, h.whoWillRead()
	case h.flight() == 0:
		return flow.Application, flow.SenderApplication
	case h.short && h.flight() < h.flightMax*3/4:
		return flow.Application, flow.SenderApplication
	}
	return flow.Congestion, flow.Path
}

// whoWillRead is whoReads before it is known what will open the window.
func (h *holder) whoWillRead() flow.HeldBy {
	switch {
	case h.lost:
		return flow.LostUpdate
	case h.flight() == 0, h.unread.unread() > max(h.mss, h.unread.largest/8):
		return flow.Reader
	}
	return flow.WindowSize
}

// end settles what is left when nothing more will come.
func (h *holder) end(t flow.Time) {
	if h.begun && !h.closed {
		cause, by := h.likely()
		h.close(t, cause, by)
	}
}
