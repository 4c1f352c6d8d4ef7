package parts

// Table is rows under a header, of which those are drawn that there is room for:
// ten thousand cost no more than a screenful.
type Table struct {
	Columns []Column
	Rows    int                         // how many there are
	Value   func(row, column int) Value // asked only for what is drawn

	Sorted     int // the column that rows are sorted by, counted from 1; 0 for none
	Descending bool

	Chosen int // the selected row, from 0

	first  int   // the row at the top
	page   int   // rows that the latest picture had room for
	widths []int // of the columns that the latest picture had room for
}

// Column is one column of a table.
type Column struct {
	Title string
	Width int  // columns that it has at least; 0 for its title's
	Grows bool // takes a share of what is left over
	Right bool // its texts end at its right edge, as numbers do
}

// Value is what stands in one cell of a table.
type Value struct {
	Text        string
	Ink         Ink
	Part, Whole int64 // with a Whole above 0 a small bar stands before the text
}

const (
	columnGap = 2 // blanks between two columns
	barWidth  = 8 // of a bar in a cell
)

// Draw draws the header on the first row, and below it the rows around the
// selected one, which goes over the whole width. Columns that do not fit are
// left out, the last first; of the first there is what fits.
func (t *Table) Draw(a Area) {
	t.lay(a.W)
	t.drawHeader(a.Take(1))
	t.scroll(a.H)
	for y := range min(a.H, t.Rows-t.first) {
		t.drawRow(a.Rows(y, 1), t.first+y)
	}
}

// lay decides how wide the columns are.
func (t *Table) lay(width int) {
	t.widths = t.widths[:0]
	left, growing := width-2, 0 // one blank on either side
	for i := range t.Columns {
		w := t.Columns[i].width()
		gap := columnGap
		if i == 0 { // this one is never left out
			w, gap = max(0, min(w, left)), 0
		}
		if w+gap > left {
			break
		}
		left -= w + gap
		t.widths = append(t.widths, w)
		if t.Columns[i].Grows {
			growing++
		}
	}
	for i := range t.widths {
		if t.Columns[i].Grows {
			share := left / growing
			t.widths[i] += share
			left -= share
			growing--
		}
	}
}

// width is what a column needs: room for its title and, after a blank, the mark
// of its order.
func (c *Column) width() int { return max(c.Width, Width(c.Title)+2) }

func (t *Table) drawHeader(a Area) {
	g := a.Glyphs()
	x := 1
	for i, w := range t.widths {
		c := &t.Columns[i]
		cell := a.Columns(x, w)
		mark := " "
		switch {
		case t.Sorted == i+1 && t.Descending:
			mark = g.Falling
		case t.Sorted == i+1:
			mark = g.Rising
		}
		if c.Right {
			at := cell.PutRight(0, Title, c.Title)
			cell.Put(at-2, 0, Title, mark)
		} else {
			at := cell.Put(0, 0, Title, c.Title)
			cell.Put(at+1, 0, Title, mark)
		}
		x += w + columnGap
	}
}

// scroll keeps the selected row among those that are drawn, and leaves no row
// empty that could be filled.
func (t *Table) scroll(rows int) {
	t.page = max(1, rows)
	t.Choose(t.Chosen)
	t.first = max(t.Chosen-t.page+1, min(t.first, t.Chosen))
	t.first = max(0, min(t.first, t.Rows-t.page))
}

func (t *Table) drawRow(a Area, row int) {
	x := 1
	for i, w := range t.widths {
		v := t.Value(row, i)
		v.draw(a.Columns(x, w), t.Columns[i].Right)
		x += w + columnGap
	}
	if row == t.Chosen {
		a.Tint(0, 0, a.W, Chosen)
		a.Put(0, 0, Chosen, a.Glyphs().Chosen)
	}
}

// draw draws a value over a column's width.
func (v *Value) draw(a Area, right bool) {
	if v.Whole > 0 {
		w := min(barWidth, a.W)
		SmallBar(a.Columns(0, w), v.Ink, v.Part, v.Whole)
		a = a.Columns(w+1, a.W)
	}
	if right && Width(v.Text) < a.W {
		a.PutRight(0, v.Ink, v.Text)
		return
	}
	a.PutFit(0, 0, a.W, v.Ink, v.Text)
}

// Choose selects a row; one before the first or after the last is that.
func (t *Table) Choose(row int) { t.Chosen = max(0, min(row, t.Rows-1)) }

// Move selects a row so many further down, or up if by is below 0.
func (t *Table) Move(by int) { t.Choose(t.Chosen + by) }

// Press selects the row that a key asks for, and tells whether it is a key for that: up,
// down, j, pgup, pgdn, g for the first, G for the last.
func (t *Table) Press(key string) bool {
	switch key {
	case "up":
		t.Move(-1)
	case "down", "j":
		t.Move(1)
	case "pgup":
		t.Move(-t.Page())
	case "pgdn":
		t.Move(t.Page())
	case "g":
		t.Choose(0)
	case "G":
		t.Choose(t.Rows - 1)
	default:
		return false
	}
	return true
}

// Page is how many rows the latest picture had room for, at least 1.
func (t *Table) Page() int { return max(1, t.page) }

// At returns which row and column of the latest picture are at a place in the
// area it was drawn into. The header is row -1; ok is false where there is
// nothing. In a row, the column is -1 between two columns.
func (t *Table) At(x, y int) (row, column int, ok bool) {
	row, column = -1, -1
	if y > 0 {
		row = t.first + y - 1
	}
	if y < 0 || y > t.page || row >= t.Rows {
		return 0, 0, false
	}
	left := 1
	for i, w := range t.widths {
		if x >= left && x < left+w {
			column = i
		}
		left += w + columnGap
	}
	return row, column, row >= 0 || column >= 0
}
