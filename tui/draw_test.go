package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"flowlab/scenarios"
	"flowlab/scenarios/play"
	"flowlab/tui/parts"
)

// scenes are what is drawn in every size.
var scenes = map[string]func() *scene{
	"stalled": func() *scene { return testScene(3200 * time.Millisecond) },
	"healthy": func() *scene { return testScene(900 * time.Millisecond) },
	"over": func() *scene {
		return over(testScene(6*time.Second),
			play.Check{Text: "zero-window from consumer between 1s and 2s at least 1", Passed: true, Found: "1"},
			play.Check{Text: "window-probe from producer between 1s and 4s at least 8", Found: "3"})
	},
	"rates": func() *scene {
		s := testScene(4800 * time.Millisecond)
		s.rates = true
		return s
	},
	"knobs": func() *scene {
		s := testScene(3200 * time.Millisecond)
		s.knobs = knobs{open: true, chosen: "network.rtt"}
		return s
	},
	"help": func() *scene {
		s := testScene(3200 * time.Millisecond)
		s.help = true
		return s
	},
	"held": func() *scene {
		s := testScene(3200 * time.Millisecond)
		s.snapshot.Held, s.snapshot.End = true, 7*time.Second
		return s
	},
	"question": func() *scene { return asked(testScene(950*time.Millisecond), 0) },
	"wrong":    func() *scene { return asked(testScene(950*time.Millisecond), 1) },
	"right":    func() *scene { return asked(testScene(950*time.Millisecond), 2) },
	"score": func() *scene {
		s := over(testScene(6*time.Second), play.Check{Text: "zero-window", Passed: true}, play.Check{Unchecked: true})
		s.outcome.result.Quiz = play.Quiz{Of: 2, Answered: 2, Right: 1}
		return s
	},
	"past": func() *scene {
		return past(testScene(3200*time.Millisecond), testScene(1250*time.Millisecond))
	},
}

func TestScreens(t *testing.T) {
	for name, scene := range scenes {
		goldenView(t, name, func(*screen) func(*parts.Canvas) { return scene().draw })
		for _, size := range [][2]int{{60, 16}, {50, 10}} {
			name := fmt.Sprintf("%s-%dx%d", name, size[0], size[1])
			t.Run(name, func(t *testing.T) {
				screen, terminal := testScreen(t, size[0], size[1])
				screen.draw(scene().draw)
				golden(t, name, shownOn(terminal))
			})
		}
	}
}

// past is a scene at which an earlier instant is shown.
func past(latest *scene, shown *scene) *scene {
	s := *latest
	s.snapshot, s.instant = shown.snapshot, instant{held: true, at: shown.snapshot.At}
	return &s
}

// TestWithoutConnection: the first picture of a run has nothing to show yet.
func TestWithoutConnection(t *testing.T) {
	screen, terminal := testScreen(t, 80, 24)
	s := testScene(0)
	s.snapshot = &play.Snapshot{Start: testStart, End: s.scenario.End, Knobs: s.scenario.Knobs}
	s.latest = s.snapshot
	screen.draw(s.draw)
	golden(t, "start-80x24", shownOn(terminal))
}

// TestNoColour: who wants no colour gets none.
func TestNoColour(t *testing.T) {
	t.Setenv("NO_COLOR", "1")
	screen, terminal := testScreen(t, 80, 24)
	screen.draw(scenes["stalled"]().draw)
	golden(t, "stalled-80x24", shownOn(terminal))
	if c := coloured(terminal); c != "" {
		t.Error(c)
	}
}

// TestOddTexts: what stands in somebody's file may be wide, or a command to the
// terminal.
func TestOddTexts(t *testing.T) {
	screen, terminal := testScreen(t, 80, 24)
	s := testScene(3200 * time.Millisecond)
	s.scenario.Title = strings.Repeat("読み手が止まる", 8)
	s.snapshot.Caption = "a\x1b[2Jb\tc\u009bd é👩‍💻 " + strings.Repeat("word ", 60)
	screen.draw(s.draw)
	got := shownOn(terminal)
	if strings.ContainsAny(got, "\x1b\t\u009b") {
		t.Error("a control character is drawn")
	}
	golden(t, "odd-texts-80x24", got)
}

// TestResize: what is left of a larger picture does not stay.
func TestResize(t *testing.T) {
	screen, terminal := testScreen(t, 120, 40)
	screen.draw(scenes["healthy"]().draw)
	terminal.SetSize(80, 24)
	screen.draw(scenes["stalled"]().draw)
	golden(t, "stalled-80x24", shownOn(terminal))
}

// TestSizes draws in every size there may be, and must not panic.
func TestSizes(t *testing.T) {
	list := newPicker(scenarios.Groups())
	c := parts.Canvas{Glyphs: &parts.Block}
	draw := func(width, height int) {
		c.Reset(width, height)
		scenes["stalled"]().draw(&c)
		c.Reset(width, height)
		list.draw(&c)
	}
	for n := range 100 {
		draw(n, 30)
		draw(90, n)
	}
	draw(1000, 300)
}

func BenchmarkFrame(b *testing.B) {
	screen, _ := testScreen(b, 200, 60)
	a, c := scenes["healthy"](), scenes["stalled"]()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%2 == 0 {
			screen.draw(a.draw)
		} else {
			screen.draw(c.draw)
		}
	}
}
