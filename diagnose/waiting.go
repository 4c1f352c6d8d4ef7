package diagnose

import (
	"time"

	"flowlab/flow"
	"flowlab/tcpwin"
)

const (
	// tick is that of the time stamps of today's stacks (RFC 7323 5.4 allows 1 ms
	// to 1 s).
	tick = time.Millisecond

	// drift is the part of a second by which two clocks may differ in a second, or
	// a little more.
	drift = 10000

	// telling is how much time must have passed before stamps can be known to tick
	// so.
	telling = 20 * time.Millisecond
)

// waiting finds out how long segments waited on the path before they passed here.
//
// A sender stamps each segment with its clock (RFC 7323 3). The segment that passed
// soonest after its stamp did not wait; what passed later after its own did. So it is
// known, to a tick, when each would have passed had it not, and that is how the sender
// spaced them, however they queue. Where there are no stamps, or they do not tick in
// [tick], nothing is known, and each is taken as it comes.
type waiting struct {
	begun, ticks bool
	stamp        uint32    // the latest
	step         int64     // the least by which the stamps went on
	ticked       int64     // by how much they did since the first
	first        flow.Time // when that passed
	base         flow.Time // when it would have passed had nothing waited
	set          flow.Time // when base was last set to drift
}

// observe enters a segment, and returns between which times it would have passed had
// it not waited. They are the same where it did not, or nothing is known.
func (w *waiting) observe(s *tcpwin.Segment) (from, to flow.Time) {
	t := s.Time
	switch {
	case !s.HasTS:
		return t, t
	case !w.begun:
		*w = waiting{begun: true, stamp: s.TSVal, first: t, base: t, set: t}
		return t, t
	}
	w.stamped(t, s.TSVal)
	if !w.ticks {
		return t, t
	}
	from = w.base.Add(time.Duration(w.ticked) * tick)
	to = from.Add(time.Duration(w.step) * tick)
	if t <= to {
		return t, t
	}
	return from, to
}

// stamped enters that a stamp passed at t.
func (w *waiting) stamped(t flow.Time, stamp uint32) {
	step := int64(int32(stamp - w.stamp))
	w.stamp = stamp
	w.ticked += step
	if step > 0 {
		if w.step == 0 || step < w.step {
			w.step = step
		}
		// Or a clock that runs slow would seem to make all segments wait.
		w.base, w.set = w.base.Add(t.Sub(w.set)/drift), t
	}
	ticked := time.Duration(w.ticked) * tick
	w.base = min(w.base, t.Add(-ticked))
	// A queue that grows makes the stamps seem to tick more slowly.
	passed := t.Sub(w.first)
	off := (passed - ticked).Abs()
	w.ticks = w.step > 0 && passed >= telling && (off <= passed/4 || w.ticks && off <= passed/2)
}
