// What a screen is given.

package watch

import (
	"flowlab/diagnose/board"
	"flowlab/flow"
)

// show gives the board a look at how things stand at now.
func (w *Watch) show(now flow.Time) {
	if w.Board == nil {
		return
	}
	a := w.analysis
	w.Board.Until(now)
	w.Board.Look(a, now, board.Source{
		First: a.First, Last: a.Last, Packets: a.Packets + w.source.Skipped.Unmatched, Bytes: a.Bytes,
		Dropped: w.source.Dropped, Interfaces: len(w.source.Interfaces), Connections: a.Begun,
	}, func(iface int) string { return w.source.Interfaces[iface].Name })
}
