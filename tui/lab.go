package tui

import (
	"context"
	"errors"
	"time"

	"flowlab/scenarios"
	"flowlab/scenarios/play"
	"flowlab/tui/command"
	"flowlab/tui/parts"
	"flowlab/tui/settings"
)

// noticeTime is how long a notice stands.
const noticeTime = 4 * time.Second

// Lab shows a run on the terminal of this process until its user quits or
// ctx is done, as the settings say. The final state stays on screen, with the outcome, until then.
// To quit a run that is under way stops it.
//
// The error is that of the terminal; that of the run is for [play.Run.Wait] to
// return.
func Lab(ctx context.Context, run *play.Run, s *scenarios.Scenario, set *settings.Settings) error {
	screen, err := openScreen(set)
	if err != nil {
		return err
	}
	return screen.loop(ctx, newLab(screen, run, s))
}

// lab is the screen of one run.
type lab struct {
	screen *screen
	run    *play.Run
	scene  scene

	drawn       drawn
	noticeUntil time.Time
}

// drawn is what the latest picture was made from, besides what keys chose.
type drawn struct {
	shown, latest *play.Snapshot
	quiz          play.Quiz
	width, height int
}

func newLab(screen *screen, run *play.Run, s *scenarios.Scenario) *lab {
	l := &lab{screen: screen, run: run, scene: scene{scenario: s, keys: screen.keys}}
	l.scene.line = commandLine{view: command.Lab, words: l.words}
	return l
}

// key does what a key that was pressed is for. Who leaves a run that is under way stops it.
func (l *lab) key(name string) (quit bool) {
	if quit = l.press(l.meaning(name)); quit {
		l.run.Stop()
	}
	return quit
}

// column is how long a column of the chart lasts.
func (l *lab) column() time.Duration {
	width, _ := l.screen.size()
	return l.scene.latest.End / time.Duration(max(1, width-parts.Gutter))
}

// look takes the snapshots that are to be shown. While an instant is held, the chart
// stays too, until a key is pressed.
func (l *lab) look() {
	l.scene.latest = l.run.Snapshot()
	l.scene.snapshot = l.scene.latest
	if l.scene.instant.held && l.scene.instant.at < l.scene.latest.At {
		l.scene.snapshot = l.run.Past(l.scene.instant.at)
	}
}

// notify says something for a while.
func (l *lab) notify(text string, now time.Time) {
	l.scene.notice, l.noticeUntil = text, now.Add(noticeTime)
	l.drawn = drawn{}
}

// done says what went wrong, if anything has, and what would be right.
func (l *lab) done(err error) {
	if err != nil {
		l.notifyOf(err, time.Now())
	}
}

func (l *lab) notifyOf(err error, now time.Time) {
	text := err.Error()
	if m, ok := errors.AsType[*scenarios.Mistake](err); ok {
		text = m.Problem + ": " + m.Hint
	}
	l.notify(text, now)
}

// frame takes in that the run is over, and draws.
func (l *lab) frame(now time.Time) error {
	if l.scene.outcome == nil {
		select {
		case <-l.run.Done():
			result, err := l.run.Wait()
			l.scene.outcome = &outcome{result, err}
			l.drawn = drawn{}
		default:
		}
	}
	l.tick(now)
	return nil
}

// tick draws, if there is anything new.
func (l *lab) tick(now time.Time) {
	if l.scene.notice != "" && now.After(l.noticeUntil) {
		l.scene.notice = ""
		l.drawn = drawn{}
	}
	if !l.scene.instant.held && l.scene.latest != l.run.Snapshot() {
		l.look()
	}
	l.scene.quiz = l.run.Snapshot().Quiz
	next := drawn{shown: l.scene.snapshot, latest: l.scene.latest, quiz: l.scene.quiz}
	next.width, next.height = l.screen.size()
	if next == l.drawn {
		return
	}
	l.screen.draw(l.scene.draw)
	l.drawn = next
}
