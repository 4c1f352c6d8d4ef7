// What commands, export and copy do on the screen of many connections.

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
	"flowlab/tui/parts"
)

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

// TestFilterOfStandIns: what is typed on a masked screen is about what is shown there.
func TestFilterOfStandIns(t *testing.T) {
	w, _, do := driven(t)
	do("mask on")
	for command, want := range map[string]int{"filter 192.0.2.3": 1, "filter 192.0.2.0/24": 3, "filter 10.0.0.7": 0} {
		if do(command); len(w.all.rows) != want {
			t.Errorf("%s lets %d rows through, want %d", command, len(w.all.rows), want)
		}
	}
	do("filter 192.0.2.3")
	do("mask off")
	if f := w.all.filter.String(); f != "" || len(w.all.rows) != 4 {
		t.Errorf("once the mask is off, the filter is %q", f)
	}
}
