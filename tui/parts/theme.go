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

// Standard uses the terminal's own sixteen colours. Where they fill a cell, the
// letter's colour is set as well.
var Standard = Theme{Name: "standard", Colours: 16, styles: standard()}

func standard() [NumInks]Style {
	s := mono()
	s[Accent].Fore = Palette(cyan)
	s[Alarm].Fore = Palette(red)
	s[Good].Fore = Palette(green)
	s[Window].Fore = Palette(magenta)
	s[Flight].Fore = Palette(cyan)
	s[WindowOnFlight] = Style{Fore: Palette(magenta), Back: Palette(cyan), Bold: true}
	for n, c := range [NumLines]uint8{magenta, cyan, green, yellow, blue, red} {
		s[Line(n)].Fore = Palette(c)
	}
	fill := [NumSeries]struct{ back, fore uint8 }{
		{grey, white}, {cyan, white}, {yellow, black}, {red, white}, {red, white}, {red, white},
		{red, white}, {magenta, white}, {blue, white}, {magenta, white}, {silver, black}, {brightBlue, black},
	}
	for n, c := range fill {
		s[Series(n)] = Style{Fore: Palette(c.fore), Back: Palette(c.back)}
	}
	return s
}

// ColourBlind is safe for those who do not see red, green or blue as others do.
// Its hues are near those that Okabe and Ito propose (Color Universal Design,
// 2002), and slots of a series differ in lightness too.
var ColourBlind = Theme{Name: "colour-blind", Colours: 256, styles: colourBlind()}

func colourBlind() [NumInks]Style {
	const vermilion, skyBlue, bluishGreen, orange, blue, purple = 166, 80, 29, 214, 63, 133
	const dark, light = 16, 231
	s := mono()
	s[Accent].Fore = Palette(skyBlue)
	s[Alarm].Fore = Palette(vermilion)
	s[Good].Fore = Palette(bluishGreen)
	s[Window].Fore = Palette(vermilion)
	s[Flight].Fore = Palette(skyBlue)
	s[WindowOnFlight] = Style{Fore: Palette(dark), Back: Palette(skyBlue), Bold: true}
	for n, c := range [NumLines]uint8{vermilion, skyBlue, bluishGreen, purple, blue, orange} {
		s[Line(n)].Fore = Palette(c)
	}
	fill := [NumSeries]struct{ back, fore uint8 }{
		{235, light}, {73, dark}, {220, dark}, {88, light}, {173, dark}, {134, dark},
		{vermilion, dark}, {55, light}, {21, light}, {53, light}, {231, dark}, {157, dark},
	}
	for n, c := range fill {
		s[Series(n)] = Style{Fore: Palette(c.fore), Back: Palette(c.back)}
	}
	return s
}
