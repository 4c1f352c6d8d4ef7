package diagnose

import (
	"time"

	"flowlab/flow"
	"flowlab/tcpwin"
)

const (
	// late is how late a busy host may answer the credit that it waited for, if
	// it waited at least as long before. Where it waited for an ACK with room all
	// the time, being late tells more, and less is allowed: the holder's slack.
	late = 20 * time.Millisecond

	// persist is the least time after which a sender with less than a segment of
	// room, and nothing in flight, fills it: the least time-out of the stacks that
	// people run.
	persist = 200 * time.Millisecond

	// spread is over how long a path with a short round trip may spread a flight.
	spread = 5 * time.Millisecond
)

// decide settles the gap that a new segment ends, by what made its sender send
// again. Segments of one flight leave the gap open, for a round trip or a spread
// at the most: what the sender waited for after the flight decides about all of
// it. spacing is how far apart the path spreads segments that were sent together;
// rest tells that the segment fills the rest of a window.
func (h *holder) decide(t flow.Time, s *tcpwin.Segment, spacing time.Duration, rest bool) {
	gap, length := t.Sub(h.lastSend), s.Len
	flight := h.sameFlight(gap, spacing)
	if gap > spacing {
		h.noteEnd(gap)
	}
	switch {
	case !h.waited && h.wasPaced(t, s):
		h.close(t, flow.Congestion, flow.Path)
	case rest:
		h.close(t, flow.ReceiveWindow, h.whoReads())
	case h.wasCredited(t, length, spacing):
		if h.paced() {
			h.close(min(h.pacing.release, t), flow.Congestion, flow.Path)
		}
		h.close(t, flow.ReceiveWindow, h.whoReads())
	case h.probed:
		h.close(h.opened, flow.ReceiveWindow, h.whoReads())
		h.close(t, flow.Application, flow.SenderApplication)
	case flight && t.Sub(h.settled) <= max(h.rtt, spread):
	case !flight && h.wasClocked(t, length, spacing):
		h.close(h.opened, flow.ReceiveWindow, h.whoReads())
		h.closeClocked(t, length)
	case flight && h.shortEnds >= 0.5, !flight && (h.short || h.flight() == 0):
		h.close(t, flow.Application, flow.SenderApplication)
	default:
		h.close(h.opened, flow.ReceiveWindow, h.whoReads())
		h.close(t, flow.Congestion, flow.Path)
	}
}

// fillsRest tells whether a segment is a window probe that carries data: for as
// long as a persist timer takes, the room was less than a full segment, and now
// the sender fills it (RFC 9293 3.8.6.2.1, the override timeout).
func (h *holder) fillsRest(t flow.Time, length int) bool {
	return length == h.room() && length > 0 && length < h.smss() && h.credited && h.opened == 0 &&
		t.Sub(max(h.lastSend, h.run.last)) >= persist
}

// wasPaced tells whether a segment left when its sender's pace let it, with room
// all the time.
func (h *holder) wasPaced(t flow.Time, s *tcpwin.Segment) bool {
	gap := t.Sub(h.lastSend)
	if gap < leastPace {
		h.pacing.together(s)
		return false
	}
	could := !h.short && h.flight() > 0 && h.room() >= h.smss()
	free := could && (h.opened == 0 || t.Sub(h.opened) > max(early, gap/4, h.turn/16)) &&
		(!h.run.any || t.Sub(h.run.last) > early)
	if could && gap < mostPace {
		h.pacing.choose(free)
	}
	h.pacing.learn(gap, s, free)
	off := t.Sub(h.pacing.release).Abs()
	return free && h.paced() && off <= max(early, gap/2)
}

// paced tells whether the sender spaces out what it sends. Segments larger than
// the MSS are seen before a network card cuts them, or after one joined them.
func (h *holder) paced() bool {
	offloaded := h.largest > h.mss
	return h.pacing.believed(offloaded || near*h.turn <= h.rtt, offloaded)
}

// sameFlight tells whether a segment belongs to the flight of the one before: it
// follows more closely than the path could tell apart, or it follows a full one
// and the sender heard nothing in between.
func (h *holder) sameFlight(gap, spacing time.Duration) bool {
	return gap <= max(spacing, h.turn/4) || !h.run.any && !h.short && h.flight() > 0
}

// wasCredited tells whether credit that the sender did not have before made it
// send: it takes the room that the latest ACKs brought, or follows soon after
// there was enough.
func (h *holder) wasCredited(t flow.Time, length int, spacing time.Duration) bool {
	patience := min(late, t.Sub(h.lastSend)/2)
	if h.opened != 0 && t.Sub(h.opened) <= patience {
		return true
	}
	return h.run.any && h.usesRoom(length) && t.Sub(h.run.last) <= max(patience, h.slack+spacing+h.turn/2)
}

// wasClocked tells whether an ACK made the sender send. Where nothing was in flight,
// none could: it is a request that was answered. What Nagle's algorithm may have held is
// allowed more delay after a long wait: hardly anything else waits so long to send so
// little.
func (h *holder) wasClocked(t flow.Time, length int, spacing time.Duration) bool {
	if !h.run.moved && h.flight() == 0 {
		return false
	}
	quiet := t.Sub(h.run.last)
	return h.run.any && quiet <= h.slack+spacing || h.likeNagle(length) && quiet <= t.Sub(h.lastSend)/8
}

// usesRoom tells whether a segment takes all the room that there was before the
// latest ACKs, or is now: a sender that had waited for more sends what it may.
// Scaling rounds the edge, so the two can differ by a few bytes.
func (h *holder) usesRoom(length int) bool {
	return h.run.room < max(h.smss(), h.latest) && (length >= h.run.room || length >= h.room())
}

// noteEnd enters that a flight ended, in a short segment or a full one, and how
// long the sender then waited. A long wait tells more than a short one, which may
// be the path's doing.
func (h *holder) noteEnd(wait time.Duration) {
	end := 0.0
	if h.short {
		end = 1
	}
	weight := min(1, wait.Seconds()/max(4*h.rtt, 50*time.Millisecond).Seconds())
	h.shortEnds += (end - h.shortEnds) * weight
}

// ownPace tells whether the last flight ended short and most waits are for what
// comes after such a one: the mark of an application that sends as it goes.
// Where more data waits than the path takes, a flight ends short by chance only.
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

// likeNagle tells whether a segment of that length may be one that Nagle's
// algorithm held: short, and sent when an ACK left nothing in flight.
func (h *holder) likeNagle(length int) bool {
	return !h.full(length) && h.run.cleared && h.run.pure && h.run.moved
}

// closeClocked settles a gap that ended at the arrival of an ACK though there
// was room all the time.
func (h *holder) closeClocked(t flow.Time, length int) {
	switch {
	case h.likeNagle(length):
		h.nagled = t
	case h.ownPace(), h.short && !h.filled(h.run.flight):
		h.close(t, flow.Application, flow.SenderApplication)
	default:
		h.close(t, flow.Congestion, flow.Path)
	}
}
