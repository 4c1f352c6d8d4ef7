// What keys and mouse do on the screen of many connections.

package tui

import (
	"slices"
	"time"

	"flowlab/diagnose/board"
	"flowlab/tui/parts"
	"flowlab/tui/settings"
)

// step is how far a key scrubs: a second of the rows, a column of the chart.
func (w *watch) step() time.Duration {
	if w.one == nil {
		return time.Second
	}
	width, _ := w.screen.size()
	return max(10*time.Millisecond, w.clock.source.Span().Length()/time.Duration(max(1, width-parts.Gutter)))
}

// meaning is the key that is meant by one that was pressed: what is typed is that.
func (w *watch) meaning(key string) string {
	if w.all.typing || w.line.open {
		return key
	}
	return w.screen.keys.Meaning(settings.Watch, key)
}

// press does what a key is for. It is true if the key leaves the screen.
func (w *watch) press(key string) (quit bool) {
	if w.all.snapshot == nil {
		w.tick(time.Now())
	}
	w.drawn = false
	w.notice = notice{}
	switch {
	case w.all.typing:
		w.all.enter(key)
		return false
	case w.line.open:
		c := w.line.press(key)
		return c != nil && w.apply(c, time.Now())
	}
	used, err := w.screen.press(key)
	if err != nil {
		w.refuse(err.Error(), time.Now())
	}
	switch {
	case used:
	case w.help:
		w.help = false
		return key == "ctrl-c"
	case key == "q", key == "ctrl-c", key == "esc" && w.one == nil:
		return true
	case key == "?":
		w.help = true
	case key == ":":
		w.line.begin()
	case key == "e":
		w.export("", time.Now())
	case key == "y":
		w.copy(time.Now())
	case key == "M":
		w.mask(w.clock.mask == nil, time.Now())
	case w.clock.scrub(key, w.step(), time.Now()):
	case key == "esc", key == "backspace":
		w.back()
	case w.one != nil:
		w.one.press(key)
	case key == "enter":
		w.open(w.all.selected())
	default:
		w.all.press(key)
	}
	return false
}

// open shows a connection alone, if there is one.
func (w *watch) open(r *board.Row) {
	if r != nil {
		w.one = newConnection(&w.clock, r)
		w.clock.source.Choose(r.Number)
		w.all.snapshot = nil // so that it is asked for again, with what is chosen
		w.tick(time.Now())
	}
}

// back goes from a stream to its connection, and from there to the table.
func (w *watch) back() {
	if w.one != nil && w.one.stream {
		w.one.stream = false
		return
	}
	w.table()
}

// table shows the table.
func (w *watch) table() {
	w.one = nil
	w.clock.source.Choose(0)
}

// click does what the mouse is for.
func (w *watch) click(m Mouse) {
	hit, ok := w.screen.shown.Hit(m.X, m.Y)
	if !ok || w.help || m.Dragged || w.line.open || w.all.typing {
		return
	}
	w.drawn = false
	up := map[Button]string{WheelUp: "up", WheelDown: "down"}[m.Button]
	switch {
	case up != "" && hit.Name != chartRegion:
		w.press(up)
	case hit.Name == tableRegion && m.Button == LeftButton:
		if w.all.click(hit.X, hit.Y) {
			w.open(w.all.selected())
		}
	case hit.Name == streamRegion && m.Button == LeftButton:
		if row, _, ok := w.one.streams.At(hit.X, hit.Y); ok && row >= 0 {
			w.one.choose(row)
		}
	case hit.Name == chartRegion && w.one != nil && w.one.view != nil:
		h := w.one.view.Directions[w.one.from].History
		from, to := h[0].Interval.Start, h[len(h)-1].Interval.End
		at := from.Add(to.Sub(from) * time.Duration(hit.X) / time.Duration(max(1, hit.W)))
		w.clock.instant.show(w.clock.since(at), w.clock.now)
	}
}

// keys says what keys do, the most important first.
func (w *watch) keys(g *parts.Glyphs) []parts.KeyHelp {
	key := func(does string, actions ...string) parts.KeyHelp {
		return parts.KeyHelp{Keys: w.screen.keys.Shown(g, settings.Watch, actions...), Does: does}
	}
	scrub := []parts.KeyHelp{key("scrub", "earlier", "later"), key("stalls", "previous-mark", "next-mark")}
	if w.clock.instant.held {
		last := "live"
		if w.clock.player != nil {
			last = "end"
		}
		scrub = append(scrub, key(last, "present"))
	}
	rest := []parts.KeyHelp{key("quit", "quit"), key("help", "help"), key("freeze", "freeze")}
	if w.clock.player != nil {
		scrub = append([]parts.KeyHelp{key("play", "freeze"), key("speed", "slower", "faster")}, scrub...)
		rest = rest[:2]
	}
	more := []parts.KeyHelp{key("copy", "copy"), key("export", "export"), key("command", "command")}
	if w.one != nil {
		return slices.Concat([]parts.KeyHelp{key("back", "back"), key("direction", "direction"), key("stream", "open")}, scrub, rest, more)
	}
	return slices.Concat([]parts.KeyHelp{key("open", "open"), key("filter", "filter"), key("sort: "+w.all.by.String(), "sort")}, scrub, rest, more)
}
