package settings

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"flowlab/tui/parts"
)

// Template returns a file with every setting and every key as it usually is, each in a
// comment: what is not changed stays as flowlab's next version has it.
func Template() string {
	var b strings.Builder
	b.WriteString("# How flowlab's screens look, and their keys. Take the # away before what you change.\n\n")
	var themes []string
	for _, t := range parts.Themes() {
		themes = append(themes, t.Name)
	}
	setting := func(name, value, doc string) { fmt.Fprintf(&b, "# %s\n#%s: %s\n\n", doc, name, value) }
	d := Default()
	setting("theme", d.Theme.Name, "The colours: "+strings.Join(themes, ", ")+".")
	setting("plots", automatic, "What charts are made of: braille, block or ascii; auto is what the terminal can show.")
	setting("mouse", strconv.FormatBool(d.Mouse), "The mouse turns knobs and selects rows; false leaves it to the terminal, to select text.")
	setting("mask", strconv.FormatBool(d.Mask), "Addresses are shown as stand-ins, for those who look over your shoulder.")
	b.WriteString("# Keys. A character stands for itself; other keys are called\n# " + strings.Join(named[:8], ", ") + ",\n# " + strings.Join(named[8:15], ", ") +
		" and f1 to f12; ctrl-, alt- and shift- may stand\n# before them. [] leaves an action without a key.\n#keys:\n")
	for v := range View(numViews) {
		fmt.Fprintf(&b, "#  %s:\n", v)
		for i := range lines {
			if lines[i].view == v {
				lines[i].write(&b)
			}
		}
	}
	return b.String()
}

// write writes the keys of a line's actions, below what they do.
func (l *line) write(b *strings.Builder) {
	if len(l.actions) == 0 {
		return
	}
	fmt.Fprintf(b, "#    # %s\n", l.does)
	for i := range l.actions {
		var keys []string
		for _, key := range l.actions[i].keys {
			keys = append(keys, inYAML(key))
		}
		fmt.Fprintf(b, "#    %s: [%s]\n", l.actions[i].name, strings.Join(keys, ", "))
	}
}

// inYAML writes a key so that YAML takes it for text.
func inYAML(key string) string {
	for _, c := range key {
		if !unicode.IsLower(c) && c != '-' || len(key) == 1 && !unicode.IsLower(c) {
			return strconv.Quote(key)
		}
	}
	return key
}

// quoted shows what somebody wrote, without what a terminal would obey, and not all of it
// if it is long.
func quoted(text string) string {
	const most = 60
	if r := []rune(text); len(r) > most {
		text = string(r[:most]) + "…"
	}
	return strconv.Quote(text)
}

// printable is a text without what a terminal would obey.
func printable(text string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) {
			return c
		}
		return '?'
	}, text)
}

// sorted returns a map's keys in order.
func sorted[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }
