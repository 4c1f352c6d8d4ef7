package tui

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/gdamore/tcell/v2"

	"flowlab/scenarios"
	"flowlab/scenarios/play"
)

// startRun starts a run that is over after a while.
func startRun(t *testing.T, end time.Duration, script ...scenarios.Step) (*play.Run, *scenarios.Scenario) {
	t.Helper()
	s := &scenarios.Scenario{Name: "short", Title: "A short run", Knobs: scenarios.DefaultKnobs(), Script: script, End: end}
	s.Knobs.Network.Rate = 10_000_000
	run, err := play.Start(t.Context(), s, play.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { run.Stop(); <-run.Done() })
	return run, s
}

// showing is a watch of a run that was given its screen.
type showing struct {
	*lab
	terminal tcell.SimulationScreen
	ended    chan error
}

func show(ctx context.Context, t *testing.T, run *play.Run, s *scenarios.Scenario) showing {
	t.Helper()
	screen, terminal := testScreen(t, 80, 24)
	w := showing{newLab(screen, run, s), terminal, make(chan error, 1)}
	go func() { w.ended <- screen.loop(ctx, w.lab) }()
	return w
}

func (w showing) key(k tcell.Key, r rune) { w.terminal.InjectKey(k, r, tcell.ModNone) }

// wait returns when the watch has ended.
func (w showing) wait(t *testing.T) {
	t.Helper()
	select {
	case err := <-w.ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("still shown after 10 s")
	}
}

// TestQuit: to quit stops the run, and gives the terminal back.
func TestQuit(t *testing.T) {
	for name, key := range map[string]tcell.Key{"q": tcell.KeyRune, "Esc": tcell.KeyEscape, "Ctrl-C": tcell.KeyCtrlC} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run, s := startRun(t, time.Hour)
			w := show(t.Context(), t, run, s)
			w.key(key, 'q')
			w.wait(t)
			<-run.Done()
			if _, width, _ := w.terminal.GetContents(); width != 0 {
				t.Error("the terminal was not given back")
			}
		})
	}
}

// TestContextEnds: the screen goes, and the run is its owner's.
func TestContextEnds(t *testing.T) {
	run, s := startRun(t, time.Hour)
	ctx, cancel := context.WithCancel(t.Context())
	w := show(ctx, t, run, s)
	cancel()
	w.wait(t)
	select {
	case <-run.Done():
		t.Error("the run was stopped")
	default:
	}
}

// TestKeysTurnTheReadRate: a key reaches the running lab.
func TestKeysTurnTheReadRate(t *testing.T) {
	run, s := startRun(t, time.Hour)
	screen, _ := testScreen(t, 80, 24)
	w := newLab(screen, run, s)
	waitFor(t, "data", func() bool { return run.Snapshot().Producer.Written > 0 })
	for _, c := range []struct {
		key  string
		want string
	}{{"-", "consumer.read-rate = 100MB/s"}, {"0", "consumer.read-rate = 0"}, {"+", "consumer.read-rate = 100kB/s"}} {
		w.press(c.key)
		waitFor(t, c.want, func() bool {
			log := run.Snapshot().Log
			return len(log) > 0 && log[len(log)-1].Text == c.want ||
				len(log) > 1 && log[len(log)-2].Text == c.want
		})
	}
}

// TestKeysMoveTheScript: h lets the script wait and go on, n does its next step.
func TestKeysMoveTheScript(t *testing.T) {
	run, s := startRun(t, time.Hour, scenarios.Step{At: time.Minute, Say: "a step"})
	screen, terminal := testScreen(t, 120, 40)
	w := newLab(screen, run, s)
	press := func(key, what string, so func(*play.Snapshot) bool) {
		t.Helper()
		w.press(key)
		waitFor(t, what, func() bool { return so(run.Snapshot()) })
		w.tick(time.Now())
	}
	press("h", "the script is held", func(s *play.Snapshot) bool { return s.Held })
	if got := shownOn(terminal); !strings.Contains(got, "script held") || !strings.Contains(got, "h let the script go on") {
		t.Errorf("it is not said that the script is held:\n%s", got)
	}
	press("h", "it goes on", func(s *play.Snapshot) bool { return !s.Held })
	press("n", "the step is done", func(s *play.Snapshot) bool { return s.Caption == "a step" })
	if end := run.Snapshot().End; end > time.Hour-50*time.Second {
		t.Errorf("the end is still at %v", end)
	}
	w.press("n")
	w.tick(time.Now())
	if got := shownOn(terminal); !strings.Contains(got, "the script has no further step") {
		t.Errorf("it is not said that there is no further step:\n%s", got)
	}
}

