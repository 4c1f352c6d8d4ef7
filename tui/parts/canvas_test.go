package parts

import (
	"strings"
	"testing"
	"time"
	"unicode"
)

// TestCuts: areas cut off one another have all rows and columns between them,
// and what is asked for beyond the edge is not there.
func TestCuts(t *testing.T) {
	c := blank(&ASCII, 10, 6)
	rest := c.Area()
	top, bottom := rest.Take(2), rest.TakeLast(1)
	fill := func(a Area, glyph string) {
		for y := range a.H + 3 {
			a.Repeat(0, y, a.W+3, Plain, glyph)
		}
	}
	fill(top, "t")
	fill(bottom, "b")
	fill(rest.Columns(0, 4), "l")
	fill(rest.Columns(4, 100).Rows(1, 1), "r")
	if want := "tttttttttt\ntttttttttt\nllll\nllllrrrrrr\nllll\nbbbbbbbbbb\n"; textOf(c) != want {
		t.Errorf("drawn:\n%s\nwant:\n%s", textOf(c), want)
	}
	for _, a := range []Area{rest.Columns(10, 1), rest.Columns(20, 5), rest.Rows(3, 1), rest.Rows(-1, -1), rest.Columns(5, -2)} {
		if a.W > 0 && a.H > 0 {
			t.Errorf("an area of %dx%d beyond the edge", a.W, a.H)
		}
	}
}

func TestPutFit(t *testing.T) {
	c := blank(&Block, 12, 4)
	a := c.Area()
	a.PutFit(0, 0, 5, Plain, "fits!")
	a.PutFit(0, 1, 5, Plain, "does not")
	a.PutFit(0, 2, 5, Plain, "読み手")
	a.PutFit(8, 3, 100, Plain, "the edge")
	if want := "fits!\ndoes…\n読み…\n        the…\n"; textOf(c) != want {
		t.Errorf("drawn:\n%s\nwant:\n%s", textOf(c), want)
	}
}

// TestHalves: what is left of a wide character that is overwritten is blank.
func TestHalves(t *testing.T) {
	for _, c := range []struct {
		x          int
		text, want string
	}{
		{2, "x", "読x 手"}, {3, "x", "読 x手"}, {2, "xy", "読xy手"}, {2, "み", "読み手"}, {1, "み", " み 手"}, {3, "み", "読 み"},
	} {
		canvas := blank(&Block, 6, 1)
		canvas.Area().Put(0, 0, Plain, "読み手")
		canvas.Area().Put(c.x, 0, Plain, c.text)
		if got := strings.TrimSuffix(textOf(canvas), "\n"); got != c.want {
			t.Errorf("%q at %d: %q, want %q", c.text, c.x, got, c.want)
		}
	}
}

// FuzzPut: whatever is written wherever, no control character and no half of a
// character is on the canvas.
func FuzzPut(f *testing.F) {
	f.Add("a\x1b[2Jb\tc\u009bd", 0, 0, "読み手", 1)
	f.Add("é👩‍💻\xff\xfe", 17, 2, "x", 18)
	f.Add("🇩🇪🇩", -3, 1, "\u200d\u0301", 5)
	f.Fuzz(func(t *testing.T, first string, x, y int, second string, at int) {
		c := blank(&Block, 20, 3)
		a := c.Area()
		a.Put(x%25, y%5, Strong, first)
		a.PutFit(at%25, y%5, x%25, Alarm, second)
		a.PutRight(1, Faint, second)
		a.PutCentered(x%25, 2, Faint, first)
		a.PutLines(Plain, second)
		for i, cell := range c.Cells() {
			w := Width(cell.Text)
			if strings.ContainsFunc(cell.Text, unicode.IsControl) {
				t.Errorf("cell %d is %q", i, cell.Text)
			}
			if w == 2 && (i%20 == 19 || c.Cells()[i+1].Text != "") || cell.Text == "" && (i%20 == 0 || Width(c.Cells()[i-1].Text) != 2) {
				t.Errorf("cell %d, %q, is half a character", i, cell.Text)
			}
		}
	})
}

func TestHit(t *testing.T) {
	c := blank(&Block, 80, 24)
	a := c.Area()
	a.Name("all")
	a.Columns(10, 20).Rows(5, 3).Name("knob")
	for _, at := range []struct {
		x, y int
		want Hit
		ok   bool
	}{
		{10, 5, Hit{"knob", 0, 0, 20, 3}, true}, {29, 7, Hit{"knob", 19, 2, 20, 3}, true},
		{30, 7, Hit{"all", 30, 7, 80, 24}, true}, {80, 7, Hit{}, false}, {-1, 0, Hit{}, false},
	} {
		if got, ok := c.Hit(at.x, at.y); got != at.want || ok != at.ok {
			t.Errorf("at %d,%d: %+v, %t; want %+v, %t", at.x, at.y, got, ok, at.want, at.ok)
		}
	}
	c.Reset(80, 24)
	if got, ok := c.Hit(10, 5); ok {
		t.Errorf("a picture that has gone answers: %+v", got)
	}
}

// TestSizes draws every part in every size there may be, and must not panic.
func TestSizes(t *testing.T) {
	for _, g := range glyphSets {
		p := windowOverFlight(g, 60)
		p.Curves[1].Letter = "w"
		in := Input{Prompt: ":", Complete: func(string) (int, []string) { return 0, []string{"読み手", "set"} }}
		in.Set("読み手 in a line of its own")
		in.Press("left")
		in.Press("tab")
		table, small := connections(1000), connections(0)
		small.Columns = nil
		draw := func(width, height int) {
			for _, part := range []func(Area){
				func(a Area) { p.Draw(a); p.Axis(a, a, []Marked{{Column: 3}}); p.Seconds(a, -time.Second, time.Minute) },
				table.Draw, small.Draw, in.Draw, (&Gauge{Name: "読み手", Part: 1, Whole: 3, Text: "読み手"}).Draw,
				func(a Area) { Help(a, "title", []KeyHelp{{"x", "does"}, {"", "heading"}}); Footer(a, nil) },
				func(a Area) { Help(a, "title", nil) },
				func(a Area) { SmallBar(a, Flight, 1, 3) },
				func(a Area) {
					a.PutLines(Plain, "some words of a text that has many more of them")
					a.Box("title").Dim()
				},
			} {
				part(blank(g, width, height).Area())
				part(blank(g, 50, 20).Area().Columns(7, width).Rows(3, height))
			}
		}
		for n := range 90 {
			draw(n, 9)
			draw(33, n)
		}
		for n := range 8 * 8 {
			draw(n%8, n/8)
		}
		draw(-1, -1)
	}
}
