package parts

import "fmt"

// Theme says how each ink looks.
type Theme struct {
	Name    string // as a user chooses it: standard, colour-blind, plain
	Colours int    // that a terminal must have to show it

	styles [NumInks]Style
}

// Style is the look of a cell, in what every terminal knows.
type Style struct {
	Fore, Back                    Colour
	Bold, Dim, Reverse, Underline bool
}

// Colour is the terminal's own colour if it is 0, and [Palette] otherwise.
type Colour int16

// Palette is a number of xterm's palette, from 0 to 255. The first 16 are the
// terminal's own, which its user has made readable on its background.
func Palette(n uint8) Colour { return Colour(n) + 1 }

// Number returns the number in xterm's palette; false for the terminal's own
// colour.
func (c Colour) Number() (n int, ok bool) { return int(c) - 1, c > 0 }

// Style returns how an ink looks.
func (t *Theme) Style(i Ink) Style { return t.styles[i] }

// Themes returns all themes, that which is taken by default first.
func Themes() []*Theme { return []*Theme{&Standard, &ColourBlind, &Mono} }

// ThemeNamed returns the theme of that name.
func ThemeNamed(name string) (*Theme, error) {
	for _, t := range Themes() {
		if t.Name == name {
			return t, nil
		}
	}
	return nil, fmt.Errorf("unknown theme %q: there are standard, colour-blind and plain", name)
}

// Mono has no colour at all.
var Mono = Theme{Name: "plain", styles: mono()}

func mono() (s [NumInks]Style) {
	s[Strong] = Style{Bold: true}
	s[Faint] = Style{Dim: true}
	s[Title] = Style{Bold: true}
	s[Accent] = Style{Bold: true}
	s[Alarm] = Style{Bold: true}
	s[Notice] = Style{Reverse: true}
	s[Chosen] = Style{Reverse: true}
	s[Cursor] = Style{Bold: true, Reverse: true}
	s[Match] = Style{Underline: true}
	s[Window] = Style{Bold: true}
	s[WindowOnFlight] = Style{Reverse: true}
	for n := range NumLines {
		s[Line(n)] = Style{Bold: n%2 == 0}
	}
	return s
}

// The terminal's own sixteen colours, as the first 16 of the palette have them.
const (
	black = iota
	red
	green
	yellow
	blue
	magenta
	cyan
	silver
	grey
	_ // the bright ones of red and green
	_
	_
	brightBlue
	_
	_
	white
)

// hues are the colours of a theme, as numbers of the palette.
type hues struct {
	accent, alarm, good, window, flight uint8

	over  [2]uint8            // of the window's line and of the flight behind it
	lines [NumLines]uint8     // of each line of a plot
	fills [NumSeries][2]uint8 // of the letter in each slot of a series and of what fills the cell
}

// paint adds colours to the styles of the theme without any.
func (h *hues) paint() [NumInks]Style {
	s := mono()
	s[Accent].Fore = Palette(h.accent)
	s[Alarm].Fore = Palette(h.alarm)
	s[Good].Fore = Palette(h.good)
	s[Window].Fore = Palette(h.window)
	s[Flight].Fore = Palette(h.flight)
	s[WindowOnFlight] = Style{Fore: Palette(h.over[0]), Back: Palette(h.over[1]), Bold: true}
	for n, c := range h.lines {
		s[Line(n)].Fore = Palette(c)
	}
	for n, c := range h.fills {
		s[Series(n)] = Style{Fore: Palette(c[0]), Back: Palette(c[1])}
	}
	return s
}

// Standard uses the terminal's own sixteen colours. Where they fill a cell, the
// letter's colour is set as well.
var Standard = Theme{Name: "standard", Colours: 16, styles: (&hues{
	accent: cyan, alarm: red, good: green, window: magenta, flight: cyan,
	over:  [2]uint8{magenta, cyan},
	lines: [NumLines]uint8{magenta, cyan, green, yellow, blue, red},
	fills: [NumSeries][2]uint8{
		{white, grey}, {white, cyan}, {black, yellow}, {white, red}, {white, red}, {white, red},
		{white, red}, {white, magenta}, {white, blue}, {white, magenta}, {black, silver}, {black, brightBlue},
	},
}).paint()}

// Numbers of the palette that are near the hues which Okabe and Ito propose
// (Color Universal Design, 2002), and the darkest and the lightest one.
const (
	vermilion   = 166
	skyBlue     = 80
	bluishGreen = 29
	purple      = 133
	deepBlue    = 63
	orange      = 214
	dark        = 16
	light       = 231
)

// ColourBlind is safe for those who do not see red, green or blue as others do:
// slots of a series differ in lightness too.
var ColourBlind = Theme{Name: "colour-blind", Colours: 256, styles: (&hues{
	accent: skyBlue, alarm: vermilion, good: bluishGreen, window: vermilion, flight: skyBlue,
	over:  [2]uint8{dark, skyBlue},
	lines: [NumLines]uint8{vermilion, skyBlue, bluishGreen, purple, deepBlue, orange},
	fills: [NumSeries][2]uint8{
		{light, 235}, {dark, 73}, {dark, 220}, {light, 88}, {dark, 173}, {dark, 134},
		{dark, vermilion}, {light, 55}, {light, 21}, {light, 53}, {dark, light}, {dark, 157},
	},
}).paint()}
