package tui

import (
	"testing"
	"time"
)

func TestScrub(t *testing.T) {
	const s, now, column = time.Second, 5 * time.Second, 100 * time.Millisecond
	marks := func() []time.Duration { return []time.Duration{1 * s, 2 * s, 4 * s} }
	live := instant{}
	at := func(d time.Duration) instant { return instant{held: true, at: d} }
	for _, c := range []struct {
		from instant
		key  string
		want instant
	}{
		{live, "space", at(now)},
		{at(2 * s), "space", live},
		{live, "left", at(now - column)},
		{at(2 * s), "right", at(2*s + column)},
		{at(2 * s), "shift-left", at(1 * s)},
		{at(2 * s), "shift-right", at(3 * s)},
		{live, "right", live},
		{at(now), "right", live},
		{at(column / 2), "left", at(0)},
		{live, "[", at(4 * s)},
		{at(2 * s), "[", at(1 * s)},
		{at(1 * s), "[", at(0)},
		{at(2 * s), "]", at(4 * s)},
		{at(0), "]", at(1 * s)},
		{at(4 * s), "]", live},
		{live, "home", at(0)},
		{at(1 * s), "end", live},
	} {
		got := c.from
		if !got.scrub(c.key, now, column, marks) || got.held != c.want.held || got.held && got.at != c.want.at {
			t.Errorf("%s from %+v leads to %+v, want %+v", c.key, c.from, got, c.want)
		}
	}
	if got := at(s); got.scrub("x", now, column, marks) || got != at(s) {
		t.Errorf("a key that is for something else leads to %+v", got)
	}
}
