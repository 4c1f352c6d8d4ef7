package command

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"flowlab/diagnose/board"
	"flowlab/scenarios"
	"flowlab/tui/parts"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		view View
		line string
		want Command
	}{
		{Watch, "sort bytes", Sort{board.ByBytes}},
		{Watch, "  sort   bytes ", Sort{board.ByBytes}},
		{Watch, "so bytes", Sort{board.ByBytes}},
		{Picker, "filter stream window", Find{"stream window"}},
		{Lab, "go 3.2s", Go{Time: 3200 * time.Millisecond}},
		{Watch, "go 3.2", Go{Time: 3200 * time.Millisecond}},
		{Watch, "go +5s", Go{Relative: true, Time: 5 * time.Second}},
		{Replay, "go -1m", Go{Relative: true, Time: -time.Minute}},
		{Watch, "go end", Go{End: true}},
		{Watch, "export", Export{}},
		{Watch, "export my file.pcapng", Export{"my file.pcapng"}},
		{Replay, "copy", Copy{}},
		{Replay, "connection 12", Connection{12}},
		{Watch, "stream 3", Stream{3}},
		{Replay, "speed 0.5", Speed{0.5}},
		{Replay, "speed 100x", Speed{100}},
		{Lab, "set network.rtt 20ms", Set{"network.rtt", "20ms"}},
		{Lab, "save", Save{}},
		{Lab, "n", Next{}},
		{Top, "theme colour-blind", Theme{&parts.ColourBlind}},
		{Top, "plots ascii", Plots{&parts.ASCII}},
		{Top, "mask on", Mask{true}},
		{Lab, "mouse off", Mouse{false}},
		{Watch, "h", Help{}},
		{Watch, "q", Quit{}},
	} {
		got, err := Parse(c.view, c.line)
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q on %v is %#v, %v, want %#v", c.line, c.view, got, err, c.want)
		}
	}
	f, err := Parse(Watch, "filter port 443 held")
	if f, ok := f.(Filter); err != nil || !ok || f.By.String() != "port 443 held" {
		t.Errorf("a filter is %#v, %v", f, err)
	}
}

// What is wrong is said with what would be right.
func TestMistakes(t *testing.T) {
	for _, c := range []struct {
		view          View
		line          string
		problem, hint string
	}{
		{Watch, "", `there is no command ""`, "the commands are: filter, sort, go,"},
		{Watch, "frob", `there is no command "frob"`, "the commands are: filter, sort, go,"},
		{Watch, "set a b", `"set" is no command of this screen, but of lab`, "the commands are: filter"},
		{Lab, "sort bytes", `"sort" is no command of this screen, but of watch and replay`, "go, set, save,"},
		{Replay, "s bytes", `"s" may be several commands`, "did you mean sort or stream or speed?"},
		{Watch, "sort colour", `unknown order "colour": it is one of stalled,`, "write :sort COLUMN, such as bytes"},
		{Watch, "filter port x", `port "x": a port is a number`, "write :filter CONDITIONS, such as port 443 held"},
		{Watch, "go", `"" is no time`, "write :go TIME, such as 3.2s, +5s, -1s or end"},
		{Watch, "go --1s", `"--1s" is no time`, ""},
		{Watch, "go 1e300", `"1e300" is no time`, ""},
		{Watch, "go NaN", `"NaN" is no time`, ""},
		{Watch, "copy that", `nothing comes after it, but "that" does`, "write :copy alone"},
		{Watch, "connection 0", `connection "0": connections have numbers from 1 on`, ""},
		{Watch, "stream 2147483648", `stream "2147483648": streams have numbers from 1 to 2147483647`, ""},
		{Replay, "speed 0", `speed "0": it is a number from 0.1 to 100`, ""},
		{Replay, "speed NaN", `speed "NaN": it is a number from 0.1 to 100`, ""},
		{Lab, "set network.rtt", `a knob and its value are needed, and "network.rtt" is not both`, "write :set KNOB VALUE"},
		{Lab, "theme pink", `unknown theme "pink": there are standard, colour-blind and plain`, ""},
		{Lab, "plots pink", `unknown plots "pink": there are braille, block and ascii`, ""},
		{Watch, "mask maybe", `"maybe" is neither on nor off`, "write :mask on|off, such as on"},
		{Watch, strings.Repeat("x", 500), `there is no command "` + strings.Repeat("x", 40) + `..."`, ""},
	} {
		got, err := Parse(c.view, c.line)
		var m *scenarios.Mistake
		if !errors.As(err, &m) || !strings.HasPrefix(m.Problem, c.problem) || !strings.Contains(m.Hint, c.hint) || m.Hint == "" {
			t.Errorf("%q on %v is %#v, %#v, want a mistake %q, %q", c.line, c.view, got, err, c.problem, c.hint)
		}
	}
}

