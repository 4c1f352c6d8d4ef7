package tui

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/gdamore/tcell/v2"
	"github.com/rivo/uniseg"

	"flowlab/tui/parts"
	"flowlab/tui/settings"
)

// screen is a terminal that pictures are shown on. This file is the only one
// that knows tcell.
type screen struct {
	terminal tcell.Screen
	events   chan any // Key, Mouse, Resize or error; closed with the terminal
	closed   chan struct{}
	close    func() // gives the terminal back as it was

	keys    settings.Keys
	mouse   bool // is answered here, and not by the terminal
	glyphs  *parts.Glyphs
	theme   *parts.Theme // that was asked for
	colours int          // that the terminal has and its user wants
	styles  [parts.NumInks]tcell.Style
	bare    [parts.NumInks]bool // what is drawn so leaves the ground of a cell as it is

	next, shown parts.Canvas
	anew        bool // the next picture is shown whole
}

// openScreen takes over the terminal of this process, as its user wants it.
func openScreen(set *settings.Settings) (*screen, error) {
	terminal, err := tcell.NewScreen()
	if err != nil {
		return nil, fmt.Errorf("open the terminal: %w", err)
	}
	return newScreen(terminal, os.Getenv("TERM"), set)
}

// newScreen takes over a terminal of that kind. Whoever does must close it.
func newScreen(terminal tcell.Screen, kind string, set *settings.Settings) (*screen, error) {
	if err := terminal.Init(); err != nil {
		return nil, fmt.Errorf("open the terminal: %w", err)
	}
	s := &screen{
		terminal: terminal,
		events:   make(chan any),
		closed:   make(chan struct{}),
		keys:     set.Keys,
		glyphs:   set.Plots,
	}
	if s.glyphs == nil {
		s.glyphs = glyphsFor(kind, terminal.CharacterSet(), uniseg.EastAsianAmbiguousWidth)
	}
	s.close = sync.OnceFunc(func() {
		close(s.closed)
		terminal.Fini()
	})
	if os.Getenv("NO_COLOR") == "" {
		s.colours = terminal.Colors()
	}
	s.use(set.Theme)
	s.answerMouse(set.Mouse)
	terminal.HideCursor()
	go s.listen()
	return s, nil
}

// glyphsFor is what a terminal can show: of what kind it is (TERM), its
// character set, and how many columns it gives to characters that are narrow in
// some countries and wide in others. The console of Linux has neither eighths
// nor braille in its font.
func glyphsFor(kind, charset string, ambiguous int) *parts.Glyphs {
	if charset != "UTF-8" || ambiguous != 1 || kind == "dumb" || kind == "linux" {
		return &parts.ASCII
	}
	return &parts.Block
}

// use shows pictures in a theme from now on; without colours if the terminal has
// fewer than it needs, or its user wants none (NO_COLOR).
func (s *screen) use(t *parts.Theme) {
	s.theme = t
	if s.colours < t.Colours {
		t = &parts.Mono
	}
	for i := range s.styles {
		style := t.Style(parts.Ink(i))
		_, ground := style.Back.Number()
		s.styles[i], s.bare[i] = styleOf(style), !ground && !style.Reverse && !style.Underline
	}
	s.anew = true
}

// styleOf says a style in tcell's words.
func styleOf(st parts.Style) tcell.Style {
	style := tcell.StyleDefault.Bold(st.Bold).Dim(st.Dim).Reverse(st.Reverse).Underline(st.Underline)
	if n, ok := st.Fore.Number(); ok {
		style = style.Foreground(tcell.PaletteColor(n))
	}
	if n, ok := st.Back.Number(); ok {
		style = style.Background(tcell.PaletteColor(n))
	}
	return style
}

// answerMouse makes the mouse this program's, or leaves it to the terminal, which
// then selects text with it.
func (s *screen) answerMouse(on bool) {
	s.mouse = on
	if on {
		s.terminal.EnableMouse(tcell.MouseDragEvents)
	} else {
		s.terminal.DisableMouse()
	}
}

// press does what a key is for on every screen, if it is; the error says why it could
// not be done.
func (s *screen) press(key string) (used bool, err error) {
	switch key {
	case "m":
		s.answerMouse(!s.mouse)
	case "t":
		all := parts.Themes()
		s.use(all[(slices.Index(all, s.theme)+1)%len(all)])
	case "ctrl-z":
		return true, s.suspend()
	default:
		return false, nil
	}
	return true, nil
}

// size returns the terminal's columns and rows.
func (s *screen) size() (width, height int) { return s.terminal.Size() }

// blank is a cell in which nothing is to be seen, whatever the ink, if that is bare. It
// takes that of the cell before it, as each change of ink costs a dozen bytes.
var blank = parts.Cell{Text: " "}

