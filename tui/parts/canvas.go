package parts

// Canvas is one picture: a grid of cells, blank until a view writes into it. The
// zero Canvas needs its Glyphs, and a Reset, before anything is drawn.
//
// A canvas is used again for picture after picture, so that drawing allocates
// nothing. It is not for two goroutines at once.
type Canvas struct {
	Glyphs *Glyphs // what pictures are made of on this terminal

	width, height int
	cells         []Cell
	regions       []region
	dots          []dotCell // of the column of a plot that is being drawn
}

// Cell is one column of one row.
type Cell struct {
	Text string // one grapheme; empty in the second column of a wide one
	Ink  Ink
}

// Reset makes the canvas blank, without regions, and of that size in columns and
// rows; below 0 is 0.
func (c *Canvas) Reset(width, height int) {
	c.width, c.height = max(0, width), max(0, height)
	if n := c.width * c.height; cap(c.cells) < n {
		c.cells = make([]Cell, n)
	} else {
		c.cells = c.cells[:n]
	}
	for i := range c.cells {
		c.cells[i] = Cell{Text: " "}
	}
	c.regions = c.regions[:0]
}

// Size returns the canvas's columns and rows.
func (c *Canvas) Size() (width, height int) { return c.width, c.height }

// Cells returns the cells row by row: that of column x in row y is at
// y*width+x. They are the canvas's own until the next Reset.
func (c *Canvas) Cells() []Cell { return c.cells }

// Area returns the whole canvas.
func (c *Canvas) Area() Area { return Area{canvas: c, W: c.width, H: c.height} }
