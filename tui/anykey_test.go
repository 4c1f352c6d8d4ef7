package tui

import (
	"testing"

	"flowlab/diagnose/board"
)

// anyKey are all keys that write a character, and those with a name that screens know; ctrl-z
// is not, as it would stop the test.
func anyKey() (all []string) {
	for r := '!'; r <= '~'; r++ {
		all = append(all, string(r))
	}
	return append(all, "space", "up", "down", "left", "right", "shift-left", "shift-right", "pgup", "pgdn",
		"home", "end", "enter", "esc", "tab", "backspace", "ctrl-c")
}

// TestAnyKey: no key that is pressed twice is a panic, wherever somebody is on the screens of
// many connections and of sockets.
func TestAnyKey(t *testing.T) {
	t.Chdir(t.TempDir()) // one of them saves a file
	none := testSource()
	none.snapshot = &board.Snapshot{}
	for name, shown := range map[string]func(*screen, []string){
		"watch":   func(s *screen, keys []string) { s.draw(at(s, false, testSubject(testSource()), keys).draw) },
		"replay":  func(s *screen, keys []string) { s.draw(at(s, true, testSubject(testSource()), keys).draw) },
		"nothing": func(s *screen, keys []string) { s.draw(at(s, false, testSubject(none), keys).draw) },
		"top":     func(s *screen, keys []string) { s.draw(pressed(s, keys...).draw) },
	} {
		s, _ := testScreen(t, 80, 24)
		for _, open := range [][]string{nil, {"enter"}, {"enter", "enter"}, {"?"}} {
			for _, key := range anyKey() {
				after := keys(open, one(key, key))
				if p := panicIn(func() { shown(s, after) }); p != nil {
					t.Errorf("%s: %v after %v", name, p, after)
				}
			}
		}
	}
}

// panicIn returns what a function panics with.
func panicIn(f func()) (p any) {
	defer func() { p = recover() }()
	f()
	return nil
}
