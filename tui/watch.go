package tui

import (
	"context"
	"time"

	"flowlab/scenarios"
	"flowlab/scenarios/play"
)

const (
	// framePause is the least time between two pictures.
	framePause = time.Second / 30

	// noticeTime is how long a notice stands.
	noticeTime = 4 * time.Second
)

// Watch shows a run on the terminal of this process until its user quits or
// ctx is done. The final state stays on screen, with the outcome, until then.
// To quit a run that is under way stops it.
//
// The error is that of the terminal; that of the run is for [play.Run.Wait] to
// return.
func Watch(ctx context.Context, run *play.Run, s *scenarios.Scenario) error {
	screen, err := openScreen()
	if err != nil {
		return err
	}
	return newWatch(screen, run, s).show(ctx)
}

// watch is the screen of one run.
type watch struct {
	screen *screen
	run    *play.Run
	scene  scene

	drawn       drawn
	noticeUntil time.Time
}

// drawn is what the latest picture was made from, besides what keys chose.
type drawn struct {
	snapshot      *play.Snapshot
	width, height int
}

func newWatch(screen *screen, run *play.Run, s *scenarios.Scenario) *watch {
	return &watch{screen: screen, run: run, scene: scene{scenario: s}}
}

// show draws and obeys keys until there is no more to show. A panic in it
// passes on once the terminal is given back.
func (w *watch) show(ctx context.Context) error {
	defer w.screen.close()
	frames := time.NewTicker(framePause)
	defer frames.Stop()
	over := w.run.Done()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-over:
			result, err := w.run.Wait()
			w.scene.outcome = &outcome{result, err}
			w.drawn = drawn{}
			over = nil
		case e, ok := <-w.screen.events:
			if !ok {
				return nil
			}
			switch e := e.(type) {
			case error:
				return e
			case Key:
				if quits(e.Name) {
					w.run.Stop()
					return nil
				}
				w.press(e.Name)
			}
		case now := <-frames.C:
			w.tick(now)
		}
	}
}

// quits tells whether a key leaves the screen.
func quits(key string) bool { return key == "q" || key == "esc" || key == "ctrl-c" }

// press does what a key is for.
func (w *watch) press(key string) {
	if key == "space" {
		w.scene.frozen = !w.scene.frozen
		w.drawn = drawn{}
		return
	}
	if w.scene.outcome != nil {
		return
	}
	rate, ok := turned(w.run.Snapshot().Knobs.Consumer.ReadRate, key)
	if !ok {
		return
	}
	if err := w.run.Set(readRateKnob, rate.String()); err != nil {
		w.notify(err.Error(), time.Now())
	}
}

// notify says something for a while.
func (w *watch) notify(text string, now time.Time) {
	w.scene.notice, w.noticeUntil = text, now.Add(noticeTime)
	w.drawn = drawn{}
}

// tick draws, if there is anything new.
func (w *watch) tick(now time.Time) {
	if w.scene.notice != "" && now.After(w.noticeUntil) {
		w.scene.notice = ""
		w.drawn = drawn{}
	}
	if !w.scene.frozen || w.scene.snapshot == nil {
		w.scene.snapshot = w.run.Snapshot()
	}
	next := drawn{snapshot: w.scene.snapshot}
	next.width, next.height = w.screen.size()
	if next == w.drawn {
		return
	}
	w.screen.draw(w.scene.draw)
	w.drawn = next
}
