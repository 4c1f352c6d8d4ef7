package tui

import "github.com/gdamore/tcell/v2"

// keyNames names the keys that write no character.
var keyNames = map[tcell.Key]string{
	tcell.KeyLeft: "left", tcell.KeyRight: "right", tcell.KeyUp: "up", tcell.KeyDown: "down",
	tcell.KeyPgUp: "pgup", tcell.KeyPgDn: "pgdn", tcell.KeyHome: "home", tcell.KeyEnd: "end",
	tcell.KeyEnter: "enter", tcell.KeyEscape: "esc", tcell.KeyCtrlC: "ctrl-c",
}

// keyOf returns which key an event tells of: a character, or the name of a
// key. It is empty for other events. The error is that of the terminal, from
// which nothing more will come.
func keyOf(e tcell.Event) (string, error) {
	switch e := e.(type) {
	case *tcell.EventError:
		return "", e
	case *tcell.EventKey:
		if e.Key() == tcell.KeyRune {
			return string(e.Rune()), nil
		}
		return keyNames[e.Key()], nil
	}
	return "", nil
}
