// What keys and mouse do on the screen of a run.

package tui

import (
	"strings"
	"time"

	"flowlab/tui/parts"
)

// keyHelp says what keys do, the most important first.
func (s *scene) keyHelp(g *parts.Glyphs) []parts.KeyHelp {
	freeze, keys := "freeze", []parts.KeyHelp{{Keys: g.Decrease + "/" + g.Increase, Does: "scrub"}, {Keys: "[/]", Does: "stalls"}}
	if s.instant.held {
		freeze = "go on"
		keys = append(keys, parts.KeyHelp{Keys: "end", Does: "live"})
	}
	if s.outcome == nil {
		_, short, _ := strings.Cut(s.knobs.name(), ".")
		keys = append(keys, parts.KeyHelp{Keys: "-/+", Does: short}, parts.KeyHelp{Keys: "k", Does: "knobs"})
	} else {
		keys = append(keys, parts.KeyHelp{Keys: "S", Does: "save"})
	}
	return append(keys, parts.KeyHelp{Keys: "q", Does: "quit"}, parts.KeyHelp{Keys: "?", Does: "help"}, parts.KeyHelp{Keys: "space", Does: freeze})
}

// labHelp is what the help of this screen says.
func labHelp(g *parts.Glyphs) []parts.KeyHelp {
	return []parts.KeyHelp{
		{Does: "Time"},
		{Keys: g.Decrease + " " + g.Increase, Does: "an earlier or later instant; shift: by ten columns"},
		{Keys: "[ ]", Does: "where a stall began or ended, or the script spoke"},
		{Keys: "home end", Does: "the beginning; the present"},
		{Keys: "space", Does: "freeze the picture, or let it go on; the run goes on"},
		{Does: "Knobs"},
		{Keys: "k tab", Does: "all knobs, or none; up and down choose"},
		{Keys: "- +", Does: "turn the chosen knob down or up a step"},
		{Keys: "0 u", Does: "the consumer stops reading; reads without limit"},
		{Keys: "S", Does: "after the run: save what was done as a scenario"},
		{Does: "Screen"},
		{Keys: "c", Does: "the other chart: window, or rates"},
		{Keys: "m", Does: "the mouse is flowlab's, or the terminal's"},
		{Keys: "? q esc", Does: "this help; quit, ctrl-c too; ctrl-z suspends"},
	}
}

// press does what a key is for. It is true if the key leaves the screen.
func (l *lab) press(key string) (quit bool) {
	l.drawn = drawn{}
	s := &l.scene
	if s.latest == nil {
		l.look()
	}
	switch {
	case s.help:
		s.help = false
		return key == "ctrl-c"
	case key == "esc" && s.knobs.open:
		s.knobs.open = false
	case key == "q", key == "esc", key == "ctrl-c":
		return true
	case key == "ctrl-z":
		l.suspend()
	case key == "?":
		s.help = true
	case key == "S":
		l.save(time.Now())
	case key == "c":
		s.rates = !s.rates
	case key == "m":
		l.mouse = !l.mouse
		l.screen.answerMouse(l.mouse)
	case s.instant.scrub(key, s.latest.At, l.column(), l.run.Marks):
		if key != "space" || !s.instant.held { // to freeze changes nothing else
			l.look()
		}
	case s.outcome == nil:
		now := l.run.Snapshot().Knobs
		if value, used := s.knobs.press(key, &now); used {
			l.turn(value)
		}
	}
	return false
}

// suspend stops this job until it is continued.
func (l *lab) suspend() {
	if err := l.screen.suspend(); err != nil {
		l.notify(err.Error(), time.Now())
	}
}

// turn gives the chosen knob a value, if there is one.
func (l *lab) turn(value string) {
	if value == "" {
		return
	}
	if err := l.run.Set(l.scene.knobs.name(), value); err != nil {
		l.notify(err.Error(), time.Now())
	}
}

// chartRegion is where a click shows the instant of the chart's column.
const chartRegion = "chart"

// click does what the mouse is for.
func (l *lab) click(m Mouse) {
	hit, ok := l.screen.shown.Hit(m.X, m.Y)
	if !ok || l.scene.latest == nil {
		return
	}
	l.drawn = drawn{}
	switch s := &l.scene; {
	case s.help:
		s.help = false
	case hit.Name == chartRegion && m.Button == LeftButton:
		s.instant.show(s.scenario.End*time.Duration(hit.X)/time.Duration(max(1, hit.W)), s.latest.At)
		l.look()
	case hit.Name == chartRegion && m.Button == WheelUp:
		l.press("left")
	case hit.Name == chartRegion && m.Button == WheelDown:
		l.press("right")
	case s.outcome == nil && !m.Dragged:
		now := l.run.Snapshot().Knobs
		if value, used := s.knobs.click(hit.Name, m.Button, &now); used {
			l.turn(value)
		}
	}
}
