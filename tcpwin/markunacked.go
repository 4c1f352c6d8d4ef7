package tcpwin

import (
	"cmp"
	"slices"
)

// span is the sequence numbers from start up to, and without, end.
type span struct{ start, end uint32 }

func (s span) empty() bool { return s.start == s.end }

// above is the part of the span that ack does not acknowledge.
func (s span) above(ack uint32) span {
	switch {
	case !after(s.end, ack):
		return span{}
	case after(ack, s.start):
		return span{ack, s.end}
	}
	return s
}

// join gives the one span that two make which touch or overlap. It leaves alone
// what comes round to base, where the sequence numbers begin, for Wireshark
// counts from there. (A second SYN/ACK that moves base into what was joined
// already would show; no stack sends one.)
func join(a, b span, base uint32) (joined span, ok bool) {
	a, b = span{a.start - base, a.end - base}, span{b.start - base, b.end - base}
	if a.start > a.end || b.start > b.end || b.start > a.end || a.start > b.end {
		return span{}, false
	}
	from, upto := min(a.start, b.start), max(a.end, b.end)
	return span{from + base, upto + base}, upto-from < 1<<31
}

// unacked is what one side sent and the other did not acknowledge.
//
// Wireshark keeps an entry for each segment, without bound. All that is asked
// of them is where the lowest begins and the highest ends, after each ACK took
// away what lies below it; so segments that touch are kept as one here, which
// gives the same answers. Bytes in order take one span, however many segments
// brought them. More are taken by holes, where the capture missed segments. Up
// to maxHoles of them are kept apart; if there are more, the lower ones are
// taken for sent, and until they are acknowledged bytes in flight may be too
// many.
type unacked struct {
	last span    // where the latest segment went
	rest *[]span // what else there is; nil until there was a hole, then reused
}

const (
	maxHoles   = 1024
	firstHoles = 4
)

func (u *unacked) clear() {
	u.last = span{}
	if u.rest != nil {
		*u.rest = (*u.rest)[:0]
	}
}

// add enters a segment.
func (u *unacked) add(s span, base uint32) {
	if joined, ok := join(u.last, s, base); ok && !u.last.empty() {
		u.last = joined
		return
	}
	if !u.last.empty() {
		u.keep(u.last, base)
	}
	u.last = s
}

// keep enters a span that the latest segment does not touch.
func (u *unacked) keep(s span, base uint32) {
	if u.rest == nil {
		rest := make([]span, 0, firstHoles)
		u.rest = &rest
	}
	rest := *u.rest
	if len(rest) == cap(rest) {
		rest = compact(rest, base)
		if room := 2 * cap(rest); len(rest) > cap(rest)/2 && room <= 2*maxHoles {
			rest = append(make([]span, 0, room), rest...)
		}
	}
	*u.rest = append(rest, s)
}

// compact joins the spans that touch, and the lower ones if there are too many.
func compact(rest []span, base uint32) []span {
	slices.SortFunc(rest, func(a, b span) int { return cmp.Compare(a.start-base, b.start-base) })
	kept := rest[:1]
	for _, s := range rest[1:] {
		low := &kept[len(kept)-1]
		if joined, ok := join(*low, s, base); ok {
			*low = joined
		} else {
			kept = append(kept, s)
		}
	}
	if len(kept) <= maxHoles {
		return kept
	}
	upper := kept[len(kept)-maxHoles:]
	upper[0].start = kept[0].start
	return kept[:copy(kept, upper)]
}

// acked takes away what lies below an acknowledgement number.
func (u *unacked) acked(ack uint32) {
	u.last = u.last.above(ack)
	if u.rest == nil {
		return
	}
	kept := (*u.rest)[:0]
	for _, s := range *u.rest {
		if s = s.above(ack); !s.empty() {
			kept = append(kept, s)
		}
	}
	*u.rest = kept
}

// extent is how far it is from the lowest byte to the highest, counted from
// base, and 0 if there is none.
func (u *unacked) extent(base uint32) uint32 {
	var rest []span
	if u.rest != nil {
		rest = *u.rest
	}
	one := u.last
	if one.empty() && len(rest) > 0 {
		one = rest[0]
	}
	from, upto := one.start-base, one.end-base
	for _, s := range rest {
		from, upto = min(from, s.start-base), max(upto, s.end-base)
	}
	return upto - from
}
