package tui

import (
	"errors"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gdamore/tcell/v2"

	"flowlab/tui/parts"
)

func TestKeyNames(t *testing.T) {
	for _, c := range []struct {
		key  tcell.Key
		ch   rune
		mods tcell.ModMask
		want string
	}{
		{tcell.KeyRune, 'q', tcell.ModNone, "q"},
		{tcell.KeyRune, 'S', tcell.ModShift, "S"},
		{tcell.KeyRune, '?', tcell.ModNone, "?"},
		{tcell.KeyRune, '読', tcell.ModNone, "読"},
		{tcell.KeyRune, ' ', tcell.ModNone, "space"},
		{tcell.KeyRune, 'x', tcell.ModAlt, "alt-x"},
		{tcell.KeyRune, 'c', tcell.ModCtrl, "ctrl-c"},
		{tcell.KeyRune, 3, tcell.ModNone, "ctrl-c"},
		{tcell.KeyCtrlC, 0, tcell.ModCtrl, "ctrl-c"},
		{tcell.KeyCtrlW, 0, tcell.ModNone, "ctrl-w"},
		{tcell.KeyLeft, 0, tcell.ModNone, "left"},
		{tcell.KeyLeft, 0, tcell.ModShift, "shift-left"},
		{tcell.KeyRight, 0, tcell.ModCtrl | tcell.ModShift, "ctrl-shift-right"},
		{tcell.KeyPgDn, 0, tcell.ModNone, "pgdn"},
		{tcell.KeyEnter, 0, tcell.ModNone, "enter"},
		{tcell.KeyRune, '\t', tcell.ModNone, "tab"},
		{tcell.KeyTab, 0, tcell.ModShift, "shift-tab"},
		{tcell.KeyBacktab, 0, tcell.ModNone, "shift-tab"},
		{tcell.KeyBackspace2, 0, tcell.ModNone, "backspace"},
		{tcell.KeyEscape, 0, tcell.ModNone, "esc"},
		{tcell.KeyF1, 0, tcell.ModNone, "f1"},
		{tcell.KeyF12, 0, tcell.ModNone, "f12"},
		{tcell.KeyF13, 0, tcell.ModNone, ""}, // of no use
	} {
		if got := keyName(tcell.NewEventKey(c.key, c.ch, c.mods)); got != c.want {
			t.Errorf("key %d, %q with %d is %q, want %q", c.key, c.ch, c.mods, got, c.want)
		}
	}
}

// TestEvents: what happens at a terminal comes in its order, and nothing of
// what is of no use.
func TestEvents(t *testing.T) {
	screen, terminal := testScreen(t, 80, 24)
	screen.answerMouse(true)
	broken := tcell.NewEventError(errors.New("the terminal has gone"))
	terminal.InjectMouse(3, 4, tcell.ButtonNone, tcell.ModNone)
	terminal.InjectMouse(3, 4, tcell.ButtonPrimary, tcell.ModNone)
	terminal.InjectMouse(5, 4, tcell.ButtonPrimary, tcell.ModNone)
	terminal.InjectMouse(5, 4, tcell.ButtonNone, tcell.ModNone)
	terminal.InjectMouse(6, 7, tcell.WheelDown, tcell.ModNone)
	terminal.InjectMouse(6, 7, tcell.WheelDown, tcell.ModNone)
	terminal.InjectKey(tcell.KeyF13, 0, tcell.ModNone)
	terminal.InjectKey(tcell.KeyRune, 'x', tcell.ModNone)
	terminal.PostEvent(tcell.NewEventResize(100, 30))
	terminal.PostEvent(broken)
	for _, want := range []any{
		Mouse{X: 3, Y: 4, Button: LeftButton},
		Mouse{X: 5, Y: 4, Button: LeftButton, Dragged: true},
		Mouse{X: 6, Y: 7, Button: WheelDown},
		Mouse{X: 6, Y: 7, Button: WheelDown},
		Key{"x"}, Resize{100, 30}, error(broken),
	} {
		if got := nextEvent(t, screen); got != want {
			t.Errorf("%#v came, want %#v", got, want)
		}
	}
}

// nextEvent is the next that a screen tells of, but for the size that the test
// gave it.
func nextEvent(t *testing.T, s *screen) any {
	t.Helper()
	for {
		select {
		case e := <-s.events:
			if e != (Resize{80, 24}) {
				return e
			}
		case <-time.After(10 * time.Second):
			t.Fatal("nothing came for 10 s")
		}
	}
}

func TestGlyphsFor(t *testing.T) {
	for _, c := range []struct {
		kind, charset string
		ambiguous     int
		want          *parts.Glyphs
	}{
		{"xterm-256color", "UTF-8", 1, &parts.Block},
		{"xterm", "ISO8859-1", 1, &parts.ASCII},
		{"xterm", "UTF-8", 2, &parts.ASCII},
		{"linux", "UTF-8", 1, &parts.ASCII},
		{"dumb", "UTF-8", 1, &parts.ASCII},
	} {
		if got := glyphsFor(c.kind, c.charset, c.ambiguous); got != c.want {
			t.Errorf("%s, %s, %d columns: %s, want %s", c.kind, c.charset, c.ambiguous, got.Name, c.want.Name)
		}
	}
}

// TestThemes: another theme is seen at once, in every cell, and one that needs
// more colours than there are is shown without any.
func TestThemes(t *testing.T) {
	screen, terminal := testScreen(t, 80, 24)
	draw := func(c *parts.Canvas) { c.Area().Put(0, 0, parts.Alarm, "held") }
	colour := func() tcell.Color {
		screen.draw(draw)
		cells, _, _ := terminal.GetContents()
		fg, _, _ := cells[0].Style.Decompose()
		return fg
	}
	if got := colour(); got != tcell.ColorMaroon {
		t.Errorf("in the standard theme it is %v", got)
	}
	screen.use(&parts.ColourBlind)
	if got := colour(); got != tcell.PaletteColor(166) {
		t.Errorf("in the colour-blind theme it is %v", got)
	}
	screen.colours = 16
	screen.use(&parts.ColourBlind)
	if got := colour(); got != tcell.ColorDefault {
		t.Errorf("with 16 colours it is %v", got)
	}
}

// TestOneFileKnowsTcell: what draws is free of the terminal, so that another can
// take its place, and nothing but screen.go follows tcell's changes.
func TestOneFileKnowsTcell(t *testing.T) {
	var know []string
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, i := range file.Imports {
			if strings.HasPrefix(i.Path.Value, `"github.com/gdamore/tcell`) {
				know = append(know, path)
			}
		}
		return nil
	})
	if err != nil || !slices.Equal(know, []string{"screen.go"}) {
		t.Errorf("%q import tcell, %v", know, err)
	}
}
