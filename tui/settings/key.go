// Names of keys.

package settings

import (
	"slices"
	"strings"

	"github.com/rivo/uniseg"

	"flowlab/scenarios"
)

// named are the keys that write no character.
var named = []string{
	"left", "right", "up", "down", "pgup", "pgdn", "home", "end", "insert", "delete",
	"enter", "esc", "tab", "space", "backspace",
	"f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9", "f10", "f11", "f12",
}

// modifiers stand before a key, in this order.
var modifiers = []string{"ctrl-", "alt-", "shift-"}

// ParseKey reads the name of a key: a character, or one of left, right, up, down, pgup,
// pgdn, home, end, insert, delete, enter, esc, tab, space, backspace and f1 to f12; before
// it ctrl-, alt- and shift-, in any order, where those are held too. A character that
// shift changes is that character: A, not shift-a. It returns the name as the screens
// spell it; the error is a [scenarios.Mistake].
func ParseKey(text string) (string, error) {
	var held [3]bool
	rest := text
	for again := true; again; {
		again = false
		for i, m := range modifiers {
			if after, ok := strings.CutPrefix(rest, m); ok && after != "" && !held[i] {
				held[i], rest, again = true, after, true
			}
		}
	}
	isNamed := slices.Contains(named, rest)
	if !isNamed && (uniseg.GraphemeClusterCount(rest) != 1 || rest == " " || uniseg.StringWidth(rest) == 0) {
		return "", &scenarios.Mistake{
			Problem: "no key is called " + quoted(text),
			Hint:    "a key is one character, or one of " + strings.Join(named, ", ") + ", with ctrl-, alt- or shift- before it",
		}
	}
	if held[2] && !isNamed {
		return "", &scenarios.Mistake{Problem: quoted(text) + " is not what a terminal sends", Hint: "write the character that shift makes of it, such as A or +"}
	}
	name := ""
	for i, m := range modifiers {
		if held[i] {
			name += m
		}
	}
	if held[0] && !isNamed {
		rest = strings.ToLower(rest)
	}
	return name + rest, nil
}
