// Playing what was captured, at any speed.

package tui

import (
	"context"
	"strconv"
	"time"

	"flowlab/diagnose/replay"
	"flowlab/tui/command"
	"flowlab/tui/settings"
)

// Replay shows the connections of capture files on the terminal of this process, until
// its user quits or ctx is done. It begins at the end, where all is known. The error is
// that of the terminal.
func Replay(ctx context.Context, what Subject, set *settings.Settings) error {
	screen, err := openScreen(set)
	if err != nil {
		return err
	}
	return newReplay(screen, what).show(ctx)
}

func newReplay(screen *screen, what Subject) *watch {
	w := newWatch(screen, what)
	w.clock.player = &player{speed: 1}
	w.line.view = command.Replay
	return w
}

// player moves the instant that is shown.
type player struct {
	playing bool
	speed   float64
	replay.Player
}

// from plays on from an instant.
func (p *player) from(c *clock, at time.Duration, now time.Time) {
	p.Player = replay.Player{From: c.origin.Add(at), Since: now, Speed: p.speed}
}

// move shows the instant that is due, and stops at the end.
func (p *player) move(c *clock, now time.Time) {
	if !p.playing || c.origin == 0 {
		return
	}
	if c.instant.show(p.At(now).Sub(c.origin), c.now); !c.instant.held {
		p.playing = false
	}
}

// press does what a key is for, if it is about playing.
func (p *player) press(key string, c *clock, now time.Time) bool {
	at := c.shown()
	switch key {
	case "space", "p":
		if p.playing = !p.playing; p.playing && !c.instant.held {
			at = 0 // from the beginning again
		}
		c.instant.show(at, c.now)
	case "<", ",":
		p.speed = replay.Step(p.speed, -1)
	case ">", ".":
		p.speed = replay.Step(p.speed, 1)
	default:
		return false
	}
	p.from(c, at, now)
	return true
}

// text says what it does.
func (p *player) text(held bool) string {
	speed := strconv.FormatFloat(p.speed, 'g', -1, 64) + "x"
	switch {
	case p.playing:
		return " PLAYING " + speed + " "
	case held:
		return " PAUSED " + speed + " "
	}
	return " END "
}
