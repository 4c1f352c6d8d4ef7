package parts

// Area is a rectangle of a canvas, and what a part or a view draws into. Columns
// and rows count from its upper left corner; what does not fit in it is cut. An
// Area is a value: to cut rows off a copy leaves the original as it was.
type Area struct {
	W, H int // columns and rows

	canvas *Canvas
	x, y   int
}

// Glyphs returns what pictures are made of on this canvas.
func (a Area) Glyphs() *Glyphs { return a.canvas.Glyphs }

// Take cuts the first n rows off and returns them, or as many as there are.
func (a *Area) Take(n int) Area {
	n = max(0, min(n, a.H))
	top := *a
	top.H = n
	a.y += n
	a.H -= n
	return top
}

// TakeLast cuts the last n rows off and returns them, or as many as there are.
func (a *Area) TakeLast(n int) Area {
	n = max(0, min(n, a.H))
	bottom := *a
	bottom.y += a.H - n
	bottom.H = n
	a.H -= n
	return bottom
}

// Columns returns n columns, beginning with column from; fewer if the area ends
// before.
func (a Area) Columns(from, n int) Area {
	from = max(0, min(from, a.W))
	a.x += from
	a.W = max(0, min(n, a.W-from))
	return a
}

// Rows returns n rows, beginning with row from; fewer if the area ends before.
func (a Area) Rows(from, n int) Area {
	from = max(0, min(from, a.H))
	a.y += from
	a.H = max(0, min(n, a.H-from))
	return a
}

// Put writes a text and returns the column after it. Control characters are
// left out: a text may come from anybody's file, and must not reach the
// terminal as a command.
func (a Area) Put(x, y int, ink Ink, text string) int {
	return a.putWithin(x, y, a.W, ink, text)
}

// putWithin is Put, for a text that must end before column end.
func (a Area) putWithin(x, y, end int, ink Ink, text string) int {
	if y < 0 || y >= a.H {
		return x
	}
	end = min(end, a.W)
	for text != "" {
		cluster, rest, width := firstGrapheme(text)
		text = rest
		if width == 0 {
			continue
		}
		if x < 0 || x+width > end {
			break
		}
		a.set(x, y, ink, cluster, width)
		x += width
	}
	return x
}

// set writes a grapheme of one column or two, which must be within the area. What
// is left of a wide one that it overwrites in part becomes blank.
func (a Area) set(x, y int, ink Ink, text string, width int) {
	at := (a.y+y)*a.canvas.width + a.x + x
	cells, end := a.canvas.cells, at+width
	if cells[at].Text == "" {
		cells[at-1].Text = " "
	}
	if end < len(cells) && cells[end].Text == "" {
		cells[end].Text = " "
	}
	cells[at] = Cell{text, ink}
	if width == 2 {
		cells[at+1] = Cell{"", ink}
	}
}

// at is the cell at a column and row, which must be within the area.
func (a Area) at(x, y int) Cell { return a.canvas.cells[(a.y+y)*a.canvas.width+a.x+x] }

// PutRight writes a text that ends at the area's right edge, and returns the
// column where it begins.
func (a Area) PutRight(y int, ink Ink, text string) int {
	x := max(0, a.W-Width(text))
	a.Put(x, y, ink, text)
	return x
}

// PutCentered writes a text around a column, as far as the area lets it.
func (a Area) PutCentered(x, y int, ink Ink, text string) {
	w := Width(text)
	a.Put(max(0, min(x-w/2, a.W-w)), y, ink, text)
}

// PutFit writes a text in at most so many columns, shortened and marked if it is
// longer, and returns the column after it. Unlike Put of a [Area.Fit] it does
// not allocate.
func (a Area) PutFit(x, y, columns int, ink Ink, text string) int {
	columns = min(columns, a.W-x)
	if Width(text) <= columns {
		return a.Put(x, y, ink, text)
	}
	more := a.Glyphs().More
	x = a.putWithin(x, y, x+columns-Width(more), ink, text)
	return a.Put(x, y, ink, more)
}

// Repeat writes a glyph of one column n times and returns the column after them.
func (a Area) Repeat(x, y, n int, ink Ink, glyph string) int {
	for range min(n, a.W-x) {
		x = a.Put(x, y, ink, glyph)
	}
	return x
}

// Tint gives n cells of a row another ink, and leaves what is written.
func (a Area) Tint(x, y, n int, ink Ink) {
	if y < 0 || y >= a.H {
		return
	}
	for x, end := max(0, x), min(x+n, a.W); x < end; x++ {
		a.canvas.cells[(a.y+y)*a.canvas.width+a.x+x].Ink = ink
	}
}

// Dim makes all that the area shows faint: what lies behind a help or a question.
func (a Area) Dim() {
	for y := range a.H {
		a.Tint(0, y, a.W, Faint)
	}
}

// Clear makes the area blank.
func (a Area) Clear() {
	for y := range a.H {
		a.Repeat(0, y, a.W, Plain, " ")
	}
}

// Box draws a frame with a title around the area, blank within, and returns what
// is within: two columns and one row less on each side.
func (a Area) Box(title string) Area {
	a.Clear()
	if a.W < 2 || a.H < 2 {
		return a.Rows(0, 0)
	}
	g := a.Glyphs()
	for _, y := range [2]int{0, a.H - 1} {
		a.Repeat(1, y, a.W-2, Faint, g.Axis)
	}
	for y := range a.H {
		a.Put(0, y, Faint, g.Side)
		a.Put(a.W-1, y, Faint, g.Side)
	}
	a.Put(0, 0, Faint, g.Corners[0])
	a.Put(a.W-1, 0, Faint, g.Corners[1])
	a.Put(0, a.H-1, Faint, g.Corners[2])
	a.Put(a.W-1, a.H-1, Faint, g.Corners[3])
	if title != "" && a.W > 6 {
		x := a.Put(2, 0, Plain, " ")
		x = a.PutFit(x, 0, a.W-6, Title, title)
		a.Put(x, 0, Plain, " ")
	}
	return a.Columns(2, a.W-4).Rows(1, a.H-2)
}
