// The first line of the screen of many connections, and the screen that is too small.

package tui

import (
	"fmt"

	"flowlab/diagnose/board"
	"flowlab/tui/parts"
)

// drawSmall says which size is needed, and no less than who is held.
func (w *watch) drawSmall(a parts.Area) {
	a.Put(0, 0, parts.Faint, a.Fit(fmt.Sprintf("needs %dx%d, has %dx%d; q quits", leastWidth, leastHeight, a.W, a.H), a.W))
	if r := w.all.selected(); r != nil {
		for i, line := range parts.Wrap(rowSentence(r, w.all.snapshot.At).text(), a.W) {
			a.Put(0, 1+i, parts.Strong, line)
		}
	}
}

// drawHeader says what is watched, how much came, and which instant is shown.
func (w *watch) drawHeader(a parts.Area) {
	s := w.all.snapshot
	state, k := " LIVE ", parts.Good
	switch i := &w.clock.instant; {
	case w.clock.player != nil:
		if state = w.clock.player.text(i.held); s.Coarse {
			state = " COARSE" + state
		}
		k = parts.Notice
	case i.held && s.Coarse:
		state, k = " PAST, COARSE ", parts.Notice
	case i.held:
		state, k = " PAST ", parts.Notice
	case w.over:
		state, k = " OVER ", parts.Notice
	}
	x := a.PutRight(0, k, state)
	if w.clock.origin != 0 {
		x = a.Columns(0, x-1).PutRight(0, parts.Plain, secondsText(w.clock.since(s.At), 2))
	}
	text := w.what.Title + "  " + countsText(s)
	switch {
	case w.one != nil:
		text = w.one.name(a.Glyphs())
		if w.reading != "" {
			text += "  " + w.reading
		}
	case w.clock.mask != nil:
		text = w.what.Plain + "  " + countsText(s)
	}
	a.Put(1, 0, parts.Strong, a.Fit(text, x-3))
}

// countsText says how many connections there are, and what was lost.
func countsText(s *board.Snapshot) string {
	held := 0
	for i := range s.Rows {
		if s.Rows[i].State == board.Held {
			held++
		}
	}
	text := fmt.Sprintf("%d connections, %d held, %d packets", len(s.Rows), held, s.Source.Packets)
	if s.Source.Dropped > 0 {
		text += fmt.Sprintf(", %d lost", s.Source.Dropped)
	}
	if s.LeftOut > 0 {
		text += fmt.Sprintf(", %d connections left out", s.LeftOut)
	}
	return text
}

// readingText says how much was read of files for the connection that is open; nothing once
// all was, and what went wrong if it did.
func (w *watch) readingText() string {
	if w.what.Reading == nil || w.one == nil {
		return ""
	}
	read, total, done, err := w.what.Reading()
	switch {
	case err != nil && w.clock.mask != nil: // its text names files
		return "not all could be read"
	case err != nil:
		return "not all could be read: " + err.Error()
	case done:
		return ""
	case total > 0:
		return "read " + shareText(float64(read)/float64(total))
	}
	return "read " + bytesText(read)
}
