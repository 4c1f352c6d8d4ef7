package watch

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"flowlab/tlsrec"
)

// keyLine is a line of a key log, of a session of that number.
func keyLine(session int) string {
	return fmt.Sprintf("CLIENT_TRAFFIC_SECRET_0 %064x %064x\n", session, session)
}

func TestKeyLogGrows(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	write := func(flag int, text string) {
		t.Helper()
		file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|flag, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.WriteString(text); err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
	}
	write(0, "")
	keys := tlsrec.NewKeys()
	log, err := OpenKeyLog(path, keys)
	if err != nil {
		t.Fatal(err)
	}
	defer log.file.Close()
	var said []string
	log.Said = func(text string) { said = append(said, strings.TrimPrefix(text, path+": ")) }
	for _, step := range []struct {
		name   string
		grow   func()
		want   int // sessions
		saying string
	}{
		{"empty", func() {}, 0, ""},
		{"half a line waits", func() { write(os.O_APPEND, keyLine(1)[:50]) }, 0, ""},
		{"the rest of it", func() { write(os.O_APPEND, keyLine(1)[50:]) }, 1, ""},
		{"two more", func() { write(os.O_APPEND, keyLine(2)+keyLine(3)) }, 3, ""},
		{"what is no key", func() { write(os.O_APPEND, "hello\n") }, 3, "line 4: not a line of a key log: it begins with no label"},
		{"cut", func() { write(os.O_TRUNC, keyLine(4)) }, 4, "it was cut: it is read from its beginning again"},
		{"cut again", func() { write(os.O_TRUNC, ""); log.Read(); write(os.O_APPEND, keyLine(5)) }, 5, ""},
		{"replaced", func() { rename(t, path); write(0, keyLine(6)); log.Read() }, 5,
			"it was removed or replaced: keys that are written to another file are not read, start flowlab again"},
	} {
		said = nil
		step.grow()
		log.Read()
		if n := keys.Len(); n != step.want {
			t.Errorf("%s: keys of %d sessions, want %d", step.name, n, step.want)
		}
		if got := strings.Join(slices.Compact(said), "; "); got != step.saying {
			t.Errorf("%s: said %q, want %q", step.name, got, step.saying)
		}
	}
}

func rename(t *testing.T, path string) {
	t.Helper()
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
}

// Of a file that is no key log only the first lines are named.
func TestKeyLogOfSomethingElse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(path, []byte(strings.Repeat("hello\n", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	log, err := OpenKeyLog(path, tlsrec.NewKeys())
	if err != nil {
		t.Fatal(err)
	}
	defer log.file.Close()
	said := 0
	log.Said = func(string) { said++ }
	log.Read()
	if said != mostMistakes+1 {
		t.Errorf("%d things were said, want %d", said, mostMistakes+1)
	}
	if _, err := OpenKeyLog(filepath.Dir(path), tlsrec.NewKeys()); err == nil {
		t.Error("a folder is taken for a key log")
	}
}
