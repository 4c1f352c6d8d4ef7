package tui

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gdamore/tcell/v2"

	"flowlab/peers/story"
	"flowlab/scenarios"
	"flowlab/tui/parts"
)

// testGroups are what the program shows: all built-in scenarios, those on real systems, and
// two files, of which one has a mistake.
func testGroups(t *testing.T) []scenarios.Group {
	good, _ := scenarios.Builtin("healthy")
	own := *good
	own.Name, own.Title, own.Teaches = "friday", "What happened on Friday", "That a queue is no cure."
	return append(scenarios.Groups(), realSystems(t), scenarios.Group{Name: "Your own", Entries: []scenarios.Entry{
		{Scenario: &own, File: "friday.yaml"},
		{File: "monday.yaml", Mistake: &scenarios.FileError{File: "monday.yaml", Line: 3, Column: 7,
			Mistake: &scenarios.Mistake{Problem: "unknown knob network.rt", Hint: "did you mean network.rtt?"}}},
	}})
}

// realSystems are the stories as testdata/stories.json describes them: a test of cmd/flowlab,
// which knows them, holds it to them.
func realSystems(t *testing.T) scenarios.Group {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "stories.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []story.Story
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	g := scenarios.Group{Name: "Real systems"}
	for i := range all {
		g.Entries = append(g.Entries, scenarios.Entry{Story: &all[i]})
	}
	return g
}

// TestPickerScreens draws the picker as it begins, while it is sifted, with nothing left,
// at a file with a mistake, and with its help.
func TestPickerScreens(t *testing.T) {
	for name, keys := range map[string][]string{
		"first":   nil,
		"http2":   {"down", "pgdn"},
		"sifted":  {"/", "w", "i", "n", "d", "o", "w"},
		"nothing": {"/", "x", "y", "z", "enter"},
		"mistake": {"end", "enter"},
		"story":   {"/", "n", "g", "i", "n", "x", "enter", "end", "esc"},
		"help":    {"?"},
	} {
		picture := func(screen *screen) func(*parts.Canvas) {
			p := newPicker(testGroups(t))
			screen.draw(p.draw) // so that it knows how many rows there are
			for _, key := range keys {
				p.obey(screen, key)
			}
			return p.draw
		}
		goldenView(t, "pick-"+name, picture)
		t.Run(name, func(t *testing.T) {
			screen, terminal := testScreen(t, 50, 12)
			screen.draw(picture(screen))
			golden(t, "pick-"+name+"-50x12", shownOn(terminal))
		})
	}
}

// TestPickerTellsTheName: whatever is chosen, its preview says how it is run without choosing,
// and names begin in one column of the list.
func TestPickerTellsTheName(t *testing.T) {
	for _, size := range [][2]int{{60, 24}, {80, 24}, {100, 24}, {120, 40}} {
		screen, terminal := testScreen(t, size[0], size[1])
		p := newPicker(testGroups(t))
		for i := range p.rows {
			e := p.rows[i].entry
			if e == nil || e.Mistake != nil {
				continue
			}
			p.chosen = i
			screen.draw(p.draw)
			shown := shownOn(terminal)
			if !strings.Contains(shown, "flowlab run "+e.Name()) {
				t.Errorf("at %dx%d the preview does not name %s:\n%s", size[0], size[1], e.Name(), shown)
			}
			row := []rune(strings.Split(shown, "\n")[2+i-p.first]) // below the head and an empty row
			if size[0] == 80 && (len(row) <= nameColumn || string(row[nameColumn:]) != e.Name()) {
				t.Errorf("the name of %s is not in its column:\n%s", e.Name(), string(row))
			}
		}
	}
}

// TestPickerMoves: the choice goes from scenario to scenario over the names of groups, and
// stops at either end.
func TestPickerMoves(t *testing.T) {
	p := newPicker(scenarios.Groups())
	p.page = 4
	all := scenarios.Builtins()
	for _, c := range []struct {
		key  string
		want int
	}{
		{"up", 0}, {"down", 1}, {"j", 2}, {"k", 1}, {"pgdn", 5}, {"pgup", 1}, {"pgup", 0},
		{"end", len(all) - 1}, {"j", len(all) - 1}, {"home", 0}, {"x", 0},
		{"pgdn", 4}, {"pgdn", 8}, {"j", 9}, {"k", 8}, {"pgdn", 11}, // over the name of HTTP/2
	} {
		if p.press(c.key); p.entry().Name() != all[c.want].Name {
			t.Fatalf("after %s %s is chosen, want %s", c.key, p.entry().Name(), all[c.want].Name)
		}
	}
}

// TestPickerSifts: every word must be there; what was chosen stays so if it is left.
func TestPickerSifts(t *testing.T) {
	p := newPicker(testGroups(t))
	p.choose("window-below-zero")
	screen, _ := testScreen(t, 80, 24)
	press := func(keys ...string) {
		for _, key := range keys {
			if p.obey(screen, key) {
				t.Fatalf("%s ends the picker", key)
			}
		}
	}
	press("/", "z", "e", "r", "o", "space", "W", "i", "n", "d", "o", "w")
	if got := p.entry(); got == nil || got.Name() != "window-below-zero" {
		t.Errorf("%+v is chosen, want the scenario that was", got)
	}
	press("x")
	if p.entry() != nil || p.press("enter") {
		t.Errorf("%+v can be run, though nothing is listed", p.entry())
	}
	press("esc")
	if want := len(newPicker(testGroups(t)).rows); p.entry() == nil || len(p.rows) != want {
		t.Errorf("%d rows once the filter is gone, want %d", len(p.rows), want)
	}
	press("/", "f", "r", "i", "d", "a", "y", "enter")
	if got := p.entry(); got == nil || got.Name() != "friday.yaml" {
		t.Errorf("%+v is chosen, want the user's own", got)
	}
	press("esc") // takes the filter back; the next would leave
	if !p.obey(screen, "esc") || p.entry() != nil {
		t.Error("esc without a filter does not leave the picker")
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
			got, err := newPicker(scenarios.Groups()).show(t.Context(), screen)
			if (got == nil) != (c.want == nil) || got != nil && got.Name() != c.want.Name || err != nil {
				t.Errorf("%+v, %v, want %+v", got, err, c.want)
			}
		})
	}
}

// TestPickByMouse: one click chooses, another runs; a file with a mistake is not run.
func TestPickByMouse(t *testing.T) {
	screen, _ := testScreen(t, 80, 24)
	p := newPicker(testGroups(t))
	screen.draw(p.draw)
	third := Mouse{X: 10, Y: 2 + 3, Button: LeftButton} // below the head and an empty row
	if p.click(screen, third) || p.entry().Name() != scenarios.Builtins()[2].Name {
		t.Errorf("one click on the third runs it, or chooses %s", p.entry().Name())
	}
	if !p.click(screen, third) {
		t.Error("a second click does not run it")
	}
	p.click(screen, Mouse{X: 10, Y: 5, Button: WheelDown})
	if p.entry().Name() != scenarios.Builtins()[3].Name {
		t.Errorf("the wheel chooses %s", p.entry().Name())
	}
	p.press("end")
	if p.runs() || p.notice == "" {
		t.Error("a file with a mistake can be run")
	}
	if m, ok := errors.AsType[*scenarios.FileError](p.entry().Mistake); !ok || m.Line != 3 {
		t.Errorf("%v", p.entry().Mistake)
	}
}
