// The screen of a host's sockets: a table of all, or one of them.

package tui

import (
	"context"
	"fmt"
	"slices"
	"time"

	"flowlab/flow"
	"flowlab/sockets/looks"
	"flowlab/tui/command"
	"flowlab/tui/parts"
	"flowlab/tui/settings"
)

// Top shows what is looked at of a host's sockets on the terminal of this process, until
// its user quits, ctx is done, or failed gives the error for which nothing more can be
// looked at. At first those sockets are shown that the filter chooses, idle ones only if
// they are asked for. The error is that one, or that of the terminal.
func Top(ctx context.Context, source *looks.Looks, filter looks.Filter, idle bool, failed <-chan error, set *settings.Settings) error {
	screen, err := openScreen(set)
	if err != nil {
		return err
	}
	t := newTop(screen, source)
	t.all.filter, t.all.idle = filter, idle
	if set.Mask {
		t.mask(true)
	}
	t.failed = failed
	return screen.loop(ctx, t)
}

// top is the screen of a host's sockets.
type top struct {
	screen  *screen
	source  *looks.Looks
	failed  <-chan error // why nothing more can be looked at
	instant instant
	origin  flow.Time // of the first look; 0 before it

	snapshot *looks.Snapshot // that is shown
	latest   *looks.Snapshot
	masks    topMask
	all      *socketTable
	one      *socketView // nil while the table is shown
	line     commandLine
	help     bool

	drawn         bool // nothing has changed since
	width, height int
}

func newTop(screen *screen, source *looks.Looks) *top {
	return &top{screen: screen, source: source, all: newSocketTable(), line: commandLine{view: command.Top}}
}

// key does what a key that was pressed is for.
func (t *top) key(name string) (quit bool) { return t.press(t.meaning(name)) }

// frame draws, unless looking at sockets has failed.
func (t *top) frame(time.Time) error {
	select {
	case err := <-t.failed:
		return err
	default:
	}
	t.tick()
	return nil
}

// tick draws, if there is anything new.
func (t *top) tick() {
	width, height := t.screen.size()
	if fresh := t.look(); fresh || !t.drawn || width != t.width || height != t.height {
		t.screen.draw(t.draw)
		t.drawn, t.width, t.height = true, width, height
	}
}

// look takes the look that is to be shown, and tells whether there is another one, or a
// later one behind it.
func (t *top) look() (fresh bool) {
	latest := t.source.Snapshot()
	if t.origin == 0 {
		t.origin = t.source.Span().Start
	}
	shown := latest
	if t.instant.held {
		shown = t.source.At(t.origin.Add(t.instant.at))
		t.instant.at = shown.At.Sub(t.origin)
	}
	shown = t.masks.show(shown)
	fresh = shown != t.snapshot || latest != t.latest
	if shown != t.snapshot {
		t.all.show(shown)
	}
	if t.one != nil && latest != t.latest {
		t.one.past = t.source.Past(t.one.cookie)
	}
	t.snapshot, t.latest = shown, latest
	return fresh
}

// draw makes a picture.
func (t *top) draw(c *parts.Canvas) {
	rest := c.Area()
	if rest.W < leastWidth || rest.H < leastHeight {
		t.drawSmall(rest)
		return
	}
	t.drawHeader(rest.Take(1))
	foot := rest.TakeLast(1)
	if t.one != nil {
		t.one.draw(rest, t.snapshot, t.instant.held)
	} else {
		t.all.draw(rest)
	}
	switch {
	case t.line.open:
		t.line.draw(c.Area())
	case t.all.typing:
		foot.Clear()
		t.all.input.Prompt = "/"
		t.all.input.Draw(foot)
	default:
		parts.Footer(foot, t.keys(c.Glyphs))
	}
	if t.help {
		parts.Help(c.Area(), "keys", t.screen.keys.Help(c.Glyphs, settings.Top))
	}
}

// drawSmall says which size is needed, and no less than who is held.
func (t *top) drawSmall(a parts.Area) {
	a.Put(0, 0, parts.Faint, a.Fit(fmt.Sprintf("needs %dx%d, has %dx%d; q quits", leastWidth, leastHeight, a.W, a.H), a.W))
	if r := t.all.selected(); r != nil {
		for i, line := range parts.Wrap(socketSentence(r, t.snapshot.At).text(), a.W) {
			a.Put(0, 1+i, parts.Strong, line)
		}
	}
}

// drawHeader says how many sockets there are, and which look is shown.
func (t *top) drawHeader(a parts.Area) {
	state, k := " LIVE ", parts.Good
	if t.instant.held {
		state, k = " PAST ", parts.Notice
	}
	if t.masks.on {
		state = " MASKED" + state
	}
	x := a.PutRight(0, k, state)
	if t.instant.held {
		x = a.Columns(0, x-1).PutRight(0, parts.Plain, secondsText(t.latest.At.Sub(t.snapshot.At), 0)+" ago")
	}
	text := socketsText(t.snapshot)
	if t.one != nil {
		text = t.one.name
	}
	a.Put(1, 0, parts.Strong, a.Fit(text, x-3))
}

