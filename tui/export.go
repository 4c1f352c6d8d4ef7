// Saving a connection in a file of its own, while the screen goes on.

package tui

import (
	"context"
	"fmt"
	"time"
)

// saving is the export that is under way, if there is one.
type saving struct {
	ctx    context.Context // done when the screen is left
	number int             // of the connection; 0 if none is under way
	done   chan exported
}

// exported is what came of an export.
type exported struct {
	said string
	err  error
}

func newSaving() saving { return saving{ctx: context.Background(), done: make(chan exported, 1)} }

// begin has exports end when ctx is done, or when the function is called that it returns:
// that waits for one that is under way.
func (s *saving) begin(ctx context.Context) (end func()) {
	var stop context.CancelFunc
	s.ctx, stop = context.WithCancel(ctx)
	return func() {
		stop()
		if s.number != 0 {
			<-s.done
		}
	}
}

// number is that of the connection that is open, or selected; 0 if there is none.
func (w *watch) number() int {
	switch r := w.all.selected(); {
	case w.one != nil:
		return w.one.row.Number
	case r != nil:
		return r.Number
	}
	return 0
}

// export begins to write the connection that is open, or selected, to a file.
func (w *watch) export(file string, now time.Time) {
	number := w.number()
	switch {
	case w.clock.mask != nil:
		w.refuse("a file would have the true addresses: show them first, with :mask off", now)
		return
	case number == 0:
		w.refuse("no connection is selected", now)
		return
	case w.saving.number != 0:
		w.refuse(fmt.Sprintf("connection %d is still being written", w.saving.number), now)
		return
	}
	w.saving.number = number
	w.notify(fmt.Sprintf("connection %d is being written ...", number), now)
	ctx, done, write := w.saving.ctx, w.saving.done, w.what.Export
	go func() {
		said, err := write(ctx, number, file)
		done <- exported{said, err}
	}()
}

// saved says what came of an export.
func (w *watch) saved(e exported, now time.Time) {
	w.saving.number = 0
	if e.err != nil {
		w.refuse(mistakeText(e.err), now)
		return
	}
	w.notify(e.said, now)
}
