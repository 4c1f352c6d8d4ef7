package parts

// Gauge is an account in three rows: its name, how full it is, and what there
// is to say of it.
type Gauge struct {
	Name        string
	Part, Whole int64 // how much of how much; both in one unit
	Ink         Ink   // of what is full
	Text        string
	TextInk     Ink
}

// Draw draws the gauge over the area's width, on its first three rows.
func (g *Gauge) Draw(a Area) {
	a.PutCentered(a.W/2, 0, Faint, g.Name)
	Bar(a.Rows(1, 1), g.Ink, g.Part, g.Whole)
	a.PutCentered(a.W/2, 2, g.TextInk, g.Text)
}

// Bar draws how full something is, with its ends, over the width of the area's
// first row.
func Bar(a Area, ink Ink, part, whole int64) {
	g := a.Glyphs()
	a.Put(0, 0, Faint, g.Left)
	a.Put(a.W-1, 0, Faint, g.Right)
	inner := a.Columns(1, a.W-2)
	level := Portion(part, whole, inner.W)
	inner.Repeat(0, 0, level, ink, g.Full)
	inner.Repeat(level, 0, inner.W-level, Faint, g.Empty)
}

// SmallBar is a bar without ends, in eighths of a cell where the terminal has
// them: for a few columns.
func SmallBar(a Area, ink Ink, part, whole int64) {
	g := a.Glyphs()
	eighths := Portion(part, whole, 8*a.W)
	full := eighths / 8
	a.Repeat(0, 0, a.W, Faint, g.Empty)
	a.Repeat(0, 0, full, ink, g.Full)
	if eighths%8 > 0 {
		a.Put(full, 0, ink, g.lengths[eighths%8])
	}
}

// Portion is how many of so many cells a part of a whole fills: none only if
// there is nothing, and all if it is the whole or more.
func Portion(part, whole int64, cells int) int {
	if part <= 0 || cells <= 0 {
		return 0
	}
	if part >= whole {
		return cells
	}
	return max(1, int(float64(part)*float64(cells)/float64(whole)))
}