// draw makes a picture and shows it. Only the cells that differ from the one
// before are given to the terminal, which would take every cell that was
// cleared in between for a change.
func (s *screen) draw(picture func(*parts.Canvas)) {
	c := &s.next
	c.Glyphs = s.glyphs
	c.Reset(s.size())
	picture(c)
	width, height := c.Size()
	if w, h := s.shown.Size(); s.anew || w != width || h != height {
		s.terminal.Clear()
		s.shown.Reset(width, height)
		s.anew = false
	}
	before := s.shown.Cells()
	var pen parts.Ink // of the cell that was given before
	for i, cell := range c.Cells() {
		if cell == before[i] || cell.Text == "" {
			continue
		}
		if cell != blank || !s.bare[pen] {
			pen = cell.Ink
		}
		s.terminal.Put(i%width, i/width, cell.Text, s.styles[pen])
	}
	s.terminal.Show()
	s.next, s.shown = s.shown, s.next
}

// listen passes on what happens at the terminal until it is closed.
func (s *screen) listen() {
	defer close(s.events)
	var held tcell.ButtonMask
	for {
		e := s.terminal.PollEvent()
		if e == nil {
			return
		}
		told := eventOf(e, &held)
		if told == nil {
			continue
		}
		select {
		case s.events <- told:
		case <-s.closed:
			return
		}
	}
}

// eventOf says in this package's words what happened; nil for what is of no use.
// The mouse's buttons that were held before are kept in held.
func eventOf(e tcell.Event, held *tcell.ButtonMask) any {
	switch e := e.(type) {
	case *tcell.EventError:
		return error(e)
	case *tcell.EventResize:
		width, height := e.Size()
		return Resize{width, height}
	case *tcell.EventKey:
		if name := keyName(e); name != "" {
			return Key{name}
		}
	case *tcell.EventMouse:
		before := *held
		*held = e.Buttons()
		for _, b := range buttons {
			if e.Buttons()&b.mask != 0 {
				x, y := e.Position()
				return Mouse{X: x, Y: y, Button: b.button, Dragged: before&b.mask != 0 && b.mask < tcell.WheelUp}
			}
		}
	}
	return nil
}

// buttons are tcell's of those that have a meaning here.
var buttons = []struct {
	mask   tcell.ButtonMask
	button Button
}{
	{tcell.WheelUp, WheelUp}, {tcell.WheelDown, WheelDown},
	{tcell.ButtonPrimary, LeftButton}, {tcell.ButtonMiddle, MiddleButton}, {tcell.ButtonSecondary, RightButton},
}

// keyNames names the keys that write no character.
var keyNames = map[tcell.Key]string{
	tcell.KeyLeft: "left", tcell.KeyRight: "right", tcell.KeyUp: "up", tcell.KeyDown: "down",
	tcell.KeyPgUp: "pgup", tcell.KeyPgDn: "pgdn", tcell.KeyHome: "home", tcell.KeyEnd: "end",
	tcell.KeyInsert: "insert", tcell.KeyDelete: "delete",
	tcell.KeyEnter: "enter", tcell.KeyEscape: "esc", tcell.KeyTab: "tab", tcell.KeyBackspace: "backspace",
}

// keyName is the name of a key, as [Key] spells it.
func keyName(e *tcell.EventKey) string {
	mods, name := e.Modifiers(), keyNames[e.Key()]
	switch k := e.Key(); {
	case name != "":
	case k == tcell.KeyBacktab:
		name, mods = "tab", mods|tcell.ModShift
	case k == tcell.KeyRune:
		// A character that Shift changes says so itself.
		name, mods = string(e.Rune()), mods&^tcell.ModShift
		if name == " " {
			name = "space"
		}
	case k >= tcell.KeySOH && k <= tcell.KeySUB: // a control character, of which A is the first
		name, mods = string('a'+rune(k-tcell.KeySOH)), mods|tcell.ModCtrl
	case k >= tcell.KeyCtrlA && k <= tcell.KeyCtrlZ:
		name, mods = string('a'+rune(k-tcell.KeyCtrlA)), mods|tcell.ModCtrl
	case k >= tcell.KeyF1 && k <= tcell.KeyF12:
		name = fmt.Sprintf("f%d", k-tcell.KeyF1+1)
	default:
		return ""
	}
	var b strings.Builder
	for _, m := range []struct {
		mod  tcell.ModMask
		name string
	}{{tcell.ModCtrl, "ctrl-"}, {tcell.ModAlt, "alt-"}, {tcell.ModShift, "shift-"}} {
		if mods&m.mod != 0 {
			b.WriteString(m.name)
		}
	}
	return b.String() + name
}
