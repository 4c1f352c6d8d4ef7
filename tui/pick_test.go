package tui

import (
	"testing"

	"github.com/gdamore/tcell/v2"

	"flowlab/scenarios"
)

func TestPicker(t *testing.T) {
	list := []*scenarios.Scenario{
		{Name: "healthy", Title: "A healthy transfer", Teaches: "With room in every window, the path decides; the receiver has no part in it."},
		{Name: "reader-stops", Title: "The reader stops", Teaches: "A receiver that stops reading closes its window; the sender may only probe."},
		{Name: "nagle-and-delayed-ack", Title: "Nagle's algorithm and the delayed ACK", Teaches: "A sender that waits for an ACK, and a receiver that waits to send one."},
		{Name: "long", Title: "One whose title would be longer than any row of a small terminal", Teaches: "To cut."},
		{Name: "silent", Title: "One that teaches nothing"},
		{Name: "last", Title: "The last", Teaches: "To scroll."},
		{Name: "one-more", Title: "One more", Teaches: "Not to be seen on a small terminal."},
	}
	for _, size := range [][2]int{{80, 24}, {40, 12}} {
		screen, terminal := testScreen(t, size[0], size[1])
		p := &picker{list: list}
		screen.draw(p.draw)
		p.press("pgdn")
		screen.draw(p.draw)
		golden(t, map[int]string{80: "pick-80x24", 40: "pick-40x12"}[size[0]], shownOn(terminal))
	}
}

func TestPickerMoves(t *testing.T) {
	p := &picker{list: scenarios.Builtins(), rows: 4}
	last := len(p.list) - 1
	for _, c := range []struct {
		key  string
		want int
	}{
		{"up", 0}, {"down", 1}, {"j", 2}, {"k", 1}, {"pgdn", 5}, {"pgup", 1}, {"pgup", 0},
		{"end", last}, {"j", last}, {"home", 0}, {"x", 0},
	} {
		if p.press(c.key); p.chosen != c.want {
			t.Fatalf("after %s line %d is chosen, want %d", c.key, p.chosen, c.want)
		}
	}
}

func TestPick(t *testing.T) {
	list := scenarios.Builtins()
	for name, c := range map[string]struct {
		keys []tcell.Key
		want *scenarios.Scenario
	}{
		"the second":       {[]tcell.Key{tcell.KeyDown, tcell.KeyEnter}, list[1]},
		"none":             {[]tcell.Key{tcell.KeyDown, tcell.KeyEscape}, nil},
		"none with Ctrl-C": {[]tcell.Key{tcell.KeyCtrlC}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			screen, terminal := testScreen(t, 80, 24)
			for _, k := range c.keys {
				terminal.InjectKey(k, 0, tcell.ModNone)
			}
			got, err := (&picker{list: list}).show(t.Context(), screen)
			if err != nil || got != c.want {
				t.Errorf("chosen: %v, %v", got, err)
			}
		})
	}
}

// TestPickFromNothing: there is nothing to choose, and Enter does not do it.
func TestPickFromNothing(t *testing.T) {
	screen, terminal := testScreen(t, 80, 24)
	terminal.InjectKey(tcell.KeyEnter, 0, tcell.ModNone)
	terminal.InjectKey(tcell.KeyEscape, 0, tcell.ModNone)
	if got, err := (&picker{}).show(t.Context(), screen); got != nil || err != nil {
		t.Errorf("chosen: %v, %v", got, err)
	}
}
