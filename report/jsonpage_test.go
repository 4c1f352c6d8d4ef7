package report

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestPageOfJSON: docs/json.md links every schema, and of those that it describes it has every
// key, and every value of a key that has but a few.
func TestPageOfJSON(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "docs", "json.md"))
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	files, err := filepath.Glob(filepath.Join("..", "docs", "schema", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		if !strings.Contains(page, "](schema/"+filepath.Base(file)+")") {
			t.Errorf("docs/json.md does not link %s", file)
		}
	}
	for _, name := range []string{"run-1", "runs-1", "story-1", "analysis-1", "frame-1"} {
		text, err := os.ReadFile(filepath.Join("..", "docs", "schema", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var schema any
		if err := json.Unmarshal(text, &schema); err != nil {
			t.Fatal(err)
		}
		words := make(map[string]bool)
		collect(schema, words)
		for _, word := range slices.Sorted(maps.Keys(words)) {
			if !strings.Contains(page, "`"+word+"`") && !strings.Contains(page, "."+word+"`") { // `source.start`
				t.Errorf("docs/json.md has no `%s` of %s", word, name)
			}
		}
	}
}

// collect finds the keys that a schema describes, and what stands in enumerations of a key's
// own. Those that several keys share, causes and holders, have pages of their own.
func collect(schema any, words map[string]bool) {
	switch part := schema.(type) {
	case []any:
		for _, p := range part {
			collect(p, words)
		}
	case map[string]any:
		properties, _ := part["properties"].(map[string]any)
		for key, of := range properties {
			words[key] = true
			described, _ := of.(map[string]any)
			values, _ := described["enum"].([]any)
			for _, v := range values {
				if word, ok := v.(string); ok {
					words[word] = true
				}
			}
		}
		for _, p := range part {
			collect(p, words)
		}
	}
}
