package play

import (
	"slices"
	"testing"
	"time"
)

func TestProgress(t *testing.T) {
	const column = 10 * time.Millisecond
	p := progress{end: Columns * column}
	for _, now := range []struct {
		at    time.Duration
		bytes int64
	}{{0, 1}, {column / 2, 2}, {3 * column, 5}, {3*column + 1, 6}} {
		p.enter(now.at, Progress{Written: now.bytes, Read: now.bytes - 1})
	}
	want := []Progress{{2, 1}, {2, 1}, {2, 1}, {6, 5}}
	if !slices.Equal(p.parts, want) {
		t.Errorf("%v, want %v", p.parts, want)
	}
	p.enter(2*p.end, Progress{9, 9})
	if n := len(p.parts); n != Columns || p.parts[n-1] != (Progress{9, 9}) || p.parts[n-2] != (Progress{6, 5}) {
		t.Errorf("%d columns, the last ones %v; want %d, the last with 9", n, p.parts[n-2:], Columns)
	}
}
