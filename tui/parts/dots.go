package parts

import "math/bits"

// A cell of braille has two columns of four dots. U+2800 is the cell without
// dots; each dot adds the bit that Unicode gives it.

// braille has all 256 cells, three bytes each.
var braille = func() string {
	var all []rune
	for dots := range rune(256) {
		all = append(all, 0x2800+dots)
	}
	return string(all)
}()

// dotBits are the bits of the left and the right dots, from the bottom up.
var dotBits = [2][4]uint8{{0x40, 0x04, 0x02, 0x01}, {0x80, 0x20, 0x10, 0x08}}

// dotCell is what one cell of a column of a plot is made of.
type dotCell struct {
	fill, line uint8 // dots
	fillInk    Ink
	curve      *Curve // the line that lies above
}

// addDots adds the dots from one step to another, both included, of the left or the
// right half of a column; what is outside of it is left out.
func addDots(column []dotCell, half, from, to int, c *Curve) {
	for step := max(0, from); step <= min(to, 4*len(column)-1); step++ {
		cell := &column[step/4]
		bit := dotBits[half][step%4]
		if c.Filled {
			cell.fill |= bit
			cell.fillInk = c.Ink
		} else {
			cell.line |= bit
			cell.curve = c
		}
	}
}

// drawDots draws one column in dots. A line is joined with its sample before.
func (p *Plot) drawDots(a Area, x int) {
	column := a.canvas.dotColumn(a.H)
	for i := range p.Curves {
		c := &p.Curves[i]
		for half := range 2 {
			n := 2*x + half
			switch {
			case !c.has(n):
			case c.Filled:
				addDots(column, half, 0, p.height(c.Samples[n].Most, 4*a.H)-1, c)
			default:
				from, to := p.joined(c, n, 4*a.H-1)
				addDots(column, half, from, to, c)
			}
		}
	}
	for row := range column {
		cell := &column[row]
		switch y := a.H - 1 - row; {
		case cell.line != 0:
			a.Put(x, y, cell.curve.ink(bits.OnesCount8(cell.fill) >= 4), dotText(cell.line))
		case cell.fill != 0:
			a.Put(x, y, cell.fillInk, dotText(cell.fill))
		}
	}
}

// joined is the steps that a line has at a sample: from its least to its most,
// and on to where the sample before was.
func (p *Plot) joined(c *Curve, n, last int) (from, to int) {
	from, to = p.level(c.Samples[n].Least, last), p.level(c.Samples[n].Most, last)
	if c.has(n - 1) {
		from = min(from, p.level(c.Samples[n-1].Most, last)+1)
		to = max(to, p.level(c.Samples[n-1].Least, last)-1)
	}
	return from, to
}

// dotText is the character with these dots.
func dotText(dots uint8) string { return braille[3*int(dots) : 3*int(dots)+3] }

// dotColumn returns so many cells without dots, the canvas's own until it is
// called again.
func (c *Canvas) dotColumn(n int) []dotCell {
	if cap(c.dots) < n {
		c.dots = make([]dotCell, n)
	}
	c.dots = c.dots[:n]
	clear(c.dots)
	return c.dots
}
