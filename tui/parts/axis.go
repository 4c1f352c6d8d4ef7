package parts

import (
	"strconv"
	"time"
)

// Marked is an instant that a plot's axis marks.
type Marked struct {
	Column int // of the time axis, from 0
	Mark   Mark
	Letter string // below the mark; may be empty
}

// Axis draws the plot's lower edge on a row, with a mark where there is one, and
// the marks' letters on another. The letters' area may have no row.
func (p *Plot) Axis(axis, letters Area, marks []Marked) {
	g := axis.Glyphs()
	axis.Columns(0, Gutter-2).PutRight(0, Faint, "0")
	axis.Put(Gutter-1, 0, Faint, g.End)
	cells, below := p.cells(axis), p.cells(letters)
	cells.Repeat(0, 0, cells.W, Faint, g.Axis)
	for i := range marks {
		m := &marks[i]
		if m.Column >= 0 && m.Column < cells.W {
			cells.Put(m.Column, 0, Strong, g.Marks[m.Mark])
			below.Put(m.Column, 0, Strong, m.Letter)
		}
	}
	if x := p.Cursor - 1; x >= 0 && x < cells.W {
		cells.Tint(x, 0, 1, Cursor)
	}
}

// Seconds writes the time on a row below the axis, whose left edge is at one
// time and whose right edge is at another.
func (p *Plot) Seconds(a Area, from, to time.Duration) {
	a.Columns(0, Gutter-2).PutRight(0, Faint, "seconds")
	across := p.cells(a).W
	if to <= from || across <= 0 {
		return
	}
	step := secondsStep(to-from, across)
	first := (from + step - 1) / step * step
	if from < 0 {
		first = from / step * step
	}
	for t := first; t <= to; t += step {
		x := Gutter + int(float64(across)*(t-from).Seconds()/(to-from).Seconds())
		putSeconds(a, x, t)
	}
}

// putSeconds writes a number of seconds around a column, as far as the area lets
// it. It allocates nothing.
func putSeconds(a Area, x int, t time.Duration) {
	const characters = "0123456789.-e+"
	var buffer [24]byte
	text := strconv.AppendFloat(buffer[:0], t.Seconds(), 'g', 6, 64)
	x = max(0, min(x-len(text)/2, a.W-len(text)))
	for _, b := range text {
		for i := range characters {
			if characters[i] == b {
				x = a.Put(x, 0, Faint, characters[i:i+1])
			}
		}
	}
}

// secondsStep is the time between two labels: 1, 2 or 5 of some power of ten,
// or so many seconds, and at least eight columns.
func secondsStep(span time.Duration, across int) time.Duration {
	for step := time.Millisecond; ; step *= 10 {
		for _, times := range []time.Duration{1, 2, 5} {
			if float64(times*step)/float64(span)*float64(across) >= 8 {
				return times * step
			}
		}
	}
}
