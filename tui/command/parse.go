// Reading a command.

package command

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"flowlab/diagnose/board"
	"flowlab/diagnose/replay"
	"flowlab/scenarios"
	"flowlab/tui/parts"
)

// Parse reads a line that was typed on a screen, without the ":". The error is a
// [*scenarios.Mistake].
func Parse(v View, line string) (Command, error) {
	name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	e, err := find(v, name)
	if err != nil {
		return nil, err
	}
	c, err := e.read(strings.TrimSpace(rest))
	if err != nil {
		return nil, &scenarios.Mistake{Problem: err.Error(), Hint: e.usage()}
	}
	return c, nil
}

// find returns the command of a name, or the only one that begins like it.
func find(v View, name string) (*entry, error) {
	known := of(v)
	var alike []*entry
	for _, e := range known {
		if e.name == name {
			return e, nil
		}
		if name != "" && strings.HasPrefix(e.name, name) {
			alike = append(alike, e)
		}
	}
	switch len(alike) {
	case 1:
		return alike[0], nil
	case 0:
		problem := "there is no command " + quote(name)
		if views := whoKnows(name); views != "" {
			problem = fmt.Sprintf("%q is no command of this screen, but of %s", name, views)
		}
		return nil, &scenarios.Mistake{Problem: problem, Hint: "the commands are: " + strings.Join(namesOf(known), ", ")}
	}
	return nil, &scenarios.Mistake{Problem: quote(name) + " may be several commands", Hint: "did you mean " + strings.Join(namesOf(alike), " or ") + "?"}
}

// whoKnows lists the screens that know a command.
func whoKnows(name string) string {
	for i := range table {
		if table[i].name == name {
			var names []string
			for _, v := range table[i].views {
				names = append(names, v.String())
			}
			return strings.Join(names, " and ")
		}
	}
	return ""
}

// usage says how a command is written.
func (e *entry) usage() string {
	if e.arguments == "" {
		return fmt.Sprintf("write :%s alone", e.name)
	}
	return fmt.Sprintf("write :%s %s, such as %s", e.name, e.arguments, e.example)
}

// quote shows what somebody wrote, cut where it is long.
func quote(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "..."
	}
	return strconv.Quote(s)
}

func none(c Command) func(string) (Command, error) {
	return func(text string) (Command, error) {
		if text != "" {
			return nil, fmt.Errorf("nothing comes after it, but %s does", quote(text))
		}
		return c, nil
	}
}

func readFilter(text string) (Command, error) {
	f, err := board.ParseFilter(text)
	return Filter{f}, err
}

func readFind(text string) (Command, error) { return Find{text}, nil }

func readSort(text string) (Command, error) {
	by, err := board.ParseBy(text)
	return Sort{by}, err
}

func readGo(text string) (Command, error) {
	if text == "end" {
		return Go{End: true}, nil
	}
	number := strings.TrimLeft(text, "+-")
	if len(text)-len(number) > 1 {
		return nil, fmt.Errorf("%s is no time", quote(text))
	}
	d, err := time.ParseDuration(number)
	if seconds, e := strconv.ParseFloat(number, 64); e == nil && seconds >= 0 && seconds < math.MaxInt64/1e9 {
		d, err = time.Duration(seconds*1e9), nil
	}
	if err != nil || d < 0 {
		return nil, fmt.Errorf("%s is no time", quote(text))
	}
	if text[0] == '-' {
		d = -d
	}
	return Go{Relative: number != text, Time: d}, nil
}

func readExport(text string) (Command, error) { return Export{text}, nil }

func readSave(text string) (Command, error) { return Save{text}, nil }

func readConnection(text string) (Command, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return nil, fmt.Errorf("connection %s: connections have numbers from 1 on", quote(text))
	}
	return Connection{n}, nil
}

func readStream(text string) (Command, error) {
	n, err := strconv.ParseUint(text, 10, 31) // RFC 9113 5.1.1
	if err != nil || n == 0 {
		return nil, fmt.Errorf("stream %s: streams have numbers from 1 to 2147483647", quote(text))
	}
	return Stream{uint32(n)}, nil
}

func readSpeed(text string) (Command, error) {
	slowest, fastest := replay.Speeds[0], replay.Speeds[len(replay.Speeds)-1]
	n, err := strconv.ParseFloat(strings.TrimSuffix(text, "x"), 64)
	if err != nil || !(n >= slowest && n <= fastest) {
		return nil, fmt.Errorf("speed %s: it is a number from %v to %v", quote(text), slowest, fastest)
	}
	return Speed{n}, nil
}

func readSet(text string) (Command, error) {
	knob, value, _ := strings.Cut(text, " ")
	if value = strings.TrimSpace(value); value == "" {
		return nil, fmt.Errorf("a knob and its value are needed, and %s is not both", quote(text))
	}
	return Set{knob, value}, nil
}

func readTheme(text string) (Command, error) {
	t, err := parts.ThemeNamed(text)
	return Theme{t}, err
}

func readPlots(text string) (Command, error) {
	g, err := parts.GlyphsNamed(text)
	return Plots{g}, err
}

func readSwitch(to func(on bool) Command) func(string) (Command, error) {
	return func(text string) (Command, error) {
		if text != "on" && text != "off" {
			return nil, fmt.Errorf("%s is neither on nor off", quote(text))
		}
		return to(text == "on"), nil
	}
}
