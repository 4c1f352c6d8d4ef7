package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flowlab/scenarios"
)

// TestReadmeScenarios: README's table has all built-in scenarios, in their order, with what
// each teaches.
func TestReadmeScenarios(t *testing.T) {
	table := "| name | teaches |\n|---|---|\n"
	for _, s := range scenarios.Builtins() {
		table += fmt.Sprintf("| `%s` | %s |\n", s.Name, s.Teaches)
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\n## Scenarios\n\n")
	got, _, _ := strings.Cut(rest, "\n\n")
	if diff := cmp.Diff(table, got+"\n"); diff != "" {
		t.Errorf("README's table of scenarios (-list +README):\n%s", diff)
	}
}
