package diagnose

import (
	"slices"
	"time"

	"flowlab/flow"
)

const (
	// MinStall is how long one cause must hold a sender to be called a stall.
	MinStall = 200 * time.Millisecond

	// mend is how short an interruption may be without ending a stall.
	mend = 5 * time.Millisecond

	// keepStalls is how many stalls are kept whole; the longest stay.
	keepStalls = 100
)

// Stall is a time in which one cause other than the application held a sender.
type Stall struct {
	flow.Interval
	Cause  flow.Cause
	HeldBy flow.HeldBy
	Frames []int // that prove it: the last segment before, probes, and what ended it
}

// Stalls collects the stalls of a direction.
type Stalls struct {
	Count int // all that there were
	Kept  []Stall

	current Stall
	by      [flow.NumHeldBy]time.Duration // of the current one
}

// add enters a verdict. What follows a stall of the same cause at once is part
// of it.
func (s *Stalls) add(v verdict) {
	c := &s.current
	if v.cause == c.Cause && v.Start.Sub(c.End) <= mend {
		c.End = v.End
		s.hold(v)
		c.prove(v.frames)
		return
	}
	if v.Length() <= mend && c.Length() >= MinStall {
		return // too short to end it
	}
	s.finish()
	s.current = Stall{Interval: v.Interval, Cause: v.cause, HeldBy: v.heldBy}
	s.by = [flow.NumHeldBy]time.Duration{}
	s.hold(v)
	s.current.prove(v.frames)
}

// hold has the stall held by whoever holds it longest.
func (s *Stalls) hold(v verdict) {
	s.by[v.heldBy] += v.Length()
	if s.by[v.heldBy] > s.by[s.current.HeldBy] {
		s.current.HeldBy = v.heldBy
	}
}

// prove keeps the first and the latest frames, at most eight.
func (s *Stall) prove(frames [3]int) {
	for _, f := range frames {
		if f == 0 || slices.Contains(s.Frames, f) {
			continue
		}
		if len(s.Frames) == 8 {
			s.Frames = append(s.Frames[:7], f)
			continue
		}
		s.Frames = append(s.Frames, f)
	}
}

// finish ends the current stretch, and keeps it if it is a stall.
func (s *Stalls) finish() {
	c := s.current
	s.current = Stall{}
	if c.Length() < MinStall || c.Cause == flow.Application {
		return
	}
	s.Count++
	if len(s.Kept) < keepStalls {
		s.Kept = append(s.Kept, c)
		return
	}
	least := 0
	for i := range s.Kept {
		if s.Kept[i].Length() < s.Kept[least].Length() {
			least = i
		}
	}
	if c.Length() > s.Kept[least].Length() {
		s.Kept = append(slices.Delete(s.Kept, least, least+1), c)
	}
}

// underWay returns the stretch that a verdict, not settled yet, is part of.
func (s *Stalls) underWay(v verdict) Stall {
	c := s.current
	c.Frames = slices.Clone(c.Frames)
	switch {
	case v.Length() <= 0:
		return c
	case v.cause == c.Cause && v.Start.Sub(c.End) <= mend:
		c.End = v.End
		return c
	}
	return Stall{Interval: v.Interval, Cause: v.cause, HeldBy: v.heldBy}
}
