package scenarios

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Format writes a scenario as a file in the style of the built-in ones: the knobs that
// differ from their defaults, and a line for each step and each expectation; a step that
// asks has several. [Load]
// reads from it what the scenario says; its name and explanation are not part of a file.
func Format(s *Scenario) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "title: %s\n", line(s.Title))
	if s.Teaches != "" {
		fmt.Fprintf(&b, "teaches: %s\n", line(s.Teaches))
	}
	for _, section := range sections {
		if f := knobFields(&s.Knobs, section); len(f) > 0 {
			fmt.Fprintf(&b, "%s: %s\n", section, f)
		}
	}
	if len(s.Script) > 0 {
		b.WriteString("script:\n")
	}
	for _, step := range s.Script {
		if step.Ask == nil {
			fmt.Fprintf(&b, "  - %s\n", stepFields(step))
			continue
		}
		fmt.Fprintf(&b, "  - at: %s\n", duration(step.At))
		writeQuestion(&b, step.Ask)
		for _, field := range stepFields(step)[1:] {
			fmt.Fprintf(&b, "    %s\n", field)
		}
	}
	fmt.Fprintf(&b, "end: %s\n", duration(s.End))
	if len(s.Expect) > 0 {
		b.WriteString("expect:\n")
	}
	for _, e := range s.Expect {
		fmt.Fprintf(&b, "  - %s\n", expectationFields(e, s.End))
	}
	return []byte(b.String())
}

// fields is a mapping on one line; each is "key: value".
type fields []string

func (f fields) String() string { return "{" + strings.Join(f, ", ") + "}" }

// add appends a key whose value is safe as it is.
func (f *fields) add(key string, value any) { *f = append(*f, fmt.Sprintf("%s: %v", key, value)) }

// addText appends a key whose value is somebody's text; none if it is empty.
func (f *fields) addText(key, text string) {
	if text != "" {
		f.add(key, word(text))
	}
}

// knobFields are the knobs of a section that a file must name. A stock library is left
// its own for a knob that is not named: one that was set is named there also where its
// value is the default.
func knobFields(k *Knobs, section string) (f fields) {
	usual := DefaultKnobs()
	for _, name := range KnobNames() {
		key, ok := strings.CutPrefix(name, section+".")
		if !ok {
			continue
		}
		asked := k.Given(name) && k.IsHTTP2() && slices.Contains([]Role{Producer, Consumer}, Role(section)) && k.Stock(Role(section))
		if value := k.Get(name); asked || value != usual.Get(name) {
			f.add(key, knobText(value))
		}
	}
	return f
}

// knobText writes the value of a knob with the letters that the documentation uses.
func knobText(value string) string { return strings.ReplaceAll(value, "µs", "us") }

// stepFields are those of a step, without its question.
func stepFields(s Step) (f fields) {
	f.add("at", duration(s.At))
	if len(s.Set) > 0 {
		var set fields
		for _, turned := range s.Set {
			set.add(turned.Knob, word(knobText(turned.Value)))
		}
		f.add("set", set)
	}
	if s.Drop != nil {
		f.add("drop", dropFields(s.Drop))
	}
	for _, a := range s.Do {
		key, what := actionFields(a)
		f.add(key, what)
	}
	f.addText("say", s.Say)
	return f
}

// writeQuestion writes what a step asks: its texts have lines of their own.
func writeQuestion(b *strings.Builder, q *Question) {
	fmt.Fprintf(b, "    ask:\n      question: %s\n      answers:\n", line(q.Text))
	for _, answer := range q.Answers {
		fmt.Fprintf(b, "        - %s\n", line(answer))
	}
	fmt.Fprintf(b, "      right: %d\n      why: %s\n", q.Right, line(q.Why))
}

func dropFields(d *DropRule) (f fields) {
	f.add("what", d.What)
	f.addText("from", string(d.From))
	if d.First != 1 {
		f.add("first", d.First)
	}
	if d.Last != 0 {
		f.add("last", d.Last)
	}
	if d.Until != 0 {
		f.add("until", d.Until)
	}
	return f
}

// duration writes a time as scripts do: 3500ms rather than 3.5s.
func duration(d time.Duration) string {
	for _, unit := range []struct {
		name string
		long time.Duration
	}{{"s", time.Second}, {"ms", time.Millisecond}, {"us", time.Microsecond}} {
		if d%unit.long == 0 {
			return strconv.FormatInt(int64(d/unit.long), 10) + unit.name
		}
	}
	return strconv.FormatInt(int64(d), 10) + "ns"
}

// amount writes bytes as scripts do: without a unit where it would be B.
func amount(b Bytes) string {
	text := b.String()
	if digits := strings.TrimSuffix(text, "B"); strings.Trim(digits, "0123456789") == "" {
		return digits
	}
	return text
}

// counts adds the bounds of a number; none are those of what must be there once.
func (f *fields) counts(least, most int) {
	if least > 1 || least == 1 && most != math.MaxInt {
		f.add("at-least", least)
	}
	if most != math.MaxInt {
		f.add("at-most", most)
	}
}

var (
	// plainWord matches text that needs no quotes inside brackets, and plainLine
	// text that needs none at the end of a line. Neither can be taken for a number.
	plainWord = regexp.MustCompile(`^([A-Za-z/][A-Za-z0-9 ./_%'()=+-]*|[0-9][0-9A-Za-z./%]*)$`)
	plainLine = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9 ./_%'()=+,;-]*$`)
)

// word writes text inside brackets, with quotes if YAML would read it otherwise.
func word(text string) string { return quoted(text, plainWord) }

// line writes text that has a line of its own.
func line(text string) string { return quoted(text, plainLine) }

func quoted(text string, plain *regexp.Regexp) string {
	if plain.MatchString(text) && !strings.HasSuffix(text, " ") && !strings.EqualFold(text, "null") {
		return text
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}
