package tui

import (
	"slices"
	"strings"
	"testing"
	"time"

	"flowlab/scenarios"
)

// TestKnobsOfHTTP2 has more knobs than rows: the chosen one is among those shown.
func TestKnobsOfHTTP2(t *testing.T) {
	s := httpScene()
	s.knobs = knobs{open: true, chosen: "consumer.break"}
	screen, terminal := testScreen(t, 80, 24)
	screen.draw(s.draw)
	golden(t, "knobs-http2-80x24", shownOn(terminal))
}

func TestKnobsAreChosen(t *testing.T) {
	values := scenarios.DefaultKnobs()
	all := values.Turnable()
	k := knobs{}
	press := func(key, name, value string) {
		t.Helper()
		got, used := k.press(key, &values)
		if !used || got != value || k.name() != name {
			t.Errorf("%s: %q of %s (used %v), want %q of %s", key, got, k.name(), used, value, name)
		}
	}
	if _, used := k.press("up", &values); used {
		t.Error("up does something while there is no panel")
	}
	at := slices.IndexFunc(all, func(k scenarios.Knob) bool { return k.Name == readRateKnob })
	press("k", readRateKnob, "")
	press("up", all[at-1].Name, "")
	press("pgup", all[0].Name, "")
	press("up", all[0].Name, "")
	press("+", "network.rtt", "50ms")
	press("pgdn", all[10%len(all)].Name, "")
	press("0", readRateKnob, "0")
	press("u", readRateKnob, "unlimited")
	press("+", readRateKnob, "") // there is no further step
	press("tab", readRateKnob, "")
	if k.open {
		t.Error("the panel is still open")
	}
}

// TestMouse: a click chooses a knob, its signs turn it, and one on the chart shows that
// instant.
func TestMouse(t *testing.T) {
	run, s := startRun(t, time.Hour)
	screen, terminal := testScreen(t, 80, 24)
	l := newLab(screen, run, s)
	l.press("k")
	l.tick(time.Now())
	at := func(text string) (x, y int) {
		for y, row := range strings.Split(rowsOf(terminal), "\n") {
			if before, _, ok := strings.Cut(row, text); ok {
				return len([]rune(before)), y
			}
		}
		t.Fatalf("%s is not shown:\n%s", text, rowsOf(terminal))
		return 0, 0
	}
	x, y := at("network.rtt")
	l.click(Mouse{X: x, Y: y, Button: LeftButton})
	if l.scene.knobs.name() != "network.rtt" {
		t.Errorf("%s is chosen", l.scene.knobs.name())
	}
	l.tick(time.Now())
	row := strings.Split(rowsOf(terminal), "\n")[y]
	plus := len([]rune(row[:strings.LastIndex(row, "+")]))
	l.click(Mouse{X: plus, Y: y, Button: LeftButton})
	l.click(Mouse{X: plus, Y: y, Button: LeftButton, Dragged: true}) // holding it is no other click
	waitFor(t, "the next step", func() bool { return run.Snapshot().Knobs.Network.RTT == 50*time.Millisecond })
	l.press("k")
	l.tick(time.Now())
	l.click(Mouse{X: 10, Y: 10, Button: LeftButton})
	if got := l.scene.instant; got != (instant{held: true}) {
		t.Errorf("%+v is shown, want the beginning", got)
	}
}
