package settings

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flowlab/tui/parts"
)

var update = flag.Bool("update", false, "write the template to testdata")

// uncommented takes the # away before settings, and leaves what is said of them.
func uncommented(template string) string {
	lines := strings.Split(template, "\n")
	for i, line := range lines {
		if rest, ok := strings.CutPrefix(line, "#"); ok && !strings.HasPrefix(rest, " ") || strings.HasPrefix(rest, "  ") {
			lines[i] = rest
		}
	}
	return strings.Join(lines, "\n")
}

// TestTemplate: the template changes nothing, nor does it with every line in force, and
// it names every action.
func TestTemplate(t *testing.T) {
	golden := filepath.Join("testdata", "template.yaml")
	if *update {
		if err := os.WriteFile(golden, []byte(Template()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), Template()); d != "" {
		t.Errorf("the template differs (-want +got); -update accepts it:\n%s", d)
	}
	for name, text := range map[string]string{"as it is": Template(), "in force": uncommented(Template()), "empty": ""} {
		s, err := Parse("config.yaml", []byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if s.Theme != &parts.Standard || s.Plots != nil || !s.Mouse || s.Mask {
			t.Errorf("%s: %+v, want what holds without a file", name, s)
		}
		for v := range View(numViews) {
			for i := range lines {
				for _, a := range lines[i].actions {
					for _, key := range a.keys {
						if got := s.Keys.Meaning(v, key); v.has(lines[i].view) && got != key {
							t.Errorf("%s: %s means %q in %s", name, key, got, v)
						}
					}
				}
			}
		}
	}
	if s, _ := Parse("config.yaml", []byte(uncommented(Template()))); len(s.Keys) == 0 {
		t.Error("the template in force binds no key: the test looks at nothing")
	}
}

func TestParse(t *testing.T) {
	const text = `theme: colour-blind
plots: ascii
mouse: false
mask: true
keys:
  everywhere: {quit: [x, ctrl-c]}
  time: {earlier: [a, left], previous-mark: []}
  lab: {save: [f2]}
  watch: {sort: ["shift-ctrl-left"]}
`
	s, err := Parse("config.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if s.Theme != &parts.ColourBlind || s.Plots != &parts.ASCII || s.Mouse || !s.Mask {
		t.Errorf("%+v", s)
	}
	for _, c := range []struct {
		view      View
		key, want string
	}{
		{Lab, "x", "q"}, {Picker, "x", "q"}, {Lab, "q", ""}, {Lab, "ctrl-c", "ctrl-c"},
		{Lab, "a", "left"}, {Watch, "a", "left"}, {Picker, "a", "a"}, {Lab, "left", "left"}, {Lab, "[", ""},
		{Lab, "f2", "S"}, {Lab, "S", ""}, {Watch, "S", "S"}, {Watch, "f2", "f2"},
		{Watch, "ctrl-shift-left", "s"}, {Watch, "s", ""}, {Lab, "esc", "esc"}, {Lab, "=", "="},
	} {
		if got := s.Keys.Meaning(c.view, c.key); got != c.want {
			t.Errorf("in %s %s means %q, want %q", c.view, c.key, got, c.want)
		}
	}
	if got := s.Keys.Shown(&parts.Block, Lab, "earlier", "later"); got != "a/→" {
		t.Errorf("earlier and later are shown as %q, want a/→", got)
	}
	for _, h := range s.Keys.Help(&parts.ASCII, Lab) {
		switch h.Does {
		case "the beginning; the present":
			if h.Keys != "home end" {
				t.Errorf("%+v", h)
			}
		case "where a stall began or ended":
			if h.Keys != "]" {
				t.Errorf("%+v, want the key that is left", h)
			}
		case "choose one of them": // of the lab
			if h.Keys != "up down pgup pgdn" {
				t.Errorf("%+v", h)
			}
		case "open it, and there a stream":
			t.Error("the help of the lab has a line of watch's")
		}
	}
}

func TestMistakes(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"theme: pink", `config.yaml:1:8: unknown theme "pink": there are standard, colour-blind and plain`},
		{"plots: dots", `config.yaml:1:8: unknown plots "dots": there are braille, block and ascii`},
		{"colour: red", "config.yaml:1:1: unknown field \"colour\""},
		{"mouse: perhaps", "config.yaml:1:8: cannot unmarshal"},
		{"keys: {lab: {jump: [j]}}", `config.yaml:1:20: no action of lab is called "jump"`},
		{"keys: {kitchen: {jump: [j]}}", `config.yaml:1:17: no view is called "kitchen"`},
		{"keys:\n  lab:\n    save: [hyper-s]", `config.yaml:3:11: no key is called "hyper-s"`},
		{"keys:\n  lab:\n    save: [shift-s]", `config.yaml:3:11: "shift-s" is not what a terminal sends`},
		{"keys:\n  lab:\n    save: [q]", "config.yaml:3:11: q is for both save and quit"},
		{"keys:\n  everywhere:\n    quit: [S]", "config.yaml:3:11: S is for both save and quit"},
		{"keys: [", "config.yaml:1:7: "},
		{"theme: standard\ntheme: plain", "config.yaml:2:1: mapping key \"theme\" already defined"},
		{strings.Repeat("#", 70000), "config.yaml: 70000 bytes are too many for settings"},
	} {
		_, err := Parse("config.yaml", []byte(c.text))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%.40q: %v, want %s", c.text, err, c.want)
		}
	}
}

