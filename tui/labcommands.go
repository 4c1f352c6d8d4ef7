// What commands do on the screen of a run.

package tui

import (
	"time"

	"flowlab/tui/command"
)

// words are those that commands are completed by.
func (l *lab) words(kind string) (list []string) {
	if kind != command.Knobs || l.scene.latest == nil {
		return nil
	}
	for _, k := range l.scene.latest.Knobs.Turnable() {
		list = append(list, k.Name)
	}
	return list
}

// obey does what a command asks for. It is true if that is to leave the screen.
func (l *lab) obey(c command.Command, now time.Time) (quit bool) {
	if l.screen.obey(c) {
		return false
	}
	switch c := c.(type) {
	case command.Set:
		l.done(l.run.Set(c.Knob, c.Value))
	case command.Save:
		l.save(c.File, now)
	case command.Next:
		l.done(l.run.Next())
	case command.Go:
		l.scene.instant.goTo(c, l.scene.latest.At)
		l.look()
	case command.Help:
		l.scene.help = true
	case command.Quit:
		return true
	}
	return false
}
