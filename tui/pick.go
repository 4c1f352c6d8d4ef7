package tui

import (
	"context"
	"flowlab/tui/parts"
	"flowlab/tui/settings"

	"flowlab/scenarios"
)

// Pick lets the user of this process's terminal choose a scenario. It returns
// nil if none was chosen, or ctx was done before. The error is that of the
// terminal.
func Pick(ctx context.Context, list []*scenarios.Scenario, set *settings.Settings) (*scenarios.Scenario, error) {
	screen, err := openScreen(set)
	if err != nil {
		return nil, err
	}
	return (&picker{list: list}).show(ctx, screen)
}

// picker is a list with one line chosen.
type picker struct {
	list   []*scenarios.Scenario
	chosen int
	rows   int // of the list that the latest picture had room for
}

// show draws and obeys keys until one is chosen. A panic in it passes on once
// the terminal is given back.
func (p *picker) show(ctx context.Context, screen *screen) (*scenarios.Scenario, error) {
	defer screen.close()
	for {
		screen.draw(p.draw)
		select {
		case <-ctx.Done():
			return nil, nil
		case e, ok := <-screen.events:
			if !ok {
				return nil, nil
			}
			switch e := e.(type) {
			case error:
				return nil, e
			case Key:
				switch {
				case quits(e.Name):
					return nil, nil
				case e.Name == "enter" && len(p.list) > 0:
					return p.list[p.chosen], nil
				}
				p.press(e.Name)
			}
		}
	}
}

// press moves the choice, which stops at either end.
func (p *picker) press(key string) {
	last := len(p.list) - 1
	switch key {
	case "up", "k":
		p.chosen--
	case "down", "j":
		p.chosen++
	case "pgup":
		p.chosen -= p.rows
	case "pgdn":
		p.chosen += p.rows
	case "home":
		p.chosen = 0
	case "end":
		p.chosen = last
	}
	p.chosen = max(0, min(p.chosen, last))
}

// draw makes a picture: the list, what the chosen one teaches, and the keys.
func (p *picker) draw(c *parts.Canvas) {
	const besides = 2 + 1 + 3 + 1 // the head, an empty row, what it teaches, the keys
	rest := c.Area()
	p.rows = max(1, min(len(p.list), rest.H-besides))

	rest.Take(2).Put(1, 0, parts.Strong, "Choose a scenario")
	p.drawList(rest.Take(p.rows))
	rest.Take(1)
	p.drawTeaches(rest.Take(3))
	rest.Take(rest.H - 1)
	parts.Footer(rest, []parts.KeyHelp{{Keys: "up/down", Does: "choose"}, {Keys: "Enter", Does: "run"}, {Keys: "q", Does: "quit"}})
}

func (p *picker) drawList(a parts.Area) {
	first := max(0, min(p.chosen-a.H/2, len(p.list)-a.H))
	for y := range min(a.H, len(p.list)) {
		s := p.list[first+y]
		k, mark := parts.Plain, " "
		if first+y == p.chosen {
			k, mark = parts.Strong, a.Glyphs().Chosen
		}
		a.Put(1, y, k, mark)
		x := a.Put(3, y, k, a.Fit(s.Title, a.W-4))
		if x = max(x+2, 44); x+parts.Width(s.Name) < a.W {
			a.Put(x, y, parts.Faint, s.Name)
		}
	}
}

func (p *picker) drawTeaches(a parts.Area) {
	if len(p.list) == 0 {
		return
	}
	for y, line := range parts.Wrap(p.list[p.chosen].Teaches, a.W-4) {
		a.Put(3, y, parts.Plain, line)
	}
}

// quits tells whether a key leaves the picker.
func quits(key string) bool { return key == "q" || key == "esc" || key == "ctrl-c" }
