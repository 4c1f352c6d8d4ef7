package parts

import (
	"slices"
	"testing"
)

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{"one", []string{"one"}},
		{"one two three", []string{"one two", "three"}},
		{"exactly 8", []string{"exactly", "8"}},
		{"a longerthanthat b", []string{"a", "longerthanthat", "b"}},
		{"読み 手 が", []string{"読み 手", "が"}}, // two columns each
	} {
		if got := Wrap(c.text, 8); !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

func TestFit(t *testing.T) {
	c := Canvas{Glyphs: &Block}
	a := c.Area()
	for _, c := range []struct {
		text    string
		columns int
		want    string
	}{
		{"fits", 4, "fits"},
		{"does not", 4, "doe…"},
		{"読み手", 6, "読み手"},
		{"読み手", 5, "読み…"},
		{"読み手", 4, "読…"}, // half a character is none
		{"none", 1, "…"},
	} {
		if got := a.Fit(c.text, c.columns); got != c.want {
			t.Errorf("%q in %d columns: %q, want %q", c.text, c.columns, got, c.want)
		}
	}
}
