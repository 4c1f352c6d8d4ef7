package parts

import "fmt"

// Glyphs are what pictures are made of: one column each, but for the keys.
type Glyphs struct {
	Name string // as a user chooses it: braille, block, ascii

	Full, Empty string // a part of a gauge
	Left, Right string // the ends of a gauge
	Wire, Data  string // a stretch of a wire without and with data

	Axis, Tick, End string    // below a plot, and its end on the left
	Side            string    // left of a plot
	Corners         [4]string // of a box: upper left and right, lower left and right
	Cursor          string    // the instant of a plot that is shown
	Marks           [NumMarks]string

	Times, More        string // so many times; cut here
	Decrease, Increase string // the keys that do, or their names
	Chosen             string // before the line that Enter takes
	Rising, Falling    string // a table's order

	heights [9]string // a cell filled from below, in eighths
	lengths [9]string // a cell filled from the left, in eighths
	levels  [3]string // a line at the bottom, in the middle and at the top of a cell
	rise    string    // a line in many rows at once
	dots    bool      // plots are made of braille's dots: two samples a cell
}

// Mark is the shape of what marks an instant on an axis.
type Mark uint8

// The shapes differ without colour, and in ASCII.
const (
	MarkShut  Mark = iota // a triangle that points down
	MarkOpen              // a triangle that points up
	MarkSmall             // a hollow one that points up
	MarkProbe             // a diamond
	MarkLoss              // a cross
	MarkDone              // a dot: what a script or a hand did

	// NumMarks is how many shapes there are.
	NumMarks = int(MarkDone) + 1
)

// Block draws plots in eighths of a cell. Most terminals with UTF-8 can.
var Block = Glyphs{
	Name: "block",
	Full: "█", Empty: "░", Left: "▕", Right: "▏",
	Wire: "·", Data: "▶",
	Axis: "─", Tick: "┬", End: "└", Side: "│",
	Corners: [4]string{"┌", "┐", "└", "┘"},
	Cursor:  "┃",
	Marks: [NumMarks]string{
		MarkShut: "▼", MarkOpen: "▲", MarkSmall: "△", MarkProbe: "◆", MarkLoss: "✕", MarkDone: "●",
	},
	Times: "×", More: "…",
	Decrease: "←", Increase: "→",
	Chosen: "▶",
	Rising: "▲", Falling: "▼",

	heights: [9]string{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"},
	lengths: [9]string{" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"},
	levels:  [3]string{"▁", "─", "▔"},
	rise:    "│",
}

// Braille draws plots in dots, two columns and four rows a cell. It shows twice
// as many instants as Block, where the terminal's font has the dots.
var Braille = func() Glyphs {
	g := Block
	g.Name, g.dots = "braille", true
	return g
}()

// ASCII is for terminals without UTF-8, or whose characters are not one column
// wide.
var ASCII = Glyphs{
	Name: "ascii",
	Full: "#", Empty: ".", Left: "[", Right: "]",
	Wire: ".", Data: ">",
	Axis: "-", Tick: "+", End: "+", Side: "|",
	Corners: [4]string{"+", "+", "+", "+"},
	Cursor:  "!",
	Marks: [NumMarks]string{
		MarkShut: "v", MarkOpen: "^", MarkSmall: "'", MarkProbe: "?", MarkLoss: "x", MarkDone: "o",
	},
	Times: "x", More: "~",
	Decrease: "<-", Increase: "->",
	Chosen: ">",
	Rising: "^", Falling: "v",

	heights: [9]string{" ", ".", ".", ".", ":", ":", ":", "#", "#"},
	lengths: [9]string{" ", "-", "-", "-", "-", "-", "-", "-", "#"},
	levels:  [3]string{"_", "-", "~"},
	rise:    "|",
}

// GlyphsNamed returns the set of that name.
func GlyphsNamed(name string) (*Glyphs, error) {
	for _, g := range []*Glyphs{&Braille, &Block, &ASCII} {
		if g.Name == name {
			return g, nil
		}
	}
	return nil, fmt.Errorf("unknown plots %q: there are braille, block and ascii", name)
}

// Stroke is a line, as a legend shows it.
func (g *Glyphs) Stroke() string { return g.levels[1] }

// Samples is how many samples a plot of so many columns shows.
func (g *Glyphs) Samples(columns int) int {
	if g.dots {
		return 2 * columns
	}
	return columns
}