// TestFreeze: a frozen picture stays, and its run goes on.
func TestFreeze(t *testing.T) {
	run, s := startRun(t, time.Hour)
	screen, _ := testScreen(t, 80, 24)
	w := newLab(screen, run, s)
	w.tick(time.Now())
	frozen := w.scene.snapshot
	w.press("space")
	waitFor(t, "a later snapshot", func() bool { return run.Snapshot().At > frozen.At })
	w.tick(time.Now())
	if w.scene.snapshot != frozen || w.drawn.shown != frozen {
		t.Error("the frozen picture changed")
	}
	w.press("space")
	w.tick(time.Now())
	if w.scene.snapshot == frozen {
		t.Error("the picture does not go on")
	}
}

// TestScrubbing: an earlier instant is shown as the run has it, and the present again.
func TestScrubbing(t *testing.T) {
	run, s := startRun(t, 20*time.Second) // so that a column is 0.3 s
	screen, terminal := testScreen(t, 80, 24)
	w := newLab(screen, run, s)
	waitFor(t, "more than a second", func() bool { return run.Snapshot().At > 1200*time.Millisecond })
	for range 3 {
		w.press("left")
	}
	shown, want := w.scene.snapshot, run.Past(w.scene.instant.at)
	if !w.scene.instant.held || shown.At >= w.scene.latest.At || shown.Producer.Written != want.Producer.Written || shown.Views[0].Directions[0].Bytes != want.Views[0].Directions[0].Bytes {
		t.Errorf("at %v %d bytes were sent, want those of %v: %d", shown.At, shown.Views[0].Directions[0].Bytes, want.At, want.Views[0].Directions[0].Bytes)
	}
	w.tick(time.Now())
	if got := shownOn(terminal); !strings.Contains(got, " PAST") {
		t.Errorf("it is not said that it is the past:\n%s", got)
	}
	w.press("end")
	w.tick(time.Now())
	if got := shownOn(terminal); !strings.Contains(got, " LIVE") {
		t.Errorf("it is not live again:\n%s", got)
	}
}

// TestDrawsOnlyChanges: what is the same is not drawn again.
func TestDrawsOnlyChanges(t *testing.T) {
	run, s := startRun(t, time.Hour)
	screen, terminal := testScreen(t, 80, 24)
	w := newLab(screen, run, s)
	w.press("space") // so that the snapshot stays
	w.tick(time.Now())
	terminal.Clear() // a picture drawn anew would be seen
	w.tick(time.Now())
	terminal.Show()
	if got := strings.TrimSpace(shownOn(terminal)); got != "" {
		t.Errorf("drawn again:\n%s", got)
	}
	terminal.SetSize(100, 30)
	w.tick(time.Now())
	if got := shownOn(terminal); !strings.Contains(got, "A short run") {
		t.Errorf("not drawn in its new size:\n%s", got)
	}
}

// TestNotice: what is wrong with a key is said for a while.
func TestNotice(t *testing.T) {
	run, s := startRun(t, time.Hour)
	screen, terminal := testScreen(t, 80, 24)
	w := newLab(screen, run, s)
	now := time.Now()
	w.notify("no such value", now)
	w.tick(now.Add(noticeTime / 2))
	if got := shownOn(terminal); !strings.Contains(got, "no such value") {
		t.Errorf("not said:\n%s", got)
	}
	w.tick(now.Add(2 * noticeTime))
	if got := shownOn(terminal); strings.Contains(got, "no such value") || !strings.Contains(got, "q quit") {
		t.Errorf("still said:\n%s", got)
	}
}

// TestOver: the final state stays with its outcome until the user quits.
func TestOver(t *testing.T) {
	run, s := startRun(t, 200*time.Millisecond)
	w := show(t.Context(), t, run, s)
	waitFor(t, "the outcome", func() bool { return strings.Contains(rowsOf(w.terminal), "The run is over.") })
	select {
	case <-w.ended:
		t.Fatal("the final state did not stay")
	default:
	}
	w.key(tcell.KeyRune, 'q')
	w.wait(t)
}

// TestPanicWhileDrawing: the terminal is given back before the panic is told.
func TestPanicWhileDrawing(t *testing.T) {
	run, _ := startRun(t, time.Hour)
	screen, terminal := testScreen(t, 80, 24)
	defer func() {
		if recover() == nil {
			t.Error("the panic was swallowed")
		}
		if _, width, _ := terminal.GetContents(); width != 0 {
			t.Error("the terminal was not given back")
		}
	}()
	screen.loop(t.Context(), newLab(screen, run, nil)) // there is no title to draw
}

// rowsOf is what a terminal shows, read while another goroutine draws.
func rowsOf(terminal tcell.SimulationScreen) string {
	width, height := terminal.Size()
	var b strings.Builder
	for y := range height {
		for x := range width {
			text, _, _ := terminal.Get(x, y)
			b.WriteString(text)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// waitFor returns when something is so; it looks as often as a run makes
// snapshots.
func waitFor(t *testing.T, what string, so func() bool) {
	t.Helper()
	look := time.NewTicker(time.Second / 60)
	defer look.Stop()
	tooLong := time.After(10 * time.Second)
	for !so() {
		select {
		case <-look.C:
		case <-tooLong:
			t.Fatalf("%s: not after 10 s", what)
		}
	}
}
