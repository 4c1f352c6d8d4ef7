package play

import (
	"testing"
	"time"
)

// TestScriptTime: a script is held for 2 s, moved on by 3 s, and moved on while it is held.
func TestScriptTime(t *testing.T) {
	var s scriptTime
	want := func(run, script, end float64) {
		t.Helper()
		at := seconds(run)
		if now, due := s.now(at), s.due(seconds(10), at); now != seconds(script) || due != seconds(end) {
			t.Errorf("at %v the script is at %v and ends at %v, want %v and %v", at, now, due, seconds(script), seconds(end))
		}
	}
	want(1, 1, 10)
	if !s.sound(seconds(10)) {
		t.Error("nothing moved it, and its end is not sound")
	}
	s.hold(true, seconds(1))
	want(1, 1, 10)
	want(2.5, 1, 11.5)
	s.hold(true, seconds(2.5)) // again
	want(3, 1, 12)
	s.hold(false, seconds(3))
	want(4, 2, 12)
	if by := s.skip(seconds(5), seconds(4)); by != seconds(3) {
		t.Errorf("moved on by %v", by)
	}
	want(4, 5, 9)
	want(5, 6, 9)
	if by := s.skip(seconds(5), seconds(5)); by != 0 {
		t.Errorf("moved back by %v", by)
	}
	s.hold(true, seconds(5))
	s.skip(seconds(8), seconds(6))
	want(7, 8, 9)
	s.hold(false, seconds(7))
	want(9, 10, 9)
	if !s.sound(seconds(1)) || s.sound(seconds(1)+1) {
		t.Error("it was first held at 1 s: what lies before is sound, and nothing else")
	}
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
