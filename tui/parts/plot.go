package parts

import "math"

// Gutter is the width of what stands left of a plot and of every row that
// belongs to it: the scale's numbers, a blank and the axis.
const Gutter = 10

// Plot draws values over time: areas that are filled, and lines over them. The
// rows of time, [Plot.Axis] and [Plot.Seconds], go below it in areas of the same
// width.
type Plot struct {
	Curves []Curve // what comes later lies above; lines lie above all areas

	Top         float64 // the value at the upper edge, above 0; what is above is drawn there
	Label, Half string  // the scale's numbers at Top and, where there is a row for it, half way up

	Across int // the columns that the time axis has; all that there are if it is 0
	Cursor int // the column of the instant that is shown, counted from 1; 0 for none
}

// Curve is one value of a plot.
type Curve struct {
	Filled bool   // an area from zero up to the most, rather than a line
	Ink    Ink    // of area or line
	Over   Ink    // of a line where an area reaches it; [Plain] for the line's own
	Letter string // one column after a line's end, to tell lines apart without colour; may be empty

	// Samples are [Glyphs.Samples] values for the plot's columns, or fewer if
	// what comes later is not known yet.
	Samples []Sample
}

// Sample is what a value was in one part of the time, at least and at most. What
// is below 0 is drawn at 0.
type Sample struct{ Least, Most float64 }

// Gap is the sample of a time of which nothing is known.
var Gap = Sample{Least: 1, Most: 0}

// Is returns the sample of a value that did not change.
func Is(value float64) Sample { return Sample{value, value} }

func (s Sample) gap() bool { return s.Least > s.Most }

// Draw draws scale, values and cursor on all rows of the area.
func (p *Plot) Draw(a Area) {
	g := a.Glyphs()
	labels := a.Columns(0, Gutter-2)
	labels.PutRight(0, Faint, p.Label)
	if a.H%2 == 0 && a.H >= 4 {
		labels.PutRight(a.H/2, Faint, p.Half)
	}
	for y := range a.H {
		a.Put(Gutter-1, y, Faint, g.Side)
	}
	cells := p.cells(a)
	for x := range cells.W {
		if g.dots {
			p.drawDots(cells, x)
		} else {
			p.drawBlocks(cells, x)
		}
	}
	p.drawLetters(cells)
	p.drawCursor(cells)
}

// cells is the part of an area that has the time axis's columns.
func (p *Plot) cells(a Area) Area {
	across := a.W - Gutter
	if p.Across > 0 {
		across = min(across, p.Across)
	}
	return a.Columns(Gutter, across)
}

// drawBlocks draws one column in parts of a cell: eight for areas, three for
// lines. Where a line rises over many rows in one column, areas hide that.
func (p *Plot) drawBlocks(a Area, x int) {
	g := a.Glyphs()
	filled := 0
	for i := range p.Curves {
		if c := &p.Curves[i]; !c.Filled && c.has(x) {
			for row := p.level(c.Samples[x].Least, 3*a.H-1) / 3; row < p.level(c.Samples[x].Most, 3*a.H-1)/3; row++ {
				a.Put(x, a.H-1-row, c.Ink, g.rise)
			}
		}
	}
	for i := range p.Curves {
		if c := &p.Curves[i]; c.Filled && c.has(x) {
			height := p.height(c.Samples[x].Most, 8*a.H)
			for row := 0; 8*row < height; row++ {
				a.Put(x, a.H-1-row, c.Ink, g.heights[min(8, height-8*row)])
			}
			filled = max(filled, height)
		}
	}
	for i := range p.Curves {
		if c := &p.Curves[i]; !c.Filled && c.has(x) {
			at := p.level(c.Samples[x].Most, 3*a.H-1)
			a.Put(x, a.H-1-at/3, c.ink(filled >= 8*(at/3)+4), g.levels[at%3])
		}
	}
}

// has tells whether a curve is known at a sample.
func (c *Curve) has(n int) bool { return n >= 0 && n < len(c.Samples) && !c.Samples[n].gap() }

// ink is a line's ink where an area reaches it, or does not.
func (c *Curve) ink(reached bool) Ink {
	if reached && c.Over != Plain {
		return c.Over
	}
	return c.Ink
}

// level is which of the steps from 0 to last a value is at.
func (p *Plot) level(value float64, last int) int {
	steps := math.Round(min(value, p.Top) * float64(last) / p.Top)
	if !(value > 0 && p.Top > 0 && steps > 0) { // nor is what is not a number
		return 0
	}
	return int(min(steps, float64(last)))
}

// height is how many of so many steps an area fills: none only if there is
// nothing.
func (p *Plot) height(value float64, steps int) int {
	if value > 0 {
		return min(steps, max(1, p.level(value, steps)))
	}
	return 0
}

// drawLetters writes the letter of each line after its end, side by side so that
// lines that end at one place can be told apart.
func (p *Plot) drawLetters(a Area) {
	letters, before := 0, 0
	for i := range p.Curves {
		if p.Curves[i].letter() {
			letters++
		}
	}
	for i := range p.Curves {
		c := &p.Curves[i]
		if !c.letter() {
			continue
		}
		last := len(c.Samples) - 1
		x := last
		if a.Glyphs().dots {
			x /= 2
		}
		y := a.H - 1 - p.level(c.Samples[last].Most, 3*a.H-1)/3
		a.Put(min(x+1, a.W-letters)+before, y, c.Ink, c.Letter)
		before++
	}
}

// letter tells whether a curve is a line with a letter and an end.
func (c *Curve) letter() bool {
	return !c.Filled && c.Letter != "" && c.has(len(c.Samples)-1)
}

// drawCursor draws the column of the instant that is shown; where it meets a
// line, it leaves the line's glyph.
func (p *Plot) drawCursor(a Area) {
	x := p.Cursor - 1
	if x < 0 || x >= a.W {
		return
	}
	for y := range a.H {
		if p.isLine(a.at(x, y)) {
			a.Tint(x, y, 1, Cursor)
		} else {
			a.Put(x, y, Cursor, a.Glyphs().Cursor)
		}
	}
}

func (p *Plot) isLine(cell Cell) bool {
	for i := range p.Curves {
		if c := &p.Curves[i]; !c.Filled && cell.Text != " " && (cell.Ink == c.Ink || cell.Ink == c.ink(true)) {
			return true
		}
	}
	return false
}
