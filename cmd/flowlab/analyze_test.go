package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"flowlab/internal/need"
)

// TestAnalyzeCapturesOfOthers: of every capture that other projects made the JSON
// keeps to its schema, text and JSON do not depend on the number of cores, and
// there is a line for each packet.
func TestAnalyzeCapturesOfOthers(t *testing.T) {
	if testing.Short() {
		t.Skip("reads many captures")
	}
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join(schemas, "analysis-1.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range need.Captures(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			out := analyzed(t, "1", path, "--json")
			if !bytes.Equal(out, analyzed(t, "3", path, "--json")) {
				t.Error("the JSON is another on three cores")
			}
			if !bytes.Equal(analyzed(t, "1", path), analyzed(t, "3", path)) {
				t.Error("the text is another on three cores")
			}
			document, err := jsonschema.UnmarshalJSON(bytes.NewReader(out))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(document); err != nil {
				t.Error(err)
			}
			var got struct{ Source struct{ Packets int } }
			if err := json.Unmarshal(out, &got); err != nil {
				t.Fatal(err)
			}
			if n := bytes.Count(analyzed(t, "1", path, "--frames", "--json"), []byte("\n")); n != got.Source.Packets {
				t.Errorf("%d lines for %d packets", n, got.Source.Packets)
			}
		})
	}
}

// analyzed is what analyze writes to standard output on so many cores. A damaged
// capture is no failure here.
func analyzed(t *testing.T, cores, path string, flags ...string) []byte {
	t.Helper()
	verb := exec.CommandContext(t.Context(), "flowlab", append([]string{"analyze", path}, flags...)...)
	verb.Env = append(verb.Environ(), "GOMAXPROCS="+cores)
	out, err := verb.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == exitError && !bytes.Contains(exit.Stderr, []byte("panic")) {
		return out
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}
