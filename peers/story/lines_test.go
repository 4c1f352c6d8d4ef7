package story

import (
	"slices"
	"strings"
	"testing"
)

// TestLines: a line is whole, however its bytes come.
func TestLines(t *testing.T) {
	const text = "one\n\nthree, which is longer\nfour\nno end"
	want := []string{"one", "", "three, which is longer", "four"}
	for size := 1; size <= len(text); size++ {
		var got []string
		l := NewLines(func(line []byte) { got = append(got, string(line)) })
		for rest := text; rest != ""; {
			n := min(size, len(rest))
			if w, err := l.Write([]byte(rest[:n])); w != n || err != nil {
				t.Fatalf("%d, %v", w, err)
			}
			rest = rest[n:]
		}
		if !slices.Equal(got, want) {
			t.Errorf("in pieces of %d: %q, want %q", size, got, want)
		}
	}
	l := NewLines(func([]byte) {})
	if _, err := l.Write([]byte(strings.Repeat("x", longestLine+1))); err == nil {
		t.Error("a line without an end is kept for ever")
	}
}
