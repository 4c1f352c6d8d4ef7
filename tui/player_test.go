package tui

import (
	"testing"
	"time"
)

// TestPlaying plays four seconds at several speeds, by a clock that the test has.
func TestPlaying(t *testing.T) {
	screen, _ := testScreen(t, 80, 24)
	w := newReplay(screen, testSubject(testSource()))
	now := time.Now()
	w.tick(now)
	shows := func(held bool, at time.Duration) {
		t.Helper()
		w.tick(now)
		if i := w.clock.instant; i.held != held || held && i.at != at {
			t.Errorf("%+v is shown, want %v (held %v)", i, at, held)
		}
	}
	key := func(key string) {
		t.Helper()
		if !w.clock.scrub(key, time.Second, now) {
			t.Errorf("%s does nothing", key)
		}
	}
	shows(false, 0)
	key("space") // from the beginning
	shows(true, 0)
	now = now.Add(500 * time.Millisecond)
	shows(true, 500*time.Millisecond)
	key(">")
	now = now.Add(500 * time.Millisecond)
	shows(true, 1500*time.Millisecond)
	key("<")
	key("<")
	now = now.Add(time.Second)
	shows(true, 2*time.Second)
	key("left") // and on from there
	now = now.Add(200 * time.Millisecond)
	shows(true, 1100*time.Millisecond)
	key("space")
	now = now.Add(time.Hour)
	shows(true, 1100*time.Millisecond)
	key("p")
	now = now.Add(time.Hour)
	shows(false, 0)
	if w.clock.player.playing {
		t.Error("it goes on at the end")
	}
}
