package scenarios

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestBuiltinsAreAllTaught(t *testing.T) {
	files, err := fs.Glob(builtin, "builtin/*")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, name := range builtinNames {
		want = append(want, "builtin/"+name+".md", "builtin/"+name+".yaml")
	}
	slices.Sort(want)
	if !slices.Equal(files, want) {
		t.Errorf("files %v\nnames %v", files, want)
	}
}

func TestBuiltins(t *testing.T) {
	sections := []string{"What happens", "What to look at", "Why", "Say it in an interview", "Question", "Answer"}
	for _, s := range Builtins() {
		t.Run(s.Name, func(t *testing.T) {
			if s.Title == "" || s.Teaches == "" || len(s.Expect) == 0 {
				t.Errorf("title %q, teaches %q, %d expectations", s.Title, s.Teaches, len(s.Expect))
			}
			if s.End < 4*time.Second || s.End > 8*time.Second {
				t.Errorf("it takes %v; a watcher is given 4 to 8 s", s.End)
			}
			lines := strings.Split(strings.TrimSuffix(s.Explain, "\n"), "\n")
			var found []string
			for i, line := range lines {
				if n := utf8.RuneCountInString(line); n > 78 {
					t.Errorf("line %d of the explanation has %d columns", i+1, n)
				}
				if title, ok := strings.CutPrefix(line, "## "); ok {
					found = append(found, title)
				}
			}
			if !slices.Equal(found, sections) {
				t.Errorf("sections %q, want %q", found, sections)
			}
			if lines[0] != "# "+s.Title {
				t.Errorf("the explanation begins with %q, the title is %q", lines[0], s.Title)
			}
			if len(lines) < 40 || len(lines) > 75 {
				t.Errorf("the explanation has %d lines", len(lines))
			}
			if n := len(s.Questions()); n < 1 || n > 2 {
				t.Errorf("it asks %d questions, want one or two", n)
			}
			for _, q := range s.Questions() {
				checkQuestion(t, q)
				if n := strings.Count(q.Why+" ", ". "); n < 1 || n > 2 {
					t.Errorf("%q has %d sentences, want one or two", q.Why, n)
				}
			}
			for i, said := range s.Script {
				if utf8.RuneCountInString(said.Say) > 100 {
					t.Errorf("step %d says more than a line: %q", i+1, said.Say)
				}
			}
		})
	}
}

func TestFind(t *testing.T) {
	for _, c := range []struct {
		name, find, problem, hint string
	}{
		{"misspelt", "slow-raeder", `unknown scenario "slow-raeder"`, "did you mean slow-reader?"},
		{"part of a name", "nagle", `unknown scenario "nagle"`, "did you mean nagle-and-delayed-ack?"},
		{"nothing like it", "xyzzy", `unknown scenario "xyzzy"`, "flowlab list has the scenarios"},
		{"path", "here/none", "no such file", "check the path; flowlab list has the built-in scenarios"},
		{"ending", "none.yml", "no such file", "check the path"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Find(c.find)
			m, ok := errors.AsType[*Mistake](err)
			if !ok {
				t.Fatalf("error %v is not a Mistake", err)
			}
			if m.Problem != c.problem || !strings.Contains(m.Hint, c.hint) {
				t.Errorf("got %q, hint %q\nwant %q, hint with %q", m.Problem, m.Hint, c.problem, c.hint)
			}
		})
	}
	t.Run("built-in", func(t *testing.T) {
		s, err := Find("healthy")
		if err != nil || s.Name != "healthy" || s.Explain == "" {
			t.Errorf("%+v, %v", s, err)
		}
	})
	t.Run("its file", func(t *testing.T) {
		s, err := Find(path.Join("builtin", "healthy.yaml"))
		if err != nil || s.Name != "healthy" {
			t.Errorf("%+v, %v", s, err)
		}
	})
}
