// What a screen is shown of files.

package replay

import (
	"slices"
	"sync"

	"flowlab/diagnose/board"
	"flowlab/diagnose/survey"
	"flowlab/flow"
)

// Replay is capture files that were read. Its methods may be called from any goroutine.
type Replay struct {
	survey  survey.Survey
	source  survey.Source
	tracks  []*track // by number
	leftOut int      // connections of which there is none
	counts  series   // step of the grid, packets, bytes, latest packet
	all     entry    // the last of these
	marks   []flow.Time

	mu     sync.Mutex // guards what follows
	chosen *choice    // nil if none is
	last   memo
	then   memo // an earlier instant
}

// columns of the chosen connection's history.
const columns = 240

// memo is what was asked for last: a screen asks for the same again and again.
type memo struct {
	at     flow.Time
	begun  int         // connections
	rows   []board.Row // of these, by number
	coarse bool
	shown  *board.Snapshot
	chosen *choice
	read   flow.Time // up to when the connection that is chosen was read
}

// Source is what was read.
func (r *Replay) Source() *survey.Source { return &r.source }

// Span is from the first packet to the last.
func (r *Replay) Span() flow.Interval {
	return flow.Interval{Start: r.source.First, End: r.source.Last}
}

// Marks returns the instants at which stalls began or ended, in order: of the connection
// that is chosen, or of all if there is none.
func (r *Replay) Marks() []flow.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.chosen == nil {
		return r.marks
	}
	marks := r.chosen.track.marks(nil)
	slices.Sort(marks)
	return slices.Compact(marks)
}

// Snapshot returns how things stood at the end.
func (r *Replay) Snapshot() *board.Snapshot { return r.At(r.source.Last) }

// At returns how things stood at an instant. An instant outside of [Replay.Span] is taken
// for its nearest end. The connection that is chosen is there as soon as it was read up to
// then.
func (r *Replay) At(t flow.Time) *board.Snapshot {
	t = min(max(t, r.source.First), r.source.Last)
	r.mu.Lock()
	defer r.mu.Unlock()
	m := &r.then
	if t == r.source.Last {
		m = &r.last
	}
	if m.shown == nil || m.at != t {
		*m = r.rowsAt(t, *m)
	} else if m.chosen == r.chosen && m.read == r.chosen.readTo() {
		return m.shown
	}
	m.chosen, m.read = r.chosen, r.chosen.readTo()
	s := &board.Snapshot{At: t, Live: t == r.source.Last, Source: r.sourceAt(t), Rows: m.rows, Coarse: m.coarse}
	s.Source.Connections = m.begun
	s.LeftOut = m.begun - len(s.Rows)
	if r.chosen != nil {
		if v, coarse, ok := r.chosen.at(t, r.grid(t)); ok {
			s.Chosen, s.Coarse = v, s.Coarse || coarse
		}
	}
	m.shown = s
	return s
}

// rowsAt makes the rows of an instant; of connections that nothing happened to since
// another one, those of that one.
func (r *Replay) rowsAt(t flow.Time, was memo) memo {
	n := memo{at: t, rows: make([]board.Row, 0, len(was.rows)+16)}
	grid := r.grid(t)
	place := 0 // in was.rows
	for i, track := range r.tracks {
		if !track.begun(grid) {
			continue
		}
		if n.begun = track.number; i == len(r.tracks)-1 {
			n.begun = len(r.tracks) + r.leftOut
		}
		if track.minor && track.closed(grid) {
			continue
		}
		var old *board.Row
		for place < len(was.rows) && was.rows[place].Number < track.number {
			place++
		}
		if place < len(was.rows) && was.rows[place].Number == track.number {
			old = &was.rows[place]
		}
		if old != nil && track.settled < min(t, was.at)-flow.Time(step) && track.cut == 0 {
			n.rows = append(n.rows, *old)
			continue
		}
		row, coarse := track.row(t, grid, r.source.Interfaces[track.iface].Name)
		n.rows, n.coarse = append(n.rows, row), n.coarse || coarse
	}
	return n
}

// grid is the step of the grid at an instant or before; at the end, that with the last
// packet.
func (r *Replay) grid(t flow.Time) int64 {
	if t == r.source.Last {
		return stepOf(t)
	}
	return int64(t) / int64(step)
}

// sourceAt is what was read up to an instant. What was dropped is known of all files only.
func (r *Replay) sourceAt(t flow.Time) board.Source {
	s := board.Source{Interfaces: len(r.source.Interfaces), Dropped: r.source.Dropped}
	e, ok := r.counts.find(r.grid(t))
	if r.grid(t) >= r.all[0] {
		e, ok = r.all, true
	}
	if ok {
		s.First, s.Packets, s.Bytes, s.Last = r.source.First, e[1], e[2], flow.Time(e[3])
	}
	return s
}
