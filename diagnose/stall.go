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
	Count   int // all that there were
	Kept    []Stall
	Sum     time.Duration // of the lengths of all
	Longest time.Duration

	least   time.Duration // what is called a stall
	over    func(Stall)   // told of each one that is over, if set
	current stretch
}

// Least is how long one cause must hold the sender to be called a stall.
func (s *Stalls) Least() time.Duration { return s.least }

// stretch is a time of one cause that is under way: a stall, if it becomes long
// enough. It allocates nothing.
type stretch struct {
	flow.Interval
	cause  flow.Cause
	heldBy flow.HeldBy
	by     [flow.NumHeldBy]time.Duration
	frames [8]int
	proofs int // how many frames there are
}

func (s *stretch) stall() Stall {
	frames := slices.Clone(s.frames[:s.proofs])
	slices.Sort(frames)
	return Stall{Interval: s.Interval, Cause: s.cause, HeldBy: s.heldBy, Frames: frames}
}

// add enters a verdict. What follows a stall of the same cause at once is part
// of it.
func (s *Stalls) add(v verdict) {
	c := &s.current
	if v.cause == c.cause && v.Start.Sub(c.End) <= mend {
		c.End = v.End
		c.hold(v)
		c.prove(v.frames)
		return
	}
	if v.Length() <= mend && c.Length() >= s.least {
		return // too short to end it
	}
	s.finish()
	*c = stretch{Interval: v.Interval, cause: v.cause, heldBy: v.heldBy}
	c.hold(v)
	c.prove(v.frames)
}

// hold has the stretch held by whoever holds it longest.
func (s *stretch) hold(v verdict) {
	s.by[v.heldBy] += v.Length()
	if s.by[v.heldBy] > s.by[s.heldBy] {
		s.heldBy = v.heldBy
	}
}

// prove keeps the first and the latest frames, at most eight.
func (s *stretch) prove(frames [3]int) {
	for _, f := range frames {
		if f == 0 || slices.Contains(s.frames[:s.proofs], f) {
			continue
		}
		if s.proofs == len(s.frames) {
			copy(s.frames[6:], s.frames[7:])
			s.proofs--
		}
		s.frames[s.proofs] = f
		s.proofs++
	}
}

// finish ends the current stretch, and keeps it if it is a stall.
func (s *Stalls) finish() {
	c := s.current
	s.current = stretch{}
	if c.Length() < s.least || c.cause == flow.Application {
		return
	}
	s.Count++
	s.Sum += c.Length()
	s.Longest = max(s.Longest, c.Length())
	if s.over != nil {
		s.over(c.stall())
	}
	if len(s.Kept) < keepStalls {
		s.Kept = append(s.Kept, c.stall())
		return
	}
	least := 0
	for i := range s.Kept {
		if s.Kept[i].Length() < s.Kept[least].Length() {
			least = i
		}
	}
	if c.Length() > s.Kept[least].Length() {
		s.Kept = append(slices.Delete(s.Kept, least, least+1), c.stall())
	}
}

// lasts tells whether a verdict, not settled yet, makes a stall with what it is
// part of.
func (s *Stalls) lasts(v verdict) bool {
	c := &s.current
	switch {
	case v.Length() <= 0:
		return c.Length() >= s.least
	case v.cause == c.cause && v.Start.Sub(c.End) <= mend:
		return v.End.Sub(c.Start) >= s.least
	}
	return v.Length() >= s.least
}

// underWay returns the stretch that a verdict, not settled yet, is part of.
func (s *Stalls) underWay(v verdict) Stall {
	h, goesOn := s.reach(v)
	if !goesOn {
		return Stall{Interval: h.Interval, Cause: h.Cause, HeldBy: h.HeldBy}
	}
	c := s.current.stall()
	c.End, c.HeldBy = h.End, h.HeldBy
	return c
}

// reach is underWay without what proves it. It tells whether that is the current stretch,
// which goes on, or one that the verdict begins.
func (s *Stalls) reach(v verdict) (h Hold, goesOn bool) {
	c := &s.current
	h = Hold{c.Interval, c.cause, c.heldBy}
	switch {
	case v.Length() <= 0:
		return h, true
	case v.cause == c.cause && v.Start.Sub(c.End) <= mend:
		h.End = v.End
		if c.by[v.heldBy]+v.Length() > c.by[c.heldBy] {
			h.HeldBy = v.heldBy
		}
		return h, true
	}
	return Hold{v.Interval, v.cause, v.heldBy}, false
}
