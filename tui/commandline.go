// The line in which a command is typed, and what all screens do with one.

package tui

import (
	"errors"
	"time"

	"flowlab/scenarios"
	"flowlab/tui/command"
	"flowlab/tui/parts"
)

// commandLine is the last line of a screen while a command is typed.
type commandLine struct {
	view  command.View
	words func(kind string) []string // of what the screen knows: knobs, interfaces, streams

	open    bool
	input   parts.Input
	mistake string // what is wrong with what was entered
}

// begin opens the line. What was typed before can be had back by up.
func (l *commandLine) begin() {
	l.open, l.mistake = true, ""
	l.input.Prompt = ":"
	l.input.Complete = func(before string) (int, []string) { return command.Complete(l.view, before, l.words) }
	l.input.Set("")
}

// forget forgets all that was typed.
func (l *commandLine) forget() { *l = commandLine{view: l.view, words: l.words} }

// press takes in a key, and returns the command that was entered, nil if none was.
func (l *commandLine) press(key string) command.Command {
	l.mistake = ""
	switch l.input.Press(key) {
	case parts.Abandoned:
		l.open = false
	case parts.Entered:
		text := l.input.Text()
		if text == "" {
			l.open = false
			return nil
		}
		c, err := command.Parse(l.view, text)
		if err != nil {
			l.mistake = mistakeText(err)
			return nil // it can be mended
		}
		l.input.Remember(text)
		l.open = false
		return c
	}
	return nil
}

// mistakeText is what is wrong, and what would be right.
func mistakeText(err error) string {
	if m, ok := errors.AsType[*scenarios.Mistake](err); ok {
		return m.Problem + ": " + m.Hint
	}
	return err.Error()
}

// draw draws the line at the end of an area: above it what is wrong, or what may stand
// there.
func (l *commandLine) draw(a parts.Area) {
	if l.mistake == "" {
		l.input.Draw(a.TakeLast(2))
		return
	}
	line := a.TakeLast(1)
	line.Clear()
	l.input.Draw(line)
	notice{text: l.mistake, ink: parts.Alarm}.draw(a)
}

// obey does what a command asks for that is the same on every screen, if it is.
func (s *screen) obey(c command.Command) bool {
	switch c := c.(type) {
	case command.Theme:
		s.use(c.Theme)
	case command.Plots:
		s.glyphs = c.Glyphs
	case command.Mouse:
		s.answerMouse(c.On)
	default:
		return false
	}
	return true
}

// notice is something that is said for a while in the place of the keys.
type notice struct {
	text  string
	ink   parts.Ink
	until time.Time
}

// saidTime is how long what was done is said.
const saidTime = 8 * time.Second

// over takes back what has been said for long enough. It is true if it did.
func (n *notice) over(now time.Time) bool {
	if n.text == "" || now.Before(n.until) {
		return false
	}
	*n = notice{}
	return true
}

// draw says it at the end of an area, in at most so many lines.
func (n notice) draw(a parts.Area) {
	const most = 4
	lines := parts.Wrap(n.text, a.W-2)
	lines = lines[:min(len(lines), most)]
	rows := a.TakeLast(len(lines))
	rows.Clear()
	for y, line := range lines {
		rows.Put(1, y, n.ink, rows.Fit(line, rows.W-2))
	}
}
