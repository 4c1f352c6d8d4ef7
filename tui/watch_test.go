// Golden screens of many connections, and what keys and commands do there.

package tui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gdamore/tcell/v2"

	"flowlab/diagnose/board"
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
						_, copied := w.finding()
						for _, secret := range secrets {
							if shown := shownOn(terminal); strings.Contains(shown, secret) || strings.Contains(copied, secret) {
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

// driven is a watch that commands are typed to.
func driven(t *testing.T) (*watch, tcell.SimulationScreen, func(command string) string) {
	s, terminal := testScreen(t, 120, 40)
	w := newWatch(s, testSubject(testSource()))
	w.tick(time.Now())
	return w, terminal, func(command string) string {
		for _, key := range keys(typed(":"+command), one("enter")) {
			w.press(key)
		}
		w.tick(time.Now())
		if w.line.open {
			said := w.line.mistake
			w.press("esc")
			return said
		}
		return w.notice.text
	}
}

// TestCommands types each command, and looks at what it has done.
func TestCommands(t *testing.T) {
	w, terminal, do := driven(t)
	do("sort bytes")
	if w.all.by != board.ByBytes {
		t.Errorf("sorted by %v", w.all.by)
	}
	do("filter port 443 held")
	if len(w.all.rows) != 2 {
		t.Errorf("%d rows have port 443 and are held", len(w.all.rows))
	}
	do("filter")
	if len(w.all.rows) != 4 {
		t.Errorf("%d rows without a filter", len(w.all.rows))
	}
	for _, c := range []struct {
		command string
		held    bool
		at      time.Duration
	}{
		{"go 1.5s", true, 1500 * time.Millisecond},
		{"go -1s", true, 500 * time.Millisecond},
		{"go -10s", true, 0},
		{"go +0.25", true, 250 * time.Millisecond},
		{"go end", false, 0},
		{"go -200ms", true, 3 * time.Second},
		{"go 1h", false, 0},
	} {
		if do(c.command); w.clock.instant.held != c.held || c.held && w.clock.instant.at != c.at {
			t.Errorf("%s: %+v is shown", c.command, w.clock.instant)
		}
	}
	if said := do("stream 3"); !strings.HasPrefix(said, "open a connection first") {
		t.Errorf("says %q", said)
	}
	do("connection 2")
	if w.one == nil || w.one.row.Number != 2 {
		t.Fatal("connection 2 is not open")
	}
	if said := do("connection 9"); said != "there is no connection 9 at this instant, but 4 others" {
		t.Errorf("says %q", said)
	}
	do("stream 5")
	if !w.one.stream || !strings.Contains(shownOn(terminal), "stream 5  /small") {
		t.Errorf("stream 5 is not shown:\n%s", shownOn(terminal))
	}
	if said := do("stream 7"); said != "connection 2 has no stream 7 at this instant" {
		t.Errorf("says %q", said)
	}
	do("plots ascii")
	do("theme plain")
	do("mouse off")
	if w.screen.glyphs != &parts.ASCII || w.screen.theme != &parts.Mono || w.screen.mouse {
		t.Error("plots, theme and mouse are as they were")
	}
	if said := do("speed 2"); !strings.Contains(said, "but of replay") {
		t.Errorf("says %q", said)
	}
	do("help")
	if !w.help {
		t.Error("no help is shown")
	}
	w.press("?")
	for _, key := range typed(":quit") {
		w.press(key)
	}
	if !w.press("enter") {
		t.Error(":quit does not leave the screen")
	}
}

// TestHistory: what was typed before is had back, also what was wrong can be mended.
func TestHistory(t *testing.T) {
	w, _, do := driven(t)
	do("sort bytes")
	for _, key := range one(":", "up", "enter") {
		w.press(key)
	}
	if !w.all.reverse {
		t.Error("the command before was not done again")
	}
	for _, key := range keys(typed(":sort byte"), one("enter", "s", "enter")) {
		w.press(key)
	}
	if w.line.open || w.all.reverse {
		t.Errorf("it was not mended: %q", w.line.mistake)
	}
}

// TestSpeed: a capture is played at the speed that is typed.
func TestSpeed(t *testing.T) {
	s, _ := testScreen(t, 80, 24)
	w := at(s, true, testSubject(testSource()), keys(typed(":speed 0.5"), one("enter")))
	if w.clock.player.speed != 0.5 {
		t.Errorf("it is played at %v", w.clock.player.speed)
	}
}

// TestExport: what came of it is said once it is there, and the screen goes on meanwhile.
func TestExport(t *testing.T) {
	w, _, do := driven(t)
	if do("export"); w.saving.number != 2 {
		t.Fatalf("connection %d is being written", w.saving.number)
	}
	if said := do("export"); said != "connection 2 is still being written" {
		t.Errorf("says %q", said)
	}
	w.saved(<-w.saving.done, time.Now())
	if want := "wrote connection-2.pcapng: 120 packets, 12 of them with comments"; w.notice.text != want {
		t.Errorf("says %q, want %q", w.notice.text, want)
	}
	do("export there.pcapng")
	w.saved(<-w.saving.done, time.Now())
	if w.notice.text != "there.pcapng exists already" || w.notice.ink != parts.Alarm {
		t.Errorf("says %+v", w.notice)
	}
	do("mask on")
	if said := do("export"); !strings.HasPrefix(said, "a file would have the true addresses") || w.saving.number != 0 {
		t.Errorf("a masked screen says %q", said)
	}
}

// TestLeavingEndsExport: who leaves the screen has an export end that is under way.
func TestLeavingEndsExport(t *testing.T) {
	s, _ := testScreen(t, 80, 24)
	subject := testSubject(testSource())
	ended := make(chan error, 1)
	w := newWatch(s, subject)
	w.what.Export = func(ctx context.Context, _ int, _ string) (string, error) {
		<-ctx.Done()
		ended <- errors.New("broken off")
		return "", ctx.Err()
	}
	end := w.saving.begin(t.Context())
	w.tick(time.Now())
	w.press("e")
	end()
	select {
	case <-ended:
	default:
		t.Error("it goes on")
	}
}

// TestCopy: what is copied says who holds whom, who must act and what proves it.
func TestCopy(t *testing.T) {
	w, terminal, do := driven(t)
	copied := func() string { return string(terminal.GetClipboardData()) }
	for _, c := range []struct {
		keys []string
		file string
	}{{one("y"), "copied-row"}, {one("enter", "y"), "copied-connection"}, {one("enter", "y"), "copied-stream"}} {
		for _, key := range c.keys {
			w.press(key)
		}
		golden(t, c.file, copied())
		if !strings.HasSuffix(w.notice.text, fmt.Sprintf("%d characters, if this terminal takes OSC 52", len([]rune(copied())))) {
			t.Errorf("says %q", w.notice.text)
		}
	}
	do("filter number 99")
	if w.press("y"); w.notice.text != "there is nothing to copy" {
		t.Errorf("says %q", w.notice.text)
	}
}

// TestNoticesPass: what is said stands for a while, or until a key is pressed.
func TestNoticesPass(t *testing.T) {
	w, _, do := driven(t)
	now := time.Now()
	do("mask on")
	w.tick(now.Add(saidTime / 2))
	if w.notice.text == "" {
		t.Error("it is no longer said")
	}
	w.tick(now.Add(2 * saidTime))
	if w.notice.text != "" {
		t.Error("it is still said")
	}
}
