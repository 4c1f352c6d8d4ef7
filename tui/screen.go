package tui

import (
	"fmt"
	"os"

	"github.com/gdamore/tcell/v2"
	"github.com/rivo/uniseg"
)

// screen is a terminal that pictures are shown on.
type screen struct {
	terminal tcell.Screen
	styles   [numInks]tcell.Style
	glyphs   *glyphs
	events   chan tcell.Event

	next, shown frame
}

// openScreen takes over the terminal of this process.
func openScreen() (*screen, error) {
	terminal, err := tcell.NewScreen()
	if err != nil {
		return nil, fmt.Errorf("open the terminal: %w", err)
	}
	return newScreen(terminal)
}

// newScreen takes over a terminal. Whoever does must close it.
func newScreen(terminal tcell.Screen) (*screen, error) {
	if err := terminal.Init(); err != nil {
		return nil, fmt.Errorf("open the terminal: %w", err)
	}
	s := &screen{
		terminal: terminal,
		styles:   palette(os.Getenv("NO_COLOR") == "" && terminal.Colors() >= 16),
		glyphs:   &unicodeGlyphs,
		events:   make(chan tcell.Event),
	}
	if terminal.CharacterSet() != "UTF-8" || uniseg.EastAsianAmbiguousWidth != 1 {
		s.glyphs = &asciiGlyphs
	}
	terminal.HideCursor()
	go terminal.ChannelEvents(s.events, nil) // ends, and closes events, with the terminal
	return s, nil
}

// close gives the terminal back as it was.
func (s *screen) close() { s.terminal.Fini() }

// size returns the terminal's columns and rows.
func (s *screen) size() (width, height int) { return s.terminal.Size() }

// draw makes a picture and shows it. Only the cells that differ from the one
// before are given to the terminal, which would take every cell that was
// cleared in between for a change.
func (s *screen) draw(picture func(*frame)) {
	f := &s.next
	f.glyphs = s.glyphs
	f.reset(s.size())
	picture(f)
	if s.shown.width != f.width || s.shown.height != f.height {
		s.terminal.Clear()
		s.shown.reset(f.width, f.height)
	}
	for i, c := range f.cells {
		if c != s.shown.cells[i] && c.text != "" {
			s.terminal.Put(i%f.width, i/f.width, c.text, s.styles[c.ink])
		}
	}
	s.terminal.Show()
	s.next, s.shown = s.shown, s.next
}
