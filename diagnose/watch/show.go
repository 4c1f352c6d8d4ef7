// What a screen is given.

package watch

import (
	"time"

	"flowlab/diagnose/board"
	"flowlab/flow"
)

// perRow is how much time lies between two looks for each row: a look takes about a
// microsecond a row, so all of them take some 2 % of a processor.
const perRow = 40 * time.Microsecond

// show gives the board a look at how things stand at now, unless the one before was so
// short a time ago that it would take too much.
func (w *Watch) show(now flow.Time) {
	if w.Board == nil {
		return
	}
	if now.Sub(w.boarded) >= time.Duration(len(w.analysis.Connections()))*perRow {
		w.showAll(now)
	}
}

// showAll gives the board a look in any case.
func (w *Watch) showAll(now flow.Time) {
	if w.Board == nil {
		return
	}
	w.boarded = now
	a := w.analysis
	w.Board.Look(a, now, board.Source{
		First: a.First, Last: a.Last, Packets: a.Packets + w.source.Skipped.Unmatched, Bytes: a.Bytes,
		Dropped: w.source.Dropped, Interfaces: len(w.source.Interfaces), Connections: a.Begun,
	}, func(iface int) string { return w.source.Interfaces[iface].Name })
}
