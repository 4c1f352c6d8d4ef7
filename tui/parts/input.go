package parts

import (
	"strings"
	"unicode/utf8"
)

// Input is one line that is typed: its text, the cursor, what was entered before
// and what may stand here.
type Input struct {
	Prompt string // before the text, such as ":" or "/"

	// Complete returns, for the text before the cursor, the words that may stand
	// at its end, and from which byte on they would stand. It may be nil.
	Complete func(before string) (from int, words []string)

	text    string
	cursor  int // in bytes, between two characters
	history []string
	back    int    // how far back in the history; 0 for the line that is typed
	typed   string // that line, while the history is shown

	from   int // candidates replace what is from here to the cursor
	words  []string
	chosen int // of the words, counted from 1; 0 for none
}

// Entry is what a key did to an input.
type Entry uint8

// What a key can do.
const (
	Typing    Entry = iota // it goes on
	Entered                // the text is meant
	Abandoned              // the input was left
)

// Text returns what is typed.
func (in *Input) Text() string { return in.text }

// Set replaces what is typed, with the cursor at its end.
func (in *Input) Set(text string) {
	in.text, in.cursor, in.back = text, len(text), 0
	in.changed()
}

// Remember adds a line to the history, unless it is empty or the latest one.
func (in *Input) Remember(line string) {
	if n := len(in.history); line != "" && (n == 0 || in.history[n-1] != line) {
		in.history = append(in.history, line)
	}
}

// Press does what a key is for: a character, or a key's name: enter, esc, tab,
// shift-tab, left, right, home, end, up, down, backspace, delete, ctrl-a, ctrl-e,
// ctrl-k, ctrl-u, ctrl-w, ctrl-c. To take the last character back from an empty
// line leaves it.
func (in *Input) Press(key string) Entry {
	switch key {
	case "enter":
		return Entered
	case "esc", "ctrl-c":
		return Abandoned
	case "backspace":
		if in.text == "" {
			return Abandoned
		}
	case "tab":
		in.cycle(1)
		return Typing
	case "shift-tab":
		in.cycle(-1)
		return Typing
	case "up":
		in.recall(in.back + 1)
		return Typing
	case "down":
		in.recall(in.back - 1)
		return Typing
	}
	in.edit(key)
	in.changed()
	return Typing
}

// edit changes the text or moves the cursor.
func (in *Input) edit(key string) {
	switch key {
	case "left":
		in.cursor = in.before()
	case "right":
		in.cursor = in.after()
	case "home", "ctrl-a":
		in.cursor = 0
	case "end", "ctrl-e":
		in.cursor = len(in.text)
	case "backspace":
		in.cut(in.before(), in.cursor)
	case "delete":
		in.cut(in.cursor, in.after())
	case "ctrl-u":
		in.cut(0, in.cursor)
	case "ctrl-k":
		in.cut(in.cursor, len(in.text))
	case "ctrl-w":
		word := strings.TrimRight(in.text[:in.cursor], " ")
		in.cut(strings.LastIndexByte(word, ' ')+1, in.cursor)
	case "space":
		in.insert(" ")
	default:
		if isCharacter(key) {
			in.insert(key)
		}
	}
}

// isCharacter tells a key that writes one from a key's name.
func isCharacter(key string) bool {
	if key == "" || !utf8.ValidString(key) {
		return false
	}
	_, rest, width := firstGrapheme(key)
	return rest == "" && width > 0 || utf8.RuneCountInString(key) == 1 && key[0] >= utf8.RuneSelf
}

// longest is how many bytes a line takes; more is left out. Every key costs a walk
// along the line, and what is pasted comes as keys.
const longest = 4 << 10

func (in *Input) insert(text string) {
	if len(in.text)+len(text) > longest {
		return
	}
	in.text = in.text[:in.cursor] + text + in.text[in.cursor:]
	in.cursor += len(text)
}

func (in *Input) cut(from, to int) {
	in.text = in.text[:from] + in.text[to:]
	in.cursor = from
}

// before is where the character before the cursor begins.
func (in *Input) before() int {
	at := 0
	for rest := in.text[:in.cursor]; rest != ""; {
		at = in.cursor - len(rest)
		_, rest, _ = firstGrapheme(rest)
	}
	return at
}

// after is where the character at the cursor ends.
func (in *Input) after() int {
	if in.cursor == len(in.text) {
		return in.cursor
	}
	_, rest, _ := firstGrapheme(in.text[in.cursor:])
	return len(in.text) - len(rest)
}

// recall shows a line of the history, or what was typed.
func (in *Input) recall(back int) {
	if back < 0 || back > len(in.history) {
		return
	}
	if in.back == 0 {
		in.typed = in.text
	}
	in.text = in.typed
	if back > 0 {
		in.text = in.history[len(in.history)-back]
	}
	in.cursor, in.back = len(in.text), back
	in.changed()
}

// changed asks anew what may stand before the cursor.
func (in *Input) changed() {
	in.words, in.chosen = nil, 0
	if in.Complete != nil {
		from, words := in.Complete(in.text[:in.cursor])
		in.from, in.words = max(0, min(from, in.cursor)), words
	}
}

// cycle puts the next or the previous candidate where it may stand.
func (in *Input) cycle(by int) {
	if len(in.words) == 0 {
		return
	}
	n := len(in.words)
	if in.chosen == 0 && by < 0 {
		in.chosen = 1
	}
	in.chosen = (in.chosen-1+by+n)%n + 1
	word := in.words[in.chosen-1]
	in.text = in.text[:in.from] + word + in.text[in.cursor:]
	in.cursor = in.from + len(word)
}
