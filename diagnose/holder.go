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

// restart is how long a silence may be before the congestion window may have
// shrunk (RFC 5681 4.1: one retransmission time-out, which is 200 ms at the
// least in the stacks that people run).
const restart = 200 * time.Millisecond

// unseen is taken for a window whose scale was not seen: as much as there can be
// (RFC 7323 2.3).
const unseen = 1 << 30

// mute is how long a sender may have waited for an ACK at the end of all and still be taken
// for one that waits: by then it would have sent again (RFC 6298 2.4 and 2.5 have one second
// at first). One that did not has gone, or is seen no more.
const mute = 10 * time.Second

// holder settles, for one direction, what held the sender. It is told what the
// sender sent and what it was told, in the sender's own order, and calls settle
// for each stretch of time, in order and without a gap.
type holder struct {
	settle func(verdict)

	begun, ready, closed bool // the direction has begun; its handshake is done; its FIN is acknowledged
	finSent              bool

	// blind means that the scale of the window is not known (the handshake was
	// not seen), so that a window holds the sender for sure only at zero.
	blind bool

	una, next, edge flow.Seq
	credited        bool
	mss             int
	latest, largest int // payload of the latest segment, and of any so far
	flightMax       int // the largest flight since the last loss or long silence
	slack           time.Duration
	rtt, turn       time.Duration

	settled   flow.Time // all before this is settled
	lastSend  flow.Time
	short     bool    // the last segment sent was not full
	shortEnds float64 // the part of the latest waiting that was after a short segment
	run       ackRun
	opened    flow.Time // when credit that had been short became enough, within this gap

	recovering bool
	recovery   flow.Seq // recovery ends when this is acknowledged

	doubt bool // an ACK told of nothing new since the latest that did: something may be lost
	tail  bool // the end of what is in flight was sent again since then

	waited bool // the segment that is entered did, on the path; see type waiting
	pacing pacing

	nagled flow.Time // when a gap ended that is Nagle's unless more follows at once

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

// unseen tells whether the other side has acknowledged what was not captured: what held
// the sender since is not known. A single byte may be a FIN's.
func (h *holder) unseen() bool { return h.credited && h.una.Sub(h.next) > 1 }

// begin starts the direction's life.
func (h *holder) begin(t flow.Time, s *tcpwin.Segment) {
	h.begun, h.settled, h.lastSend = true, t, t
	h.next, h.una = s.Seq, s.Seq
	if s.Has(tcpwin.SYN) {
		h.next = s.End()
		h.una = h.next
	} else {
		h.ready, h.blind = true, true // the handshake was before
	}
}

// established ends the handshake.
func (h *holder) established(t flow.Time) {
	h.close(t, flow.Handshake, flow.Nobody)
	h.ready = true
	h.lastSend = t
}

// close settles all time up to t with one cause, unless the direction is over.
func (h *holder) close(t flow.Time, c flow.Cause, by flow.HeldBy) {
	if h.closed || t <= h.settled {
		return
	}
	if h.blind && (c == flow.Congestion || !h.credited) {
		c, by = flow.Unknown, flow.Nobody // or a window that was not seen, or its scale
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
	if h.blind && n.window > 0 {
		n.edge = n.ack.Add(unseen)
	}
	if !h.credited {
		h.credited, h.una, h.edge = true, n.ack, n.edge
		if !h.begun {
			return
		}
		if h.blind {
			h.close(t, flow.Unknown, flow.Nobody)
		}
	}
	room, flight := h.room(), h.flight()
	moved, wider := n.ack.After(h.una), n.edge.After(h.edge)
	h.unread.observe(t, n.window, max(0, n.ack.Sub(h.una)), max(2*h.rtt, 20*time.Millisecond))
	if n.ack.Before(h.una) {
		return
	}
	if h.finSent && !n.ack.Before(h.next) {
		h.end(t)
		return
	}
	h.una, h.edge = n.ack, n.edge
	if !moved && !wider {
		h.doubt = h.doubt || n.doubt && flight > 0
		h.run.pure = h.run.pure && n.pure // what follows may answer the payload
		return
	}
	h.doubt, h.tail = h.doubt && !moved, h.tail && !moved
	h.ackFrame = n.frame
	if !h.run.any || t.Sub(h.run.last) > h.slack {
		h.run = ackRun{any: true, room: room, flight: flight, pure: true}
	}
	h.run.last = t
	h.run.pure = h.run.pure && n.pure
	h.run.moved = h.run.moved || moved
	h.run.cleared = h.flight() == 0
	if room < h.smss() && h.room() >= h.smss() {
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
	if h.room() >= h.smss() {
		// It passed here, but whoever probes does not know of it.
		h.edge, h.lost, h.opened = h.next, true, 0
		h.run = ackRun{}
	}
}

// resent enters bytes that the sender sent again at t.
func (h *holder) resent(t flow.Time, s *tcpwin.Segment, frame int) {
	if h.recovering || h.tailProbe(s) {
		return
	}
	since := t
	if quiet := max(h.lastSend, h.run.last); t.Sub(quiet) > max(h.rtt, 10*time.Millisecond) {
		since = quiet // no ACK made it do so: a timer did, and it waited for it
	}
	h.decideNagle(t, 0)
	cause, by := h.likely()
	h.close(since, cause, by)
	h.recovering, h.recovery = true, h.next
	h.newGap(t, frame)
}

// tailProbe tells whether a segment that is sent again does not repair a loss
// that anybody knows of: an ACK is overdue and the window has no room for new
// bytes, so the end of those in flight asks for it (RFC 8985 7.3). The window
// holds the sender as before. A second one does not ask: a timer ran out.
func (h *holder) tailProbe(s *tcpwin.Segment) bool {
	first := !h.tail
	h.tail = true
	return first && !h.doubt && h.credited && h.room() < h.smss() && s.End() == h.next
}

// sent enters new bytes (or a FIN) that the sender sent at t; see decide.
func (h *holder) sent(t flow.Time, s *tcpwin.Segment, spacing time.Duration, frame int) {
	if h.closed {
		return
	}
	h.decideNagle(t, spacing)
	rest := h.fillsRest(t, s.Len)
	switch {
	case h.recovering:
	case h.unseen() && s.Seq.After(h.next):
		h.close(t, flow.Unknown, flow.Nobody)
	default:
		h.decide(t, s, spacing, rest)
	}
	if h.waited {
		h.pacing.waited()
	} else {
		h.pacing.sent(t, t.Sub(h.lastSend), s)
	}
	h.next = s.End()
	h.finSent = h.finSent || s.Has(tcpwin.FIN)
	h.short = !h.full(s.Len)
	h.latest, h.largest = s.Len, max(h.largest, s.Len)
	h.flightMax = max(h.flightMax, h.flight())
	h.newGap(t, frame)
	if rest { // so it probed
		h.probed, h.lastProbe, h.probeFrame = true, t, frame
	}
}

func (h *holder) newGap(t flow.Time, frame int) {
	if t.Sub(h.lastSend) > restart {
		h.flightMax = h.flight()
	}
	h.lastSend, h.sendFrame, h.probeFrame = t, frame, 0
	h.run, h.opened = ackRun{}, 0
	h.probed, h.lost = false, false
}

// end settles what is left when nothing more will come.
func (h *holder) end(t flow.Time) {
	if h.begun && !h.closed {
		h.decideNagle(t, 0)
		cause, by := h.likely()
		if cause == flow.Congestion && t.Sub(max(h.lastSend, h.run.last)) > mute {
			cause, by = flow.Unknown, flow.Nobody
		}
		h.close(t, cause, by)
	}
	h.closed = true
}
