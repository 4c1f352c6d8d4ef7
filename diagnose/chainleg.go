package diagnose

import (
	"cmp"
	"slices"
	"time"

	"flowlab/flow"
)

// carrier is what is kept of a connection that may be part of a chain.
type carrier struct {
	number     int
	id         flow.Conn
	start, end flow.Time // end: of its last packet or the last wait
	rtt        time.Duration
	holders    [2]Holdings
	waited     time.Duration // by all legs, at the longest
	legs       []leg
}

// leg is one stream of a carrier, or the carrier as a whole where no streams are seen.
type leg struct {
	*carrier
	stream uint32
	path   string
	seen   bool      // its beginning was
	opened flow.Time // of the stream: its HEADERS; of a connection: its start
	over   flow.Time // when both sides had ended it; 0 if it is open
	sent   [2]int64  // by the side that sends: bytes of DATA without padding, or of TCP
	sure   [2]bool   // nothing of what was sent is missing in the capture
	waits  [2][]Stall
}

// end is when the leg was over, or last seen.
func (l *leg) end() flow.Time {
	if l.over != 0 {
		return l.over
	}
	return l.carrier.end
}

// unread tells whether a stall is one that a reader ends. Others a proxy does not pass on
// as they are, or passes them on like any other delay.
func unread(c flow.Cause, by flow.HeldBy) bool {
	switch c {
	case flow.ReceiveWindow:
		return by == flow.Reader
	case flow.StreamWindow, flow.ConnectionWindow:
		return by == flow.Reader || by == flow.CreditHeld || by == flow.CreditLeaked || by == flow.PeerSettings || by == flow.PeerLibrary
	}
	return false
}

// newCarrier copies what chains need of a connection; it is nil if that is nothing.
func newCarrier(v *View) *carrier {
	h := v.Layer.HTTP2
	if h == nil && (v.End.Sub(v.Start) < MinStall || max(v.Directions[0].Bytes, v.Directions[1].Bytes) < leastCarried) {
		return nil // as most are
	}
	k := &carrier{number: v.Number, id: v.ID, start: v.Start, end: v.End, rtt: v.RTT}
	if h == nil {
		k.add(wholeLeg(v))
		return k
	}
	for i := range h.Directions {
		k.holders[i] = h.Directions[i].Holders
	}
	for i := range h.Streams {
		k.add(streamLeg(v, &h.Streams[i]))
	}
	if len(k.legs) == 0 {
		return nil
	}
	return k
}

// add takes a leg, unless it was too short for anybody to wait.
func (k *carrier) add(l leg) {
	l.carrier = k
	for _, list := range l.waits {
		for _, w := range list {
			k.waited = max(k.waited, w.Length())
			k.end = max(k.end, w.End) // who waits sends nothing
		}
	}
	if l.end().Sub(l.opened) >= MinStall || len(l.waits[0])+len(l.waits[1]) > 0 {
		k.legs = append(k.legs, l)
	}
}

// streamLeg is a stream as a leg.
func streamLeg(v *View, s *StreamView) leg {
	l := leg{stream: s.ID, path: s.Path, seen: s.Seen, opened: s.Opened, over: s.Over}
	for i := range s.Halves {
		h := &s.Halves[i]
		l.sent[i], l.sure[i] = h.Sent-h.Padding-h.Unsent, h.Window.Known()
		list := slices.DeleteFunc(slices.Clone(h.Stalls), func(w Stall) bool { return !unread(w.Cause, w.HeldBy) })
		for _, w := range v.Directions[i].Stalls {
			if !unread(w.Cause, w.HeldBy) || w.Cause == flow.StreamWindow {
				continue
			}
			w.Start = max(w.Start, s.Opened)
			if w.Length() > 0 && 2*h.Limits[w.Cause] >= w.Length() { // it had something to send meanwhile
				list = append(list, w)
			}
		}
		l.waits[i] = whole(list, v.RTT)
	}
	return l
}

// wholeLeg is a connection as a leg, because its streams are hidden or it has none.
func wholeLeg(v *View) leg {
	l := leg{seen: v.Handshake, opened: v.Start}
	for i := range v.Directions {
		d := &v.Directions[i]
		l.sent[i], l.sure[i] = d.Bytes, true
		l.waits[i] = whole(slices.DeleteFunc(slices.Clone(d.Stalls), func(w Stall) bool { return !unread(w.Cause, w.HeldBy) }), v.RTT)
	}
	return l
}

// whole joins stalls that follow one another, whatever their causes, and leaves out what
// an answer would take on this path in any case.
func whole(list []Stall, rtt time.Duration) []Stall {
	slices.SortFunc(list, func(a, b Stall) int { return cmp.Compare(a.Start, b.Start) })
	joined := list[:0]
	var longest time.Duration // of the pieces of the latest
	for _, w := range list {
		if n := len(joined); n > 0 && w.Start.Sub(joined[n-1].End) <= mend {
			last := &joined[n-1]
			last.End = max(last.End, w.End)
			if w.Length() > longest {
				longest, last.Cause, last.HeldBy = w.Length(), w.Cause, w.HeldBy
			}
			continue
		}
		joined, longest = append(joined, w), w.Length()
	}
	return slices.DeleteFunc(joined, func(w Stall) bool { return w.Length() <= rtt+rtt/2+mend })
}
