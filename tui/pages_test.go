package tui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// pages are the pages of docs about screens, and the golden screens that each shows.
var pages = map[string][]string{
	"watch":  {"connections-80x24", "connection-80x24", "stream-80x24", "replayed-80x24", "command-80x24", "masked-connection-80x24", "copied-stream"},
	"run":    {"stalled-80x24", "http2-120x40", "past-80x24", "knobs-80x24", "question-80x24", "help-80x24"},
	"picker": {"pick-first-80x24", "pick-sifted-80x24", "pick-story-80x24", "pick-mistake-80x24"},
}

// TestPages: what the docs show is what is drawn.
func TestPages(t *testing.T) {
	for page, shown := range pages {
		text, err := os.ReadFile(filepath.Join("..", "docs", page+".md"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range shown {
			screen, err := os.ReadFile(filepath.Join("testdata", name+".txt"))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(text), "```\n"+strings.TrimRight(string(screen), "\n")+"\n```\n") {
				t.Errorf("docs/%s.md does not show %s as it is:\n%s", page, name, screen)
			}
		}
	}
}
