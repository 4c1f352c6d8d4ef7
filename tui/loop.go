package tui

import (
	"context"
	"time"
)

// framePause is the least time between two pictures.
const framePause = time.Second / 30

// view is what has the screen.
type view interface {
	// key does what a key that was pressed is for; it is true if that leaves the screen.
	key(name string) (quit bool)
	click(Mouse)
	// frame takes in what has happened meanwhile, and draws if there is anything new. An
	// error ends the view.
	frame(now time.Time) error
}

// loop gives the screen to a view until that is left, ctx is done, or either fails. A panic
// in it passes on once the terminal is given back.
func (s *screen) loop(ctx context.Context, v view) error {
	defer s.close()
	frames := time.NewTicker(framePause)
	defer frames.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case e, ok := <-s.events:
			if !ok {
				return nil
			}
			switch e := e.(type) {
			case error:
				return e
			case Mouse:
				v.click(e)
			case Key:
				if v.key(e.Name) {
					return nil
				}
			}
		case now := <-frames.C:
			if err := v.frame(now); err != nil {
				return err
			}
		}
	}
}
