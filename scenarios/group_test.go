package scenarios

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGroupsHaveEveryBuiltin(t *testing.T) {
	var names []string
	for _, g := range Groups() {
		for _, e := range g.Entries {
			if e.Scenario.Group != g.Name || e.File != "" || e.Mistake != nil {
				t.Errorf("in %s: %s of %s, file %q, %v", g.Name, e.Scenario.Name, e.Scenario.Group, e.File, e.Mistake)
			}
			names = append(names, e.Scenario.Name)
		}
	}
	if diff := cmp.Diff(builtinNames, names); diff != "" {
		t.Error(diff)
	}
}

func TestOwnFilesAreListedWithTheirMistakes(t *testing.T) {
	near, far := t.TempDir(), t.TempDir()
	for file, text := range map[string]string{
		filepath.Join(near, "b.yaml"):  "title: B\nend: 1s\n",
		filepath.Join(near, "a.yml"):   "title: A\nedn: 1s\n",
		filepath.Join(near, "c.txt"):   "title: C\nend: 1s\n",
		filepath.Join(near, "d.yaml"):  "services: {web: {title: none}}\n",
		filepath.Join(far, "far.yaml"): "title: Far\nend: 1s\n",
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(near, "folder.yaml"), 0o700); err != nil {
		t.Fatal(err)
	}
	got := Own(near, filepath.Join(near, "missing"), far).Entries
	if len(got) != 3 {
		t.Fatalf("%d entries: %v", len(got), got)
	}
	m, ok := errors.AsType[*FileError](got[0].Mistake)
	if !ok || m.Line != 1 || got[0].Scenario != nil || filepath.Base(got[0].File) != "a.yml" {
		t.Errorf("a.yml: %+v", got[0])
	}
	for i, title := range []string{"B", "Far"} {
		if e := got[i+1]; e.Mistake != nil || e.Scenario.Title != title {
			t.Errorf("%s: %+v", title, e)
		}
	}
}

func TestOwnFolders(t *testing.T) {
	data, home := t.TempDir(), t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home) // of Windows
	for set, want := range map[string]string{data: data, "relative": filepath.Join(home, ".local", "share"), "": filepath.Join(home, ".local", "share")} {
		t.Setenv("XDG_DATA_HOME", set)
		if diff := cmp.Diff([]string{".", filepath.Join(want, "flowlab", "scenarios")}, OwnFolders()); diff != "" {
			t.Errorf("XDG_DATA_HOME=%q: %s", set, diff)
		}
	}
}

func TestDiagrams(t *testing.T) {
	var b strings.Builder
	for _, s := range Builtins() {
		fmt.Fprintf(&b, "%s\n", s.Name)
		for _, line := range Diagram(s, 78) {
			fmt.Fprintf(&b, "%s\n", strings.TrimRight("  "+line, " "))
		}
	}
	const golden = "testdata/diagrams.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Error(diff)
	}
}

func TestDiagramsFit(t *testing.T) {
	for _, s := range Builtins() {
		for _, width := range []int{0, 2, 5, 20, 60} {
			lines := Diagram(s, width)
			for _, line := range lines {
				if len(line) > width {
					t.Errorf("%s in %d columns: %q", s.Name, width, line)
				}
			}
			if len(lines) != 3 {
				t.Errorf("%s: %d lines", s.Name, len(lines))
			}
		}
	}
}
