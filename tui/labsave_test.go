package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/gdamore/tcell/v2"

	"flowlab/scenarios"
)

// TestSave: what was done is saved when the run is over, each time to a new file.
func TestSave(t *testing.T) {
	t.Chdir(t.TempDir())
	run, s := startRun(t, 500*time.Millisecond)
	w := show(t.Context(), t, run, s)
	w.key(tcell.KeyRune, 'S')
	waitFor(t, "that it is too early", func() bool { return strings.Contains(rowsOf(w.terminal), "the run goes on") })
	if err := run.Set("consumer.read-rate", "0"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the outcome", func() bool { return strings.Contains(rowsOf(w.terminal), "The run is over.") })
	for _, file := range []string{"short-by-hand.yaml", "short-by-hand-2.yaml"} {
		w.key(tcell.KeyRune, 'S')
		waitFor(t, "the name of the file", func() bool { return strings.Contains(rowsOf(w.terminal), "saved as "+file) })
		saved, err := scenarios.Load(file)
		if err != nil {
			t.Fatal(err)
		}
		if len(saved.Script) != 1 || saved.Script[0].Set[0] != (scenarios.Setting{Knob: "consumer.read-rate", Value: "0"}) {
			t.Errorf("%s has the steps %v", file, saved.Script)
		}
	}
	w.key(tcell.KeyRune, 'q')
	w.wait(t)
}
