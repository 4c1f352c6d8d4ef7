package parts

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// press presses keys, separated by blanks.
func press(in *Input, keys string) (did Entry) {
	for _, k := range strings.Fields(keys) {
		did = in.Press(k)
	}
	return did
}

func TestInput(t *testing.T) {
	for _, c := range []struct {
		name, keys string
		want       string // with the cursor as |
		did        Entry
	}{
		{"typing", "s e t space x", "set x|", Typing},
		{"in the middle", "a c left b", "ab|c", Typing},
		{"wide and joined", "読 e\u0301 👩‍💻 left left left x", "x|読e\u0301👩‍💻", Typing},
		{"no further", "a left left left right right right", "a|", Typing},
		{"home and end", "a b home x end y", "xaby|", Typing},
		{"the same with Ctrl", "a b ctrl-a x ctrl-e y", "xaby|", Typing},
		{"back", "a b c left backspace", "a|c", Typing},
		{"delete", "a b c home delete delete", "|c", Typing},
		{"delete at the end", "a delete", "a|", Typing},
		{"to the start", "a b c left ctrl-u", "|c", Typing},
		{"to the end", "a b c home right ctrl-k", "a|", Typing},
		{"a word", "o n e space t w o space ctrl-w", "one |", Typing},
		{"names write nothing", "f1 pgup alt-x ctrl-z x", "x|", Typing},
		{"enter", "a enter", "a|", Entered},
		{"escape", "a esc", "a|", Abandoned},
		{"Ctrl-C", "ctrl-c", "|", Abandoned},
		{"back out of it", "a backspace backspace", "|", Abandoned},
		{"nothing to complete", "a tab shift-tab", "a|", Typing},
		{"no history", "a up down", "a|", Typing},
	} {
		t.Run(c.name, func(t *testing.T) {
			var in Input
			did := press(&in, c.keys)
			if got := in.text[:in.cursor] + "|" + in.text[in.cursor:]; got != c.want || did != c.did {
				t.Errorf("%q and %d, want %q and %d", got, did, c.want, c.did)
			}
		})
	}
}

// TestInputLongest: what somebody pastes by mistake is cut.
func TestInputLongest(t *testing.T) {
	var in Input
	for range longest {
		in.Press("読")
	}
	if n := len(in.Text()); n > longest || n < longest-len("読") {
		t.Errorf("%d bytes were taken", n)
	}
}

func TestHistory(t *testing.T) {
	var in Input
	for _, line := range []string{"one", "two", "two", ""} {
		in.Remember(line)
	}
	in.Set("typed")
	for _, c := range []struct{ key, want string }{
		{"up", "two"}, {"up", "one"}, {"up", "one"}, {"down", "two"}, {"down", "typed"}, {"down", "typed"}, {"up", "two"},
	} {
		if in.Press(c.key); in.Text() != c.want {
			t.Errorf("after %s it is %q, want %q", c.key, in.Text(), c.want)
		}
	}
}

// settings completes a command and its argument.
func settings(before string) (from int, words []string) {
	from = strings.LastIndexByte(before, ' ') + 1
	list := []string{"set", "sort", "speed"}
	if from > 0 {
		list = []string{"consumer.read-rate", "consumer.window", "network.rate", "network.rtt", "producer.rate"}
	}
	for _, w := range list {
		if strings.HasPrefix(w, before[from:]) {
			words = append(words, w)
		}
	}
	return from, words
}

func TestCompletion(t *testing.T) {
	in := Input{Prompt: ":", Complete: settings}
	for _, c := range []struct{ keys, want string }{
		{"s tab", "set"}, {"tab", "sort"}, {"shift-tab", "set"}, {"shift-tab", "speed"}, {"tab", "set"},
		{"space n tab tab", "set network.rtt"}, {"space 1", "set network.rtt 1"}, {"tab", "set network.rtt 1"},
		{"ctrl-u s shift-tab", "speed"},
	} {
		if press(&in, c.keys); in.Text() != c.want {
			t.Errorf("after %s it is %q, want %q", c.keys, in.Text(), c.want)
		}
	}
	in.Set("s x")
	if press(&in, "left left tab"); in.Text() != "set x" {
		t.Errorf("before the cursor only: %q", in.Text())
	}
}

func TestInputLine(t *testing.T) {
	golden(t, "input", inEverySet(50, 2, func(a Area) {
		in := Input{Prompt: ":", Complete: settings}
		press(&in, "s e t space tab tab")
		in.Draw(a)
	}))
	golden(t, "input-long", inEverySet(30, 2, func(a Area) {
		in := Input{Prompt: "/", Complete: settings}
		in.Set("a line that is longer than the screen ")
		press(&in, "tab tab tab")
		in.Draw(a)
	}))
}

// TestInputCursor: the cursor is where the next character goes, in every width.
func TestInputCursor(t *testing.T) {
	in := Input{Prompt: "/"}
	in.Set("port 443")
	press(&in, "left left left")
	c := blank(&Block, 12, 1)
	in.Draw(c.Area())
	if got, want := inked(c, Cursor), "......#.....\n"; got != want {
		t.Errorf("the cursor is at\n%swant\n%s", got, want)
	}
	in.Set(strings.Repeat("読", 20))
	for width := 4; width < 40; width++ {
		c := blank(&Block, width, 1)
		in.Draw(c.Area())
		if got := strings.Count(inked(c, Cursor), "#"); got != 1 {
			t.Errorf("in %d columns %d cells are the cursor", width, got)
		}
	}
}

// FuzzInput: whatever is pressed, the cursor stands between two characters and
// what is typed is text.
func FuzzInput(f *testing.F) {
	f.Add("s\ttab\tleft\té\tbackspace\tup\tctrl-w\t読\tdelete")
	f.Add("🇩\t🇪\tleft\thome\tx\tright\tbackspace")
	f.Add("\u0301\t\u200d\ta\tleft\tbackspace")
	f.Fuzz(func(t *testing.T, keys string) {
		in := Input{Prompt: ":", Complete: settings}
		in.Remember("前 line")
		c := blank(&Braille, 17, 2)
		for key := range strings.SplitSeq(keys[:min(len(keys), 200)], "\t") {
			in.Press(key)
			if in.cursor < 0 || in.cursor > len(in.text) || !utf8.ValidString(in.text) || !utf8.ValidString(in.text[:in.cursor]) {
				t.Fatalf("after %q the cursor is at %d of %q", key, in.cursor, in.text)
			}
			c.Reset(17, 2)
			in.Draw(c.Area())
		}
	})
}