func TestParseKey(t *testing.T) {
	for text, want := range map[string]string{
		"q": "q", "Q": "Q", "?": "?", "-": "-", "+": "+", "é": "é", "space": "space", "f12": "f12",
		"ctrl-c": "ctrl-c", "ctrl-C": "ctrl-c", "shift-ctrl-left": "ctrl-shift-left", "alt-x": "alt-x", "ctrl--": "ctrl--",
		"": "", "f13": "", "qq": "", "ctrl-": "", "shift-q": "", " ": "", "\t": "", "ctrl-ctrl-a": "",
	} {
		if got, err := ParseKey(text); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v, want %q", text, got, err, want)
		}
	}
}

// TestPath: the folder is that of the XDG specification.
func TestPath(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	for set, want := range map[string]string{
		"":            filepath.Join(home, ".config", "flowlab", "config.yaml"),
		"relative":    filepath.Join(home, ".config", "flowlab", "config.yaml"),
		home + "/xdg": filepath.Join(home, "xdg", "flowlab", "config.yaml"),
	} {
		t.Setenv("XDG_CONFIG_HOME", set)
		if got, err := Path(); err != nil || got != want {
			t.Errorf("%q: %s, %v, want %s", set, got, err, want)
		}
		if s, err := Load(); err != nil || s.Theme != &parts.Standard {
			t.Errorf("%q: %+v, %v without a file", set, s, err)
		}
	}
	t.Setenv("XDG_CONFIG_HOME", home)
	if err := os.Mkdir(filepath.Join(home, "flowlab"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, "flowlab", "config.yaml"), []byte("theme: plain"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := Load(); err != nil || s.Theme != &parts.Mono {
		t.Errorf("%+v, %v", s, err)
	}
}

// FuzzParse: whatever stands in the file, it is refused or read, and what is read says
// what every key means.
func FuzzParse(f *testing.F) {
	f.Add([]byte(Template()))
	f.Add([]byte(uncommented(Template())))
	f.Add([]byte("keys: {lab: {save: [f2], less: []}}"))
	f.Add([]byte("theme: &a standard\nplots: *a"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Parse("config.yaml", data)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\x1b\x00") {
				t.Errorf("the error has control characters: %q", err)
			}
			return
		}
		for v := range View(numViews) {
			s.Keys.Meaning(v, "q")
			s.Keys.Help(&parts.ASCII, v)
		}
	})
}
