package parts

// Ink is what a cell is drawn with, named for what it means. A [Theme] says how
// it looks.
type Ink uint8

// The inks. No ink is the only one to say what it says: a letter, a word or a
// glyph stands there too, or the ink differs from its neighbours in every theme
// by more than colour.
const (
	Plain  Ink = iota
	Strong     // what to look at first
	Faint      // labels, and what lies behind
	Title      // the name of a screen, a box or a column
	Accent     // a key that may be pressed
	Alarm      // something is held or has failed
	Good
	Notice // what must not be missed, whatever the colours
	Chosen // the selected row
	Cursor // the instant that is shown; where typed text goes
	Match  // the part of a text that was looked for

	Window         // a limit, drawn as a line
	Flight         // what is under way below it, drawn as an area
	WindowOnFlight // the line where the area reaches it

	lines                     // the first of one ink for each line of a plot
	series = lines + NumLines // the first of one ink for each slot of a series

	// NumInks is how many inks there are.
	NumInks = int(series) + NumSeries
)

const (
	// NumLines is how many lines of a plot have an ink of their own.
	NumLines = 6

	// NumSeries is how many slots a series has.
	NumSeries = 12
)

// Line is the ink of a plot's nth line: it colours a glyph. From NumLines on the
// inks begin anew.
func Line(n int) Ink { return lines + Ink(n%NumLines) }

// Series is the ink of the nth of many things that follow each other in time,
// of which one applies at an instant: it fills the cell behind a letter. From
// NumSeries on the inks begin anew.
func Series(n int) Ink { return series + Ink(n%NumSeries) }
