// The rows of the past.

package board

import (
	"slices"
	"sort"
	"time"
	"unsafe"

	"flowlab/flow"
)

const (
	// tapeLength is how far back rows are kept, as far as there is room.
	tapeLength = 10 * time.Minute
	// tapeBudget is for how many bytes of rows there is room.
	tapeBudget = 96 << 20
	// reelSteps is how many steps follow the one of which all rows are kept.
	reelSteps = 60
)

// tape is rows at steps of time, each as it was then.
type tape struct {
	budget int
	reels  []*reel
	bytes  int
}

// reel is all rows of a step, and of those after it the ones that changed.
type reel struct {
	first Snapshot
	steps []step
	last  []Row // of the latest step
	bytes int
}

// step is what changed since the step before.
type step struct {
	at      flow.Time
	source  Source
	leftOut int
	changed []Row
	gone    []int
}

const rowSize = int(unsafe.Sizeof(Row{}))

// add enters a snapshot that is later than all before.
func (t *tape) add(s *Snapshot) {
	n := len(t.reels)
	if n == 0 || len(t.reels[n-1].steps) == reelSteps || t.reels[n-1].bytes > t.budget/4 {
		r := &reel{first: *s, last: s.Rows, bytes: rowSize * len(s.Rows)}
		r.first.Live = false
		t.reels = append(t.reels, r)
		t.bytes += r.bytes
	} else {
		t.bytes += t.reels[n-1].add(s)
	}
	for len(t.reels) > 1 && (t.bytes > t.budget || t.reels[1].first.At.Add(tapeLength) <= s.At) {
		t.bytes -= t.reels[0].bytes
		t.reels = slices.Delete(t.reels, 0, 1)
	}
}

// add enters a step, and returns how many bytes it takes.
func (r *reel) add(s *Snapshot) int {
	n := step{at: s.At, source: s.Source, leftOut: s.LeftOut}
	old := r.last
	for i := range s.Rows {
		row := &s.Rows[i]
		for len(old) > 0 && old[0].Number < row.Number {
			n.gone = append(n.gone, old[0].Number)
			old = old[1:]
		}
		if len(old) > 0 && old[0].Number == row.Number {
			if old[0] != *row {
				n.changed = append(n.changed, *row)
			}
			old = old[1:]
			continue
		}
		n.changed = append(n.changed, *row)
	}
	for i := range old {
		n.gone = append(n.gone, old[i].Number)
	}
	n.changed, n.gone = slices.Clip(n.changed), slices.Clip(n.gone)
	r.last = s.Rows
	r.steps = append(r.steps, n)
	size := int(unsafe.Sizeof(n)) + rowSize*len(n.changed) + 8*len(n.gone)
	r.bytes += size
	return size
}

// span is from when to when there are rows.
func (t *tape) span() (flow.Interval, bool) {
	n := len(t.reels)
	if n == 0 {
		return flow.Interval{}, false
	}
	i := flow.Interval{Start: t.reels[0].first.At, End: t.reels[n-1].first.At}
	if steps := t.reels[n-1].steps; len(steps) > 0 {
		i.End = steps[len(steps)-1].at
	}
	return i, true
}

// cut is a tape up to some step. Nothing changes it.
type cut struct {
	first Snapshot
	steps []step
}

// cut returns the tape up to the step at t or before, or up to the first one there is.
func (t *tape) cut(at flow.Time) cut {
	i := sort.Search(len(t.reels), func(i int) bool { return t.reels[i].first.At > at })
	if len(t.reels) == 0 {
		return cut{}
	}
	r := t.reels[max(0, i-1)]
	n := sort.Search(len(r.steps), func(i int) bool { return r.steps[i].at > at })
	return cut{r.first, r.steps[:n]}
}

// last is how things stood at the end.
func (c *cut) last() Snapshot {
	s := c.first
	if n := len(c.steps); n > 0 {
		last := &c.steps[n-1]
		s.At, s.Source, s.LeftOut = last.at, last.source, last.leftOut
		s.Rows = replayed(c.first.Rows, c.steps)
	}
	return s
}

// replayed is rows after some steps.
func replayed(rows []Row, steps []step) []Row {
	latest := make(map[int]*Row) // nil if it is gone
	var numbers []int            // of these
	enter := func(number int, row *Row) {
		if _, known := latest[number]; !known {
			latest[number] = row
			numbers = append(numbers, number)
		}
	}
	for i := len(steps) - 1; i >= 0; i-- {
		for k := range steps[i].changed {
			enter(steps[i].changed[k].Number, &steps[i].changed[k])
		}
		for _, number := range steps[i].gone {
			enter(number, nil)
		}
	}
	slices.Sort(numbers)
	out := make([]Row, 0, len(rows)+len(numbers))
	for _, number := range numbers {
		for len(rows) > 0 && rows[0].Number < number {
			out = append(out, rows[0])
			rows = rows[1:]
		}
		if len(rows) > 0 && rows[0].Number == number {
			rows = rows[1:]
		}
		if row := latest[number]; row != nil {
			out = append(out, *row)
		}
	}
	return append(out, rows...)
}
