//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"flowlab/internal/need"
)

const recordings = "../../docs/recording"

// TestRecording: the recording in docs is one of asciinema's, and shows what its page
// says; so is what the script records now.
func TestRecording(t *testing.T) {
	if testing.Short() {
		t.Skip("lives through a scenario")
	}
	t.Parallel()
	need.Program(t, "asciinema")
	need.Program(t, "tmux")
	kept := filepath.Join(recordings, "reader-stops.cast")
	recorded := filepath.Join(t.TempDir(), "now.cast")
	record := exec.CommandContext(t.Context(), filepath.Join(recordings, "record"), recorded)
	if out, err := record.CombinedOutput(); err != nil {
		t.Fatalf("record: %v\n%s", err, out)
	}
	for _, file := range []string{kept, recorded} {
		checkRecording(t, file)
	}
}

// checkRecording reads an asciicast v2: a header, then events of a time, a kind, and what
// the terminal was sent.
func checkRecording(t *testing.T, file string) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSpace(data), []byte("\n"))
	var header struct{ Version, Width, Height int }
	if err := json.Unmarshal(lines[0], &header); err != nil || header.Version != 2 || header.Width != 100 || header.Height != 30 {
		t.Errorf("%s: header %s: %v", file, lines[0], err)
	}
	var sent strings.Builder
	last := 0.0
	for i, line := range lines[1:] {
		var event [3]any
		if err := json.Unmarshal(line, &event); err != nil {
			t.Fatalf("%s:%d: %v", file, i+2, err)
		}
		at, isTime := event[0].(float64)
		text, isText := event[2].(string)
		if event[1] != "o" || !isTime || !isText || at < last {
			t.Fatalf("%s:%d: %s after %v s", file, i+2, line, last)
		}
		last = at
		sent.WriteString(text)
	}
	if last < 6 {
		t.Errorf("%s: it ends at %v s, and the scenario at 6", file, last)
	}
	for _, want := range []string{"RECEIVE WINDOW", "PAST", "PASSED", "\x1b[?1049l", "verdict:"} {
		if !strings.Contains(sent.String(), want) {
			t.Errorf("%s: %q is not in it", file, want)
		}
	}
}
