package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flowlab/peers/story"
)

// TestPictureOfRealSystems: tui's pictures of the picker, which docs/picker.md shows, list the
// scenarios on real systems that there are. tui cannot ask for them, so it has them in a file;
// -update writes it.
func TestPictureOfRealSystems(t *testing.T) {
	type about struct {
		Name, Title, Teaches, Wire string
		Needs                      []story.Program `json:",omitempty"`
	}
	var all []about
	for _, s := range stories(systems{}) {
		all = append(all, about{s.Name, s.Title, s.Teaches, s.Wire, s.Needs})
	}
	want, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("..", "..", "tui", "testdata", "stories.json")
	if *update {
		if err := os.WriteFile(file, append(want, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want)+"\n", string(got)); diff != "" {
		t.Errorf("%s is not what flowlab list has (-list +file); -update writes it, and then go test ./tui -update:\n%s", file, diff)
	}
}
