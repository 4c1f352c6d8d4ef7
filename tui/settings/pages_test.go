package settings

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestPagesOfKeys: the table of keys on the page of each screen has all that the screen has,
// and no other. That of a run shows its help instead, which a golden file holds.
func TestPagesOfKeys(t *testing.T) {
	quoted := regexp.MustCompile("`([^`]+)`")
	for view, page := range map[View]string{Picker: "picker", Watch: "watch", Top: "top"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "docs", page+".md"))
		if err != nil {
			t.Fatal(err)
		}
		_, rest, found := strings.Cut(string(text), "\n| key | |\n|---|---|\n")
		table, _, _ := strings.Cut(rest, "\n\n")
		if !found {
			t.Errorf("docs/%s.md has no table of keys", page)
		}
		var named []string
		for row := range strings.Lines(table) {
			keys, _, _ := strings.Cut(strings.TrimPrefix(row, "| "), " | ")
			for _, m := range quoted.FindAllStringSubmatch(keys, -1) {
				named = append(named, m[1])
			}
		}
		has := keysOf(view)
		for _, key := range has {
			if !slices.Contains(named, key) {
				t.Errorf("docs/%s.md does not name the key %s", page, key)
			}
		}
		for _, key := range named {
			if !slices.Contains(has, key) {
				t.Errorf("docs/%s.md names the key %s, which does nothing there", page, key)
			}
		}
	}
}

// keysOf are the usual keys of a view, with those that it has in common with others.
func keysOf(v View) (keys []string) {
	for _, l := range lines {
		for _, a := range l.actions {
			if v.has(l.view) {
				keys = append(keys, a.keys...)
			}
		}
	}
	return keys
}
