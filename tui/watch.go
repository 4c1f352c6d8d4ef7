// The screen of many connections: a table of all, or one of them.

package tui

import (
	"context"
	"fmt"
	"slices"
	"time"

	"flowlab/diagnose/board"
	"flowlab/tui/parts"
	"flowlab/tui/settings"
)

// Watch shows the connections of a source on the terminal of this process until its user
// quits, or ctx is done; done, if it is not nil, is closed when no more packets will come.
// The title says what is watched. The error is that of the terminal.
func Watch(ctx context.Context, source Source, title string, done <-chan struct{}, set *settings.Settings) error {
	screen, err := openScreen(set)
	if err != nil {
		return err
	}
	return newWatch(screen, source, title).show(ctx, done)
}

// watch is the screen of a source.
type watch struct {
	screen *screen
	clock  clock
	title  string

	all  *connections
	one  *connection // nil while the table is shown
	help bool
	over bool // no more packets will come

	drawn         bool // nothing has changed since
	width, height int
}

func newWatch(screen *screen, source Source, title string) *watch {
	return &watch{screen: screen, clock: clock{source: source}, title: title, all: newConnections()}
}

// show draws and obeys keys until there is no more to show. A panic in it passes on once
// the terminal is given back.
func (w *watch) show(ctx context.Context, done <-chan struct{}) error {
	defer w.screen.close()
	frames := time.NewTicker(framePause)
	defer frames.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-done:
			w.over, w.drawn, done = true, false, nil
		case e, ok := <-w.screen.events:
			if !ok {
				return nil
			}
			switch e := e.(type) {
			case error:
				return e
			case Mouse:
				w.click(e)
			case Key:
				if w.press(w.meaning(e.Name)) {
					return nil
				}
			}
		case now := <-frames.C:
			w.tick(now)
		}
	}
}

// tick draws, if there is anything new.
func (w *watch) tick(now time.Time) {
	s := w.clock.look(now)
	width, height := w.screen.size()
	if w.drawn && s == w.all.snapshot && width == w.width && height == w.height {
		return
	}
	if s != w.all.snapshot {
		w.all.show(s)
		if w.one != nil {
			w.one.show(s.Chosen)
		}
	}
	w.screen.draw(w.draw)
	w.drawn, w.width, w.height = true, width, height
}

// draw makes a picture.
func (w *watch) draw(c *parts.Canvas) {
	rest := c.Area()
	if rest.W < leastWidth || rest.H < leastHeight {
		w.drawSmall(rest)
		return
	}
	w.drawHeader(rest.Take(1))
	foot := rest.TakeLast(1)
	if w.one != nil {
		w.one.draw(rest)
	} else {
		w.all.draw(rest)
	}
	g := c.Glyphs
	switch {
	case w.all.typing:
		foot.Clear()
		w.all.input.Prompt = "/"
		w.all.input.Draw(foot)
	default:
		parts.Footer(foot, w.keys(g))
	}
	if w.help {
		parts.Help(c.Area(), "keys", w.screen.keys.Help(g, settings.Watch))
	}
}

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
	text := w.title + "  " + countsText(s)
	if w.one != nil {
		text = w.one.name
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
	if w.all.typing {
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
	if w.all.typing {
		w.all.enter(key)
		return false
	}
	used, err := w.screen.press(key)
	if err != nil {
		w.all.mistake = err.Error()
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
	case w.clock.scrub(key, w.step(), time.Now()):
	case key == "esc", key == "backspace":
		w.back()
	case w.one != nil:
		w.one.press(key)
	case key == "enter":
		w.open()
	default:
		w.all.press(key)
	}
	return false
}

// open shows the selected connection alone.
func (w *watch) open() {
	if r := w.all.selected(); r != nil {
		w.one = newConnection(&w.clock, r)
		w.clock.source.Choose(r.Number)
		w.all.snapshot = nil // so that it is asked for again, with what is chosen
		w.tick(time.Now())
	}
}

// back goes from a stream to its connection, and from there to the table.
func (w *watch) back() {
	if w.one.stream {
		w.one.stream = false
		return
	}
	w.one = nil
	w.clock.source.Choose(0)
}

// click does what the mouse is for.
func (w *watch) click(m Mouse) {
	hit, ok := w.screen.shown.Hit(m.X, m.Y)
	if !ok || w.help || m.Dragged {
		return
	}
	w.drawn = false
	up := map[Button]string{WheelUp: "up", WheelDown: "down"}[m.Button]
	switch {
	case up != "" && hit.Name != chartRegion:
		w.press(up)
	case hit.Name == tableRegion && m.Button == LeftButton:
		if w.all.click(hit.X, hit.Y) {
			w.open()
		}
	case hit.Name == streamRegion && m.Button == LeftButton:
		if row, _, ok := w.one.streams.At(hit.X, hit.Y); ok && row >= 0 {
			w.one.streams.Choose(row)
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
	if w.one != nil {
		return slices.Concat([]parts.KeyHelp{key("back", "back"), key("direction", "direction"), key("stream", "open")}, scrub, rest)
	}
	return slices.Concat([]parts.KeyHelp{key("open", "open"), key("filter", "filter"), key("sort: "+w.all.by.String(), "sort")}, scrub, rest)
}
