// The first reading: what held whom, in all files.

package replay

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"
	"unsafe"

	"flowlab/capture"
	"flowlab/diagnose"
	"flowlab/diagnose/survey"
	"flowlab/flow"
)

// Open reads files. Of the survey its files, what it chooses, its keys, what it calls a
// stall and its progress count. A file has to be one that can be read again, so standard
// input cannot be.
//
// What was read is returned also with an error, if there were packets.
func Open(ctx context.Context, s survey.Survey) (*Replay, error) {
	return open(ctx, s, all)
}

func open(ctx context.Context, s survey.Survey, limit int64) (*Replay, error) {
	if slices.Contains(s.Files, "-") {
		return nil, errors.New("standard input can be read only once, and a replay reads twice")
	}
	r := &Replay{survey: s}
	f := first{budget: budget{limit: limit}}
	s.Match = f.counting(s.Match)
	s.Ledgers = f.follow
	s.Receive = func(*survey.Source, *diagnose.View) {}
	var err error
	r.source, err = s.Run(ctx)
	if r.source.Packets == 0 {
		return nil, err
	}
	r.tracks, r.leftOut = f.tracks(r.source.Last)
	r.counts, r.all = f.counts.series, f.latest
	r.marks = marksOf(r.tracks)
	return r, err
}

// first is the first reading.
type first struct {
	budget budget

	counts seriesWriter // step of the grid, packets, bytes, latest packet; the reader's goroutine
	latest entry

	mu      sync.Mutex
	writers []*worker
}

// counting has the packets counted that a survey reads.
func (f *first) counting(match func(capture.LinkType, *capture.Packet) bool) func(capture.LinkType, *capture.Packet) bool {
	return func(link capture.LinkType, p *capture.Packet) bool {
		n := &f.latest
		step := max(n[0], stepOf(p.Time))
		if n[1] > 0 && step > n[0] {
			f.counts.add(*n)
		}
		*n = entry{step, n[1] + 1, n[2] + int64(p.Length), max(n[3], int64(p.Time))}
		return match == nil || match(link, p)
	}
}

// worker has the tracks of the connections of one of those who keep ledgers.
type worker struct {
	budget *budget
	open   map[int]*trackWriter // by first frame
	latest *trackWriter
	done   []*track
	left   []int // first frames of those that were left out
}

func (f *first) follow(b *diagnose.Bulk) {
	w := &worker{budget: &f.budget, open: make(map[int]*trackWriter)}
	f.mu.Lock()
	f.writers = append(f.writers, w)
	f.mu.Unlock()
	b.Opened = func(c *diagnose.Connection) { w.open[c.Number] = newTrack(c, w.budget) }
	b.Entering = func(c *diagnose.Connection, t flow.Time) { w.of(c).look(c, t) }
	b.Ending = w.ending
}

func (w *worker) of(c *diagnose.Connection) *trackWriter {
	if w.latest == nil || w.latest.frame != c.Number {
		w.latest = w.open[c.Number]
	}
	return w.latest
}

// ending keeps the track of a connection that has ended, if there is room.
func (w *worker) ending(c *diagnose.Connection, over flow.Time) {
	writer := w.of(c)
	t := writer.finish(c, over)
	delete(w.open, c.Number)
	w.latest = nil
	size := int64(t.size())
	used := w.budget.take(size - writer.taken)
	if used > w.budget.limit || used > w.budget.limit/2 && !t.stalled() {
		w.budget.take(-size)
		w.left = append(w.left, c.Number)
		return
	}
	w.done = append(w.done, t)
}

// tracks returns all tracks by number, and how many were left out.
func (f *first) tracks(last flow.Time) (list []*track, leftOut int) {
	var missing []int // first frames
	for _, w := range f.writers {
		list = append(list, w.done...)
		missing = append(missing, w.left...)
	}
	leftOut = len(missing)
	slices.SortFunc(list, func(a, b *track) int { return cmp.Compare(a.frame, b.frame) })
	slices.Sort(missing)
	for i, t := range list {
		for len(missing) > 0 && missing[0] < t.frame {
			missing = missing[1:]
		}
		t.number = i + 1 + leftOut - len(missing)
		t.lasts(last)
	}
	less(list, mostRows)
	return list, leftOut
}

// mostRows is how many connections have a row also once they are over.
const mostRows = 50_000

// less has only those keep a row, so many, that stalls held the longest.
func less(tracks []*track, most int) {
	if len(tracks) <= most {
		return
	}
	sums := make(map[*track]time.Duration, len(tracks))
	for _, t := range tracks {
		sums[t] = t.total()
	}
	longest := slices.Clone(tracks)
	slices.SortStableFunc(longest, func(a, b *track) int { return cmp.Compare(sums[b], sums[a]) })
	for _, t := range longest[most:] {
		t.minor = true
	}
}

// lasts has what held the senders last hold them up to the end of the files, if what
// they did then was not seen any more.
func (t *track) lasts(last flow.Time) {
	for i := range t.sides {
		v := &t.sides[i]
		if lag := last.Sub(v.end); t.over == 0 && v.end != 0 && lag > 0 && lag <= t.rtt {
			v.lag = lag
			t.settled = last
		}
	}
}

// marksOf are when stalls began and ended.
func marksOf(tracks []*track) (marks []flow.Time) {
	for _, t := range tracks {
		marks = t.marks(marks)
		if len(marks) > mostMarks/int(unsafe.Sizeof(flow.Time(0))) {
			break
		}
	}
	slices.Sort(marks)
	return slices.Compact(marks)
}

// mostMarks is how many bytes marks of all connections take at the most.
const mostMarks = 16 << 20

func (t *track) marks(list []flow.Time) []flow.Time {
	for i := range t.sides {
		for _, s := range t.sides[i].stalls {
			list = append(list, s.Start, s.End)
		}
	}
	return list
}
