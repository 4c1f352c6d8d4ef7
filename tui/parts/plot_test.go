package parts

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestPlotIsTrue: what can be read from a plot is what was drawn, to half a step.
// A column is read from its glyphs, without the plot's arithmetic.
func TestPlotIsTrue(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const columns, rows, top = 40, 7, 1000.0
	for range 50 {
		for _, g := range []*Glyphs{&Block, &Braille} {
			area, line := make([]Sample, g.Samples(columns)), make([]Sample, g.Samples(columns))
			for i := range area {
				area[i], line[i] = Is(1+999*random.Float64()), Is(top*random.Float64())
			}
			c := blank(g, Gutter+columns, rows)
			(&Plot{Curves: []Curve{{Filled: true, Samples: area}}, Top: top}).Draw(c.Area())
			for i, s := range area {
				if got := readArea(c, g, i, rows); math.Abs(got-s.Most/top) > 1.01/float64(rows*4) {
					t.Fatalf("%s: at %d the area reaches %.3f, want %.3f\n%s", g.Name, i, got, s.Most/top, textOf(c))
				}
			}
			c.Reset(Gutter+columns, rows)
			(&Plot{Curves: []Curve{{Samples: line}}, Top: top}).Draw(c.Area())
			for i, s := range line {
				from, to := readLine(c, g, i, rows)
				if want := s.Most / top; want < from-1.0/rows/2 || want > to+1.0/rows/2 {
					t.Fatalf("%s: at %d the line is from %.3f to %.3f, want %.3f\n%s", g.Name, i, from, to, want, textOf(c))
				}
			}
		}
	}
}

// column is the glyphs of the plot's column that has a sample, from below.
func column(c *Canvas, g *Glyphs, sample, rows int) (glyphs []string, half int) {
	x := sample
	if g == &Braille {
		x, half = sample/2, sample%2
	}
	width, _ := c.Size()
	for y := rows - 1; y >= 0; y-- {
		glyphs = append(glyphs, c.Cells()[y*width+Gutter+x].Text)
	}
	return glyphs, half
}

// dotsOf reads which of the four rows of a braille character's half have a dot,
// from below, by the numbers that Unicode gives to dots.
func dotsOf(glyph string, half int) (dots [4]bool) {
	r, _ := utf8.DecodeRuneInString(glyph)
	if r < 0x2800 || r > 0x28ff {
		return dots
	}
	for row, number := range [2][4]int{{7, 3, 2, 1}, {8, 6, 5, 4}}[half] {
		dots[row] = (r-0x2800)>>(number-1)&1 == 1
	}
	return dots
}

// readArea reads how far up an area reaches, from 0 to 1.
func readArea(c *Canvas, g *Glyphs, sample, rows int) float64 {
	sum := 0.0
	glyphs, half := column(c, g, sample, rows)
	for _, glyph := range glyphs {
		if g == &Braille {
			for _, dot := range dotsOf(glyph, half) {
				if dot {
					sum += 1.0 / 4
				}
			}
		} else if r, _ := utf8.DecodeRuneInString(glyph); r != ' ' {
			sum += float64(r-'▁'+1) / 8
		}
	}
	return sum / float64(rows)
}

// readLine reads from where to where a line is, from 0 to 1.
func readLine(c *Canvas, g *Glyphs, sample, rows int) (from, to float64) {
	from, to = math.Inf(1), math.Inf(-1)
	glyphs, half := column(c, g, sample, rows)
	for row, glyph := range glyphs {
		if g == &Braille {
			for i, dot := range dotsOf(glyph, half) {
				if dot {
					at := (float64(row) + float64(i)/3) / float64(rows)
					from, to = min(from, at), max(to, at)
				}
			}
		} else if i := strings.Index("▁─▔", glyph); i >= 0 {
			at := (float64(row) + float64(i)/6) / float64(rows)
			from, to = min(from, at), max(to, at)
		}
	}
	return from, to
}

// TestPlotOfOddValues: values that no scale has are drawn at its ends.
func TestPlotOfOddValues(t *testing.T) {
	odd := []Sample{Is(math.Inf(1)), Is(math.Inf(-1)), Is(-5), Is(1e300), Is(math.NaN()), Is(5), Gap}
	for _, g := range glyphSets {
		c := blank(g, Gutter+8, 4)
		for _, top := range []float64{10, 0, -1, math.Inf(1), math.NaN()} {
			p := Plot{Top: top, Curves: []Curve{{Filled: true, Samples: odd}, {Samples: odd, Letter: "x"}}}
			p.Draw(c.Area())
		}
		c.Reset(Gutter+8, 4)
		(&Plot{Top: 10, Curves: []Curve{{Samples: odd[:4]}}}).Draw(c.Area())
		lines := strings.Split(textOf(c), "\n")
		if n := slices.IndexFunc(lines, func(l string) bool { return Width(l) > Gutter }); n != 0 {
			t.Errorf("%s: what is above the scale is on row %d:\n%s", g.Name, n, textOf(c))
		}
	}
}

// TestPlotCursor: the instant that is shown is a column of its own, which leaves
// a line's glyph.
func TestPlotCursor(t *testing.T) {
	for _, g := range glyphSets {
		p := windowOverFlight(g, 30)
		p.Cursor = 5
		c := blank(g, Gutter+30, 4)
		p.Draw(c.Area())
		want := strings.Repeat(strings.Repeat(".", Gutter+4)+"#"+strings.Repeat(".", 25)+"\n", 4)
		if got := inked(c, Cursor); got != want {
			t.Errorf("%s: the cursor is at\n%swant\n%s", g.Name, got, want)
		}
		if top := c.Cells()[Gutter+4].Text; top == g.Cursor {
			t.Errorf("%s: the window is hidden", g.Name)
		}
	}
}
