package rsocket

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"flowlab/internal/need"
	"flowlab/peers/story"
)

// TestInstall: the packages are fetched once, into the user's cache folder, and nothing
// else stays there.
func TestInstall(t *testing.T) {
	if testing.Short() || runtime.GOOS != "linux" {
		t.Skip("fetches npm's packages into XDG_CACHE_HOME")
	}
	need.Program(t, "npm")
	need.Node(t, "js") // skips the test where the registry cannot be reached
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	var said []string
	s := &story.Story{Tell: func(ctx context.Context, s *story.Stage) error {
		first, err := install(ctx, s)
		if err != nil {
			return err
		}
		again, err := install(ctx, s)
		if err != nil {
			return err
		}
		if _, err := os.Stat(filepath.Join(first, "rsocket-core", "package.json")); err != nil || first != again || !strings.HasPrefix(first, cache) {
			t.Errorf("packages in %s and %s, %v; want both in %s", first, again, err, cache)
		}
		return nil
	}}
	if _, err := s.Run(t.Context(), func(l story.Line) { said = append(said, l.Text) }); err != nil {
		t.Fatal(err)
	}
	if len(said) != 1 {
		t.Errorf("said %q; want that npm fetches, once", said)
	}
	if kept, err := os.ReadDir(filepath.Join(cache, "flowlab")); err != nil || len(kept) != 1 {
		t.Errorf("%v, %v stay in the cache folder: want one folder", kept, err)
	}
}
