// The screen of many connections: a table of all, or one of them.

package tui

import (
	"context"
	"time"

	"flowlab/tui/command"
	"flowlab/tui/parts"
	"flowlab/tui/settings"
)

// Watch shows what there is on the terminal of this process until its user quits, or ctx
// is done; done, if it is not nil, is closed when no more packets will come. It returns
// whether addresses were masked at the end. The error is that of the terminal.
func Watch(ctx context.Context, what Subject, done <-chan struct{}, set *settings.Settings) (masked bool, err error) {
	screen, err := openScreen(set)
	if err != nil {
		return what.Masked, err
	}
	w := newWatch(screen, what)
	w.done = done
	err = w.show(ctx)
	return w.clock.mask != nil, err
}

// watch is the screen of a source.
type watch struct {
	screen *screen
	clock  clock
	what   Subject

	all    *connections
	one    *connection // nil while the table is shown
	line   commandLine
	notice notice
	saving saving
	help   bool
	done   <-chan struct{} // closed when no more packets will come; nil once that is known
	over   bool            // it is

	drawn         bool // nothing has changed since
	width, height int
	reading       string // how much of files was read
}

func newWatch(screen *screen, what Subject) *watch {
	w := &watch{screen: screen, what: what, clock: clock{source: what.Source}, saving: newSaving()}
	w.all = newConnections(w.words)
	w.line = commandLine{view: command.Watch, words: w.words}
	if what.Masked {
		w.clock.mask = what.Mask
	}
	return w
}

// show has the screen until its user leaves it, or ctx is done.
func (w *watch) show(ctx context.Context) error {
	stop := w.saving.begin(ctx)
	defer stop()
	return w.screen.loop(ctx, w)
}

// key does what a key that was pressed is for.
func (w *watch) key(name string) (quit bool) { return w.press(w.meaning(name)) }

// frame takes in what has ended, and draws.
func (w *watch) frame(now time.Time) error {
	select {
	case <-w.done:
		w.over, w.drawn, w.done = true, false, nil
	case r := <-w.saving.done:
		w.saved(r, now)
	default:
	}
	w.tick(now)
	return nil
}

// tick draws, if there is anything new.
func (w *watch) tick(now time.Time) {
	s := w.clock.look(now)
	width, height := w.screen.size()
	reading := w.readingText()
	if w.notice.over(now) {
		w.drawn = false
	}
	if w.drawn && s == w.all.snapshot && width == w.width && height == w.height && reading == w.reading {
		return
	}
	w.reading = reading
	if s != w.all.snapshot {
		w.all.show(s)
		if w.one != nil {
			w.one.find(s)
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
	bottom := rest
	w.drawHeader(rest.Take(1))
	foot := rest.TakeLast(1)
	if w.one != nil {
		w.one.draw(rest)
	} else {
		w.all.draw(rest)
	}
	switch {
	case w.line.open:
		w.line.draw(bottom)
	case w.all.typing:
		w.all.input.Draw(bottom.TakeLast(2))
	case w.notice.text != "":
		w.notice.draw(bottom)
	default:
		parts.Footer(foot, w.keys(c.Glyphs))
	}
	if w.help {
		parts.Help(c.Area(), "keys", w.screen.keys.Help(c.Glyphs, settings.Watch))
	}
}
