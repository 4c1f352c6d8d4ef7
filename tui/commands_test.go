package tui

import (
	"strings"
	"testing"
	"time"

	"flowlab/scenarios"
)

// entered are the keys that open the command line, write a command and enter it.
func entered(text string) []string { return keys([]string{":"}, typed(text), []string{"enter"}) }

// TestCommandsOfARun: a knob is turned, an instant shown, the theme changed, and what is
// wrong is said with what would be right.
func TestCommandsOfARun(t *testing.T) {
	run, s := quizRun(t)
	screen, terminal := testScreen(t, 80, 24)
	w := newLab(screen, run, s)
	waitFor(t, "packets", func() bool { return run.Snapshot().At > 50*time.Millisecond && len(run.Snapshot().Views) > 0 })
	enter := func(text string) {
		t.Helper()
		for _, key := range entered(text) {
			if w.press(w.meaning(key)) && text != "quit" {
				t.Fatalf("%s leaves the screen", text)
			}
		}
		w.tick(time.Now())
	}
	enter("set consumer.read-rate 1MB/s")
	if got := run.Snapshot(); got.Knobs.Get("consumer.read-rate") != "1MB/s" {
		waitFor(t, "the knob", func() bool { k := run.Snapshot().Knobs; return k.Get("consumer.read-rate") == "1MB/s" })
	}
	enter("go 0.03s")
	if i := w.scene.instant; !i.held || i.at != 30*time.Millisecond {
		t.Errorf("%+v is shown, want 30 ms", i)
	}
	enter("go +10ms")
	if i := w.scene.instant; i.at != 40*time.Millisecond {
		t.Errorf("%+v is shown, want 40 ms", i)
	}
	enter("go end")
	if w.scene.instant.held {
		t.Error("an instant is held at the end")
	}
	enter("theme plain")
	if c := coloured(terminal); c != "" {
		t.Error(c)
	}
	enter("set consumer.red-rate 1")
	if got := shownOn(terminal); !strings.Contains(got, "consumer.read-rate") {
		t.Errorf("what is wrong is not said:\n%s", got)
	}
	enter("help")
	if !w.scene.help {
		t.Error("no help")
	}
	w.press("esc")
	for _, key := range entered("quit") {
		if w.press(w.meaning(key)) {
			return
		}
	}
	t.Error("quit does not leave the screen")
}

// TestCommandsOfThePicker: words are found, and typing is not what keys mean.
func TestCommandsOfThePicker(t *testing.T) {
	screen, _ := testScreen(t, 80, 24)
	p := newPicker(scenarios.Groups())
	for _, key := range entered("filter reader stops") {
		if p.obey(screen, key) {
			t.Fatalf("%s ends the picker", key)
		}
	}
	if e := p.entry(); e == nil || e.Name() != "reader-stops" {
		t.Errorf("%+v is chosen", e)
	}
	for _, key := range entered("quit") {
		if p.obey(screen, key) {
			return
		}
	}
	t.Error("quit does not leave the picker")
}
