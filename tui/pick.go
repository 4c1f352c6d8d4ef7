package tui

import (
	"context"

	"flowlab/scenarios"
)

// Pick lets the user of this process's terminal choose a scenario. It returns
// nil if none was chosen, or ctx was done before. The error is that of the
// terminal.
func Pick(ctx context.Context, list []*scenarios.Scenario) (*scenarios.Scenario, error) {
	screen, err := openScreen()
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
			key, err := keyOf(e)
			switch {
			case err != nil:
				return nil, err
			case quits(key):
				return nil, nil
			case key == "enter" && len(p.list) > 0:
				return p.list[p.chosen], nil
			}
			p.press(key)
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
func (p *picker) draw(f *frame) {
	const besides = 2 + 1 + 3 + 1 // the head, an empty row, what it teaches, the keys
	rest := f.area()
	p.rows = max(1, min(len(p.list), rest.h-besides))

	rest.take(2).put(1, 0, strong, "Choose a scenario")
	p.drawList(rest.take(p.rows))
	rest.take(1)
	p.drawTeaches(rest.take(3))
	rest.take(rest.h - 1)
	drawKeys(rest, []keyHelp{{"up/down", "choose"}, {"Enter", "run"}, {"q", "quit"}})
}

func (p *picker) drawList(a area) {
	first := max(0, min(p.chosen-a.h/2, len(p.list)-a.h))
	for y := range min(a.h, len(p.list)) {
		s := p.list[first+y]
		k, mark := plain, " "
		if first+y == p.chosen {
			k, mark = strong, a.f.glyphs.chosen
		}
		a.put(1, y, k, mark)
		x := a.put(3, y, k, a.fit(s.Title, a.w-4))
		if x = max(x+2, 44); x+width(s.Name) < a.w {
			a.put(x, y, faint, s.Name)
		}
	}
}

func (p *picker) drawTeaches(a area) {
	if len(p.list) == 0 {
		return
	}
	for y, line := range wrap(p.list[p.chosen].Teaches, a.w-4) {
		a.put(3, y, plain, line)
	}
}
