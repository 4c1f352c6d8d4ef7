package need

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Node skips or fails the test unless the packages that a folder's package-lock.json pins
// can be had from npm's registry, and returns where they are (for NODE_PATH). They are
// kept for other runs; none of their scripts is run.
func Node(t testing.TB, folder string) string {
	t.Helper()
	npm := Program(t, "npm")
	pinned, err := os.ReadFile(filepath.Join(folder, "package-lock.json"))
	if err != nil {
		t.Fatal(err)
	}
	kept := filepath.Join(os.TempDir(), fmt.Sprintf("flowlab-node-%x", sha256.Sum256(pinned)))
	modules := filepath.Join(kept, "node_modules")
	if _, err := os.Stat(modules); err == nil {
		return modules
	}
	fresh := t.TempDir()
	for _, name := range []string{"package.json", "package-lock.json"} {
		data, err := os.ReadFile(filepath.Join(folder, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(fresh, name), data, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	install := exec.CommandContext(t.Context(), npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	install.Dir = fresh
	if out, err := install.CombinedOutput(); err != nil {
		missing(t, fmt.Sprintf("npm cannot install what %s pins: %v: %s", folder, err, out))
	}
	// Whoever is second keeps what the first one made.
	if err := os.Rename(fresh, kept); err != nil {
		if _, err := os.Stat(modules); err == nil {
			return modules
		}
		return filepath.Join(fresh, "node_modules")
	}
	return modules
}
