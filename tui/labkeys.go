// What keys and mouse do on the screen of a run.

package tui

import (
	"strings"
	"time"

	"flowlab/tui/parts"
	"flowlab/tui/settings"
)

// keyHelp says what keys do, the most important first.
func (s *scene) keyHelp(g *parts.Glyphs) []parts.KeyHelp {
	key := func(does string, actions ...string) parts.KeyHelp {
		return parts.KeyHelp{Keys: s.keys.Shown(g, settings.Lab, actions...), Does: does}
	}
	var keys, rest []parts.KeyHelp
	if s.asked() {
		keys = append(keys, quizKey(&s.quiz, key))
	}
	freeze := "freeze"
	keys = append(keys, key("scrub", "earlier", "later"), key("stalls", "previous-mark", "next-mark"))
	if s.instant.held {
		freeze = "go on"
		keys = append(keys, key("live", "present"))
	}
	if s.outcome == nil {
		_, short, _ := strings.Cut(s.knobs.name(), ".")
		keys = append(keys, key(short, "less", "more"), key("knobs", "knobs"))
		if !s.asked() {
			rest = append(rest, key("next step", "next-step"), key(s.hold(), "hold"))
		}
		rest = append(rest, key("save", "save"))
	} else {
		keys = append(keys, key("save", "save"))
	}
	keys = append(keys, key("quit", "quit"), key("help", "help"), key(freeze, "freeze"))
	return append(keys, append(rest, key("command", "command"))...)
}

// hold says what the key does that holds the script.
func (s *scene) hold() string {
	if s.latest.Held {
		return "let the script go on"
	}
	return "hold the script"
}

// meaning is the key that is meant by one that was pressed: what is typed is that.
func (l *lab) meaning(key string) string {
	if l.scene.line.open {
		return key
	}
	return l.screen.keys.Meaning(settings.Lab, key)
}

// press does what a key is for. It is true if the key leaves the screen.
func (l *lab) press(key string) (quit bool) {
	l.drawn = drawn{}
	s := &l.scene
	if s.latest == nil {
		l.look()
	}
	if s.line.open {
		c := s.line.press(key)
		return c != nil && l.obey(c, time.Now())
	}
	used, err := l.screen.press(key)
	if err != nil {
		l.notify(err.Error(), time.Now())
	}
	switch {
	case used:
	case s.help:
		s.help = false
		return key == "ctrl-c"
	case key == "esc" && s.knobs.open:
		s.knobs.open = false
	case key == "q", key == "esc", key == "ctrl-c":
		return true
	case key == "?":
		s.help = true
	case key == ":":
		s.line.begin()
	case key == "S":
		l.save("", time.Now())
	case key == "c":
		s.rates = !s.rates
	case s.instant.scrub(key, s.latest.At, l.column(), l.run.Marks):
		if key != "space" || !s.instant.held { // to freeze changes nothing else
			l.look()
		}
	case s.outcome == nil:
		l.steer(key)
	}
	return false
}

// steer does what a key is for that changes the run.
func (l *lab) steer(key string) {
	l.scene.quiz = l.run.Snapshot().Quiz
	switch {
	case l.answer(key):
	case key == "n":
		l.done(l.run.Next())
	case key == "h":
		l.run.Hold()
	default:
		now := l.run.Snapshot().Knobs
		if value, used := l.scene.knobs.press(key, &now); used {
			l.turn(value)
		}
	}
}

// turn gives the chosen knob a value, if there is one.
func (l *lab) turn(value string) {
	if value == "" {
		return
	}
	l.done(l.run.Set(l.scene.knobs.name(), value))
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
	case m.Button == LeftButton && !m.Dragged && l.clickQuiz(hit.Name):
	case hit.Name == chartRegion && m.Button == LeftButton:
		s.instant.show(s.latest.End*time.Duration(hit.X)/time.Duration(max(1, hit.W)), s.latest.At)
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
