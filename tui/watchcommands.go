// What commands do on the screen of many connections.

package tui

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"flowlab/flow"
	"flowlab/tui/command"
	"flowlab/tui/parts"
)

// notify says what was done.
func (w *watch) notify(text string, now time.Time) {
	w.notice = notice{text: text, ink: parts.Strong, until: now.Add(saidTime)}
	w.drawn = false
}

// refuse says what cannot be done.
func (w *watch) refuse(text string, now time.Time) {
	w.notify(text, now)
	w.notice.ink = parts.Alarm
}

// words are those that commands and filters are completed by.
func (w *watch) words(kind string) (list []string) {
	switch {
	case kind == command.Interfaces && w.all.snapshot != nil:
		for i := range w.all.snapshot.Rows {
			if name := w.all.snapshot.Rows[i].Interface; !slices.Contains(list, name) {
				list = append(list, name)
			}
		}
	case kind == command.Streams && w.one != nil:
		for i := range w.one.streams.Rows {
			list = append(list, strconv.Itoa(int(w.one.view.Layer.HTTP2.Streams[i].ID)))
		}
	}
	return list
}

// apply does what a command asks for. It is true if that is to leave the screen.
func (w *watch) apply(c command.Command, now time.Time) (quit bool) {
	w.drawn = false
	if w.screen.obey(c) {
		return false
	}
	switch c := c.(type) {
	case command.Filter:
		w.table()
		w.all.sift(c.By)
	case command.Sort:
		w.table()
		w.all.sort(c.By)
	case command.Go:
		w.goTo(c, now)
	case command.Connection:
		w.openNumber(c.Number, now)
	case command.Stream:
		w.openStream(c.ID, now)
	case command.Speed:
		w.clock.player.speed = c.Times
		w.clock.player.from(&w.clock, w.clock.shown(), now)
	case command.Export:
		w.export(c.File, now)
	case command.Copy:
		w.copy(now)
	case command.Mask:
		w.mask(c.On, now)
	case command.Help:
		w.help = true
	case command.Quit:
		return true
	}
	return false
}

// goTo shows another instant.
func (w *watch) goTo(c command.Go, now time.Time) {
	at := c.Time
	switch {
	case w.clock.origin == 0:
		w.refuse("no packet came yet, so there is no instant to go to", now)
		return
	case c.End:
		at = w.clock.now + 1
	case c.Relative:
		at += w.clock.shown()
	}
	w.clock.show(max(0, at), now)
}

// openNumber opens the connection of a number.
func (w *watch) openNumber(number int, now time.Time) {
	rows := w.all.snapshot.Rows
	for i := range rows {
		if rows[i].Number == number {
			w.all.chosen = uint64(number)
			w.open(&rows[i])
			return
		}
	}
	w.refuse(fmt.Sprintf("there is no connection %d at this instant, but %d others", number, len(rows)), now)
}

// openStream shows a stream of the connection that is open alone.
func (w *watch) openStream(id uint32, now time.Time) {
	if w.one == nil {
		w.refuse("open a connection first: enter, or :connection NUMBER", now)
		return
	}
	for i := range w.one.streams.Rows {
		if w.one.view.Layer.HTTP2.Streams[i].ID == id {
			w.one.choose(i)
			w.one.stream = true
			return
		}
	}
	w.refuse(fmt.Sprintf("connection %d has no stream %d at this instant", w.one.row.Number, id), now)
}

// mask shows stand-ins for addresses from now on, or no longer. What was typed may have
// addresses too, and is forgotten.
func (w *watch) mask(on bool, now time.Time) {
	said := "addresses are shown as they are"
	if w.clock.mask = nil; on {
		w.clock.mask = w.what.Mask
		said = "addresses, names and paths are stand-ins now; an export is refused"
	}
	w.all.forget()
	w.line.forget()
	if w.one != nil {
		w.one.row.ID = flow.Conn{} // it may not be there at this instant
	}
	w.tick(now)
	w.notify(said, now)
}
