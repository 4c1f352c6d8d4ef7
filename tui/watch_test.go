// Golden screens of many connections, as they are and masked.

package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"flowlab/flow"
	"flowlab/tui/parts"
)

// typed are the keys that write a text.
func typed(text string) (keys []string) {
	for _, r := range strings.ReplaceAll(text, " ", "\x00") {
		if keys = append(keys, string(r)); r == 0 {
			keys[len(keys)-1] = "space"
		}
	}
	return keys
}

// keys joins keys.
func keys(lists ...[]string) (all []string) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

func one(keys ...string) []string { return keys }

// watchViews are the views of many connections, and the keys that lead there.
var watchViews = []struct {
	name   string
	replay bool
	keys   []string
}{
	{"connections", false, nil},
	{"filtered", false, keys(typed("/port 443"), one("enter", "s", "s"))},
	{"filter-typed", false, keys(typed("/port x"), one("enter"))},
	{"filter-words", false, keys(typed("/port 443 held"), one("tab"))},
	{"connection", false, one("enter")},
	{"connection-past", false, one("enter", "[")},
	{"stream", false, one("enter", "enter")},
	{"connections-help", false, one("?")},
	{"command", false, keys(typed(":sort b"), one("backspace", "tab"))},
	{"command-mistake", false, keys(typed(":sort colour"), one("enter"))},
	{"copied", false, one("y")},
	{"masked", false, one("M")},
	{"masked-connection", false, one("enter", "M")},
	{"replayed", true, one("home", "]")},
	{"replay-reading", true, one("enter")},
}

// at is a watch after some keys.
func at(s *screen, replay bool, subject Subject, keys []string) *watch {
	w := newWatch(s, subject)
	if replay {
		subject.Title = "trace.pcapng"
		subject.Reading = func() (int64, int64, bool, error) { return 700 << 20, 3 << 30, false, nil }
		w = newReplay(s, subject)
	}
	w.tick(time.Now())
	for _, key := range keys {
		w.press(key)
	}
	w.tick(time.Now())
	return w
}

// TestWatchScreens has what is drawn of many connections in every size.
func TestWatchScreens(t *testing.T) {
	for _, v := range watchViews {
		goldenView(t, v.name, func(s *screen) func(*parts.Canvas) {
			return at(s, v.replay, testSubject(testSource()), v.keys).draw
		})
		t.Run(v.name+"-50x10", func(t *testing.T) {
			s, terminal := testScreen(t, 50, 10)
			s.draw(at(s, v.replay, testSubject(testSource()), v.keys).draw)
			golden(t, v.name+"-50x10", shownOn(terminal))
		})
	}
}

// secretSource has no address that could be a stand-in, and says which it has.
func secretSource() (s *still, secrets []string) {
	s = testSource()
	s.snapshot.Rows[2].ID = flow.Conn{Client: endpoint("[fd00::7]:40003"), Server: endpoint("[fd00::2]:443")}
	return s, []string{"10.0.0.2", "10.0.0.7", "10.0.0.9", "fd00", "/unread", "/small"}
}

// TestMaskedScreens: on a masked screen nothing shows an address, a name or a path as it
// is, whatever is shown, and nothing that is copied does.
func TestMaskedScreens(t *testing.T) {
	for _, size := range append(sizes, [2]int{50, 10}) {
		for _, v := range watchViews {
			for name, on := range map[string]func(*watch){
				"from the beginning": nil,
				"by a key":           func(w *watch) { w.press("esc"); w.mask(true, time.Now()) },
				"after a look at it": func(w *watch) { w.mask(true, time.Now()) },
			} {
				t.Run(fmt.Sprintf("%s-%dx%d %s", v.name, size[0], size[1], name), func(t *testing.T) {
					s, terminal := testScreen(t, size[0], size[1])
					source, secrets := secretSource()
					subject := testSubject(source)
					subject.Masked = on == nil
					views := v.keys
					if strings.HasPrefix(v.name, "masked") && on == nil {
						views = nil // M would show them
					}
					w := at(s, v.replay, subject, views)
					if on != nil {
						on(w)
					}
					w.help = false
					for range 3 { // the table, the connection and its stream
						w.drawn = false
						w.tick(time.Now())
						shown := shownOn(terminal)
						_, copied := w.finding()
						for _, secret := range secrets {
							if strings.Contains(shown, secret) || strings.Contains(copied, secret) {
								t.Fatalf("%s is shown or copied:\n%s\n%s", secret, shown, copied)
							}
						}
						w.line.open, w.all.typing = false, false
						w.press("enter")
					}
				})
			}
		}
	}
}
