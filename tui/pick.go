// The picker: which scenario is to be run.

package tui

import (
	"context"

	"flowlab/scenarios"
	"flowlab/tui/command"
	"flowlab/tui/parts"
	"flowlab/tui/settings"
)

// Pick lets the user of this process's terminal choose a scenario of these groups, as the
// settings say; the one of that name is chosen at first. It returns nil if none was chosen, or ctx was done before. The error is
// that of the terminal.
func Pick(ctx context.Context, groups []scenarios.Group, name string, set *settings.Settings) (*scenarios.Entry, error) {
	screen, err := openScreen(set)
	if err != nil {
		return nil, err
	}
	p := newPicker(groups)
	p.choose(name)
	return p.show(ctx, screen)
}

// picker is a list of groups with one entry chosen.
type picker struct {
	groups []scenarios.Group
	rows   []pickRow // those that the filter lets through, under their groups' names
	chosen int       // of the rows; never a group's name, unless there is no entry
	first  int       // of the rows that the latest picture showed
	page   int       // rows that it had room for

	filter parts.Input
	typing bool
	help   bool
	line   commandLine
	notice string // why what was chosen cannot be run
	keys   settings.Keys
}

func newPicker(groups []scenarios.Group) *picker {
	p := &picker{groups: groups, page: 1, line: commandLine{view: command.Picker}}
	p.filter.Prompt = "/"
	p.sift()
	return p
}

// show draws and obeys keys until one is chosen. A panic in it passes on once
// the terminal is given back.
func (p *picker) show(ctx context.Context, screen *screen) (*scenarios.Entry, error) {
	defer screen.close()
	p.keys = screen.keys
	for {
		screen.draw(p.draw)
		select {
		case <-ctx.Done():
			return nil, nil
		case e, ok := <-screen.events:
			if !ok {
				return nil, nil
			}
			done := false
			switch e := e.(type) {
			case error:
				return nil, e
			case Mouse:
				done = p.click(screen, e)
			case Key:
				if e.Name == "ctrl-c" {
					return nil, nil
				}
				done = p.obey(screen, e.Name)
			}
			if done {
				return p.entry(), nil
			}
		}
	}
}

// obey does what a key is for. It is true if the picker is done.
func (p *picker) obey(screen *screen, key string) (done bool) {
	switch {
	case p.typing:
		p.enter(key)
		return false
	case p.line.open:
		c := p.line.press(key)
		return c != nil && p.do(screen, c)
	}
	key = p.keys.Meaning(settings.Picker, key)
	used, err := screen.press(key)
	if p.notice = ""; err != nil {
		p.notice = err.Error()
	}
	return !used && p.press(key)
}

// do does what a command asks for. It is true if the picker is done.
func (p *picker) do(screen *screen, c command.Command) (done bool) {
	if screen.obey(c) {
		return false
	}
	switch c := c.(type) {
	case command.Find:
		p.filter.Set(c.Words)
		p.sift()
	case command.Help:
		p.help = true
	case command.Quit:
		p.chosen = -1
		return true
	}
	return false
}

// press does what a key is for. It is true if the picker is done: the chosen entry is to
// be run, or nothing is, and then none is chosen.
func (p *picker) press(key string) (done bool) {
	switch {
	case p.help:
		p.help = false
	case key == "?":
		p.help = true
	case key == "/":
		p.typing = true
	case key == ":":
		p.line.begin()
	case key == "esc" && p.filter.Text() != "":
		p.filter.Set("")
		p.sift()
	case key == "q", key == "esc":
		p.chosen = -1
		return true
	case key == "enter":
		return p.runs()
	default:
		p.move(key)
	}
	return false
}

// enter takes in a key while the filter is typed. What it lets through is shown at once.
func (p *picker) enter(key string) {
	switch p.filter.Press(key) {
	case parts.Entered:
		p.typing = false
	case parts.Abandoned:
		p.filter.Set("")
		p.typing = false
	}
	p.sift()
}

// runs tells whether the chosen entry can be run, and says why if not.
func (p *picker) runs() bool {
	e := p.entry()
	if e != nil && e.Mistake != nil {
		p.notice = e.File + " has a mistake: mend it first"
	}
	return e != nil && e.Mistake == nil
}

// click does what the mouse is for: what is chosen already is to be run.
func (p *picker) click(screen *screen, m Mouse) (done bool) {
	hit, ok := screen.shown.Hit(m.X, m.Y)
	if !ok || p.help || m.Dragged {
		return false
	}
	switch row := p.first + hit.Y; {
	case m.Button == WheelUp:
		p.move("up")
	case m.Button == WheelDown:
		p.move("down")
	case m.Button != LeftButton || row >= len(p.rows) || p.rows[row].entry == nil:
	case row == p.chosen:
		return p.runs()
	default:
		p.chosen = row
	}
	return false
}
