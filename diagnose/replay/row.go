// What a connection's row shows of an instant.

package replay

import (
	"sort"
	"time"

	"flowlab/diagnose"
	"flowlab/diagnose/board"
	"flowlab/flow"
)

// begun tells whether a connection is shown at a step of the grid.
func (t *track) begun(grid int64) bool { return stepOf(t.start) <= grid }

func (t *track) closed(grid int64) bool { return t.over != 0 && stepOf(t.over) <= grid }

// row is a connection as it stood at an instant, and its gauges at a step of the grid. It is coarse if what there was then is
// not kept.
func (t *track) row(at flow.Time, grid int64, iface string) (r board.Row, coarse bool) {
	r = board.Row{Number: t.number, Interface: iface, ID: t.id, Start: t.start, End: t.start, Protocol: t.protocol}
	if e, ok := t.gauges.find(grid); ok {
		r.End, r.Sides[0].Bytes, r.Sides[1].Bytes = flow.Time(e[1]), e[2], e[3]
	}
	closed := t.closed(grid)
	for i := range r.Sides {
		s := &r.Sides[i]
		t.sides[i].stalled(s, at, t.least)
		if !closed {
			t.sides[i].hold(s, at)
		}
		if stall, ok := t.sides[i].stallAt(at); ok && s.Since != 0 {
			s.Held = stall.Cause == s.Cause && at.Sub(stall.Start) >= t.least
		}
	}
	if r.State = board.Closed; !closed {
		r.State = r.StateAt(at)
	}
	return r, t.cut != 0 && at > t.cut
}

// hold is what held the sender just before an instant.
func (v *verdicts) hold(s *board.Side, at flow.Time) {
	e, ok := v.holds.find(int64(at) - 1)
	if !ok {
		return
	}
	start := flow.Time(e[0])
	end := start.Add(time.Duration(e[1]))
	if end == v.end {
		end = end.Add(v.lag)
	}
	if end < at {
		return
	}
	s.Cause, s.HeldBy, s.Since = flow.Cause(e[2]>>8), flow.HeldBy(e[2]&0xff), start-flow.Time(e[3])
	if stall, ok := v.stallAt(at); ok && stall.Cause == s.Cause {
		s.Since = min(s.Since, stall.Start)
	}
}

// stallAt is the stall under way at an instant, or that ended with it.
func (v *verdicts) stallAt(at flow.Time) (stall diagnose.Hold, ok bool) {
	i := sort.Search(len(v.stalls), func(i int) bool { return v.stalls[i].Start >= at })
	if i == 0 {
		return stall, false
	}
	stall = v.stalls[i-1]
	if stall.End == v.end {
		stall.End = stall.End.Add(v.lag)
	}
	return stall, at <= stall.End
}

// stalled is what stalls there were up to an instant.
func (v *verdicts) stalled(s *board.Side, at flow.Time, least time.Duration) {
	for _, stall := range v.stalls {
		if stall.Start >= at {
			return
		}
		length := min(stall.End, at).Sub(stall.Start)
		if length < least {
			return
		}
		s.Stalls++
		s.Stalled += length
		s.Longest = max(s.Longest, length)
	}
}