// socketsText says how many sockets there are, and what is wrong with them.
func socketsText(s *looks.Snapshot) string {
	if s.At == 0 {
		return "looking at this host's sockets"
	}
	held, path, unread := 0, 0, 0
	for i := range s.Rows {
		switch r := &s.Rows[i]; {
		case r.Held():
			held++
		case r.Cause == flow.Congestion:
			path++
		case r.OwnReader():
			unread++
		}
	}
	return fmt.Sprintf("%s connections, %d held, %d by the path alone, %d left unread here", flow.Grouped(len(s.Rows)), held, path, unread)
}

// meaning is the key that is meant by one that was pressed: what is typed is that.
func (t *top) meaning(key string) string {
	if t.all.typing || t.line.open {
		return key
	}
	return t.screen.keys.Meaning(settings.Top, key)
}

// press does what a key is for. It is true if the key leaves the screen.
func (t *top) press(key string) (quit bool) {
	if t.snapshot == nil {
		t.look()
	}
	t.drawn = false
	switch {
	case t.all.typing:
		t.all.enter(key)
		return false
	case t.line.open:
		c := t.line.press(key)
		return c != nil && t.obey(c)
	}
	used, err := t.screen.press(key)
	if err != nil {
		t.all.mistake = err.Error()
	}
	switch {
	case used:
	case t.help:
		t.help = false
		return key == "ctrl-c"
	case key == "q", key == "ctrl-c", key == "esc" && t.one == nil:
		return true
	case key == "?":
		t.help = true
	case key == ":":
		t.line.begin()
	case key == "M":
		t.mask(!t.masks.on)
	case t.scrub(key):
	case key == "esc", key == "backspace":
		t.one = nil
	case t.one != nil:
	case key == "enter":
		t.open()
	default:
		t.all.press(key)
	}
	return false
}

// obey does what a command asks for. It is true if that is to leave the screen.
func (t *top) obey(c command.Command) (quit bool) {
	if t.screen.obey(c) {
		return false
	}
	switch c := c.(type) {
	case command.Find:
		t.all.sift(c.Words)
	case command.Go:
		if t.origin != 0 {
			t.instant.goTo(c, t.latest.At.Sub(t.origin))
		}
	case command.Mask:
		t.mask(c.On)
	case command.Help:
		t.help = true
	case command.Quit:
		return true
	}
	return false
}

// lookKeys are the keys that go to another look, and by how many.
var lookKeys = map[string]int{"left": -1, "right": 1, "shift-left": -strides, "shift-right": strides}

// scrub does what a key is for, if it is about time.
func (t *top) scrub(key string) bool {
	if t.origin == 0 {
		return false
	}
	now := t.latest.At.Sub(t.origin)
	by, isLook := lookKeys[key]
	if !isLook {
		return t.instant.scrub(key, now, 0, t.marks)
	}
	from := t.latest.At
	if t.instant.held {
		from = t.origin.Add(t.instant.at)
	}
	if to := t.source.Beside(from, by); by < 0 || to < t.latest.At {
		t.instant.show(to.Sub(t.origin), now)
	} else {
		t.instant = instant{}
	}
	return true
}

// marks are the looks at which something began or ceased to be held.
func (t *top) marks() (marks []time.Duration) {
	cookie := uint64(0)
	if t.one != nil {
		cookie = t.one.cookie
	}
	for _, m := range t.source.Marks(cookie) {
		marks = append(marks, m.Sub(t.origin))
	}
	return marks
}

// open shows the selected socket alone.
func (t *top) open() {
	if r := t.all.selected(); r != nil {
		t.one = newSocketView(r)
		t.one.past = t.source.Past(r.Cookie)
	}
}

// click does what the mouse is for.
func (t *top) click(m Mouse) {
	hit, ok := t.screen.shown.Hit(m.X, m.Y)
	if !ok || t.help || m.Dragged || t.snapshot == nil {
		return
	}
	t.drawn = false
	switch {
	case m.Button == WheelUp:
		t.press("up")
	case m.Button == WheelDown:
		t.press("down")
	case hit.Name == tableRegion && m.Button == LeftButton:
		if t.all.click(hit.X, hit.Y) {
			t.open()
		}
	case hit.Name == chartRegion && t.one != nil:
		t.instant.show(t.one.at(hit.X, hit.W).Sub(t.origin), t.latest.At.Sub(t.origin))
	}
}

// keys says what keys do, the most important first.
func (t *top) keys(g *parts.Glyphs) []parts.KeyHelp {
	key := func(does string, actions ...string) parts.KeyHelp {
		return parts.KeyHelp{Keys: t.screen.keys.Shown(g, settings.Top, actions...), Does: does}
	}
	scrub := []parts.KeyHelp{key("scrub", "earlier", "later"), key("stalls", "previous-mark", "next-mark")}
	if t.instant.held {
		scrub = append([]parts.KeyHelp{key("live", "present")}, scrub...)
	}
	rest := []parts.KeyHelp{key("quit", "quit"), key("help", "help"), key("freeze", "freeze")}
	if t.one != nil {
		return slices.Concat([]parts.KeyHelp{key("back", "back")}, scrub, rest)
	}
	idle := "show idle"
	if t.all.idle {
		idle = "hide idle"
	}
	return slices.Concat([]parts.KeyHelp{key("open", "open"), key("filter", "filter"), key("sort: "+t.all.by.String(), "sort"), key(idle, "idle")}, scrub, rest)
}