func TestComplete(t *testing.T) {
	words := func(kind string) []string {
		return map[string][]string{Knobs: {"network.rtt", "network.rate"}, Interfaces: {"eth0"}, Streams: {"1", "3"}}[kind]
	}
	for _, c := range []struct {
		view   View
		before string
		from   int
		want   []string
	}{
		{Replay, "s", 0, []string{"sort", "stream", "speed"}},
		{Watch, "s", 0, []string{"sort", "stream"}},
		{Watch, "sort b", 5, []string{"bytes"}},
		{Watch, " sort  c", 7, []string{"client", "cause"}},
		{Watch, "sort bytes", 5, nil}, // nothing is missing
		{Lab, "set network.r", 4, []string{"network.rtt", "network.rate"}},
		{Lab, "theme ", 6, []string{"standard", "colour-blind", "plain"}},
		{Watch, "mask o", 5, []string{"on", "off"}},
		{Watch, "stream ", 7, []string{"1", "3"}},
		{Watch, "filter port 443 h", 16, []string{"held-by", "held", "h2", "handshake"}},
		{Watch, "filter held-by r", 15, []string{"reader"}},
		{Watch, "filter interface ", 17, []string{"eth0"}},
		{Watch, "filter port ", 12, nil},
		{Watch, "export s", 8, nil},
		{Watch, "frob s", 6, nil},
	} {
		from, got := Complete(c.view, c.before, words)
		if from != c.from || !slices.Equal(got, c.want) {
			t.Errorf("%q on %v: %d %q, want %d %q", c.before, c.view, from, got, c.from, c.want)
		}
	}
	if from, got := CompleteFilter("cause s", 0, nil); from != 6 || !slices.Equal(got, []string{"stream-window", "stream-limit", "send-buffer"}) {
		t.Errorf("a cause may be %q from %d on", got, from)
	}
}

// What the table has for an example is right.
func TestExamples(t *testing.T) {
	for v := range View(numViews) {
		for _, e := range of(v) {
			for _, text := range strings.Split(strings.ReplaceAll(e.example, " or ", ", "), ", ") {
				if _, err := Parse(v, e.name+" "+text); err != nil {
					t.Errorf("%v: %s %s: %v", v, e.name, text, err)
				}
			}
		}
	}
}

// However a line is written, it is a command or a mistake with a hint, and what completes
// it stands within it.
func FuzzParse(f *testing.F) {
	for i := range table {
		f.Add(uint8(i), table[i].name+" "+table[i].example)
	}
	f.Add(uint8(Watch), "filter not cause receive-window stalled>1s")
	f.Fuzz(func(t *testing.T, view uint8, line string) {
		v := View(view % uint8(numViews))
		c, err := Parse(v, line)
		var m *scenarios.Mistake
		if (c == nil) != (errors.As(err, &m) && m.Problem != "" && m.Hint != "") {
			t.Fatalf("%q is %#v, %#v", line, c, err)
		}
		from, words := Complete(v, line, nil)
		if from < 0 || from > len(line) {
			t.Fatalf("%q is completed from %d on", line, from)
		}
		for _, w := range words {
			if !strings.HasPrefix(w, line[from:]) {
				t.Fatalf("%q is completed by %q", line, w)
			}
		}
	})
}
