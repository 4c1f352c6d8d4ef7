package diagnose

import (
	"time"

	"flowlab/flow"
)

// late is how late a busy host may answer the credit that it waited for. Where
// it waited for an ACK with room all the time, being late tells more, and less is
// allowed: the slack.
const late = 20 * time.Millisecond

// decide settles the gap that a new segment ends, by what made its sender send
// again. Segments that follow each other more closely than the path could tell
// apart are one flight and leave the gap open, for a round trip at the most:
// what the sender waited for after the flight decides about all of it.
func (h *holder) decide(t flow.Time, length int, spacing time.Duration) {
	quiet, gap := t.Sub(h.run.last), t.Sub(h.lastSend)
	clocked := h.run.any && quiet <= h.slack+spacing
	opened := h.run.any && quiet <= max(h.slack+spacing+h.turn/2, min(late, gap/2)) && h.run.room < h.smss() && length >= h.run.room
	flight := gap <= max(spacing, h.turn/4)
	if gap > spacing {
		h.noteEnd()
	}
	switch {
	case opened:
		h.close(t, flow.ReceiveWindow, h.whoReads())
	case h.probed:
		h.close(h.opened, flow.ReceiveWindow, h.whoReads())
		h.close(t, flow.Application, flow.SenderApplication)
	case flight && t.Sub(h.settled) <= h.rtt:
	case clocked && !flight:
		h.close(h.opened, flow.ReceiveWindow, h.whoReads())
		h.closeClocked(t, length)
	case flight && h.shortEnds >= 0.5, !flight && (h.short || h.flight() == 0):
		h.close(t, flow.Application, flow.SenderApplication)
	default:
		h.close(h.opened, flow.ReceiveWindow, h.whoReads())
		h.close(t, flow.Congestion, flow.Path)
	}
}

// noteEnd enters whether a flight ended in a short segment.
func (h *holder) noteEnd() {
	end := 0.0
	if h.short {
		end = 1
	}
	h.shortEnds += (end - h.shortEnds) / 16
}

// ownPace tells whether the last flight ended short and most flights do: the
// mark of an application that sends as it goes. Where more data waits than the
// path takes, a flight ends short by chance only.
func (h *holder) ownPace() bool { return h.short && h.shortEnds >= 0.5 }

// filled tells whether a flight is about as large as the path has carried.
func (h *holder) filled(flight int) bool { return flight+h.mss >= h.flightMax*3/4 }

// decideNagle settles a gap that ended in a short segment, once it is known
// what came after it: Nagle's algorithm lets go of all that it held, so a
// segment right behind the short one means that it was not held by it.
func (h *holder) decideNagle(t flow.Time, spacing time.Duration) {
	switch {
	case h.nagled == 0:
		return
	case t.Sub(h.nagled) <= spacing:
		h.close(h.nagled, flow.Congestion, flow.Path)
	default:
		h.close(h.nagled, flow.Nagle, flow.SenderSocket)
	}
	h.nagled = 0
}

// full tells whether a segment is as long as segments get. A stack may leave
// room for more options than it sends: 40 bytes at the most (RFC 9293 3.1).
func (h *holder) full(length int) bool { return length >= h.mss-40 }

// smss is the size of the segments that this sender sends when it is free to
// (RFC 5681 2).
func (h *holder) smss() int { return max(h.mss-40, min(h.largest, h.mss)) }

// closeClocked settles a gap that ended at the arrival of an ACK though there
// was room all the time.
func (h *holder) closeClocked(t flow.Time, length int) {
	switch {
	case !h.full(length) && h.run.cleared && h.run.pure && h.run.moved:
		h.nagled = t
	case h.ownPace(), h.short && !h.filled(h.run.flight):
		h.close(t, flow.Application, flow.SenderApplication)
	default:
		h.close(t, flow.Congestion, flow.Path)
	}
}
