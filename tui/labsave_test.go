package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/gdamore/tcell/v2"

	"flowlab/scenarios"
)

// TestSave: what was done is saved while the run goes on and when it is over, each time to a
// new file.
func TestSave(t *testing.T) {
	t.Chdir(t.TempDir())
	run, s := startRun(t, time.Hour)
	w := show(t.Context(), t, run, s)
	if err := run.Set("consumer.read-rate", "0"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "some time", func() bool { return run.Snapshot().At > 100*time.Millisecond })
	for i, file := range []string{"short-by-hand.yaml", "short-by-hand-2.yaml", "short-by-hand-3.yaml"} {
		if i == 1 {
			run.Stop()
			waitFor(t, "the outcome", func() bool { return strings.Contains(rowsOf(w.terminal), "The run is over.") })
		}
		w.key(tcell.KeyRune, 'S')
		waitFor(t, "the name of the file", func() bool { return strings.Contains(rowsOf(w.terminal), "saved as "+file) })
		saved, err := scenarios.Load(file)
		if err != nil {
			t.Fatal(err)
		}
		if len(saved.Script) != 1 || saved.Script[0].Set[0] != (scenarios.Setting{Knob: "consumer.read-rate", Value: "0"}) {
			t.Errorf("%s has the steps %v", file, saved.Script)
		}
		if at := run.Snapshot().At; saved.End > at+time.Second || i > 0 && saved.End < at {
			t.Errorf("%s ends at %v, the run is at %v", file, saved.End, at)
		}
	}
	w.key(tcell.KeyRune, 'q')
	w.wait(t)
}
