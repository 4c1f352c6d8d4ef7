package parts

import (
	"math"
	"testing"
)

func TestNamed(t *testing.T) {
	for _, want := range Themes() {
		if got, err := ThemeNamed(want.Name); got != want || err != nil {
			t.Errorf("%s: %v, %v", want.Name, got, err)
		}
	}
	for _, want := range glyphSets {
		if got, err := GlyphsNamed(want.Name); got != want || err != nil {
			t.Errorf("%s: %v, %v", want.Name, got, err)
		}
	}
	_, err := ThemeNamed("dark")
	if want := `unknown theme "dark": there are standard, colour-blind and plain`; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	_, err = GlyphsNamed("")
	if want := `unknown plots "": there are braille, block and ascii`; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// TestMoreThanColour: of inks that stand beside each other, where no letter, word
// or glyph tells them apart, none differs by colour alone. (A cause has its
// letter, a line of a plot its own, a gauge's full part its glyph; Alarm and Good
// are words.)
func TestMoreThanColour(t *testing.T) {
	shape := func(th *Theme, i Ink) Style {
		st := th.Style(i)
		st.Fore, st.Back = 0, 0
		return st
	}
	for _, th := range Themes() {
		for _, pair := range [][2]Ink{
			{Chosen, Plain}, {Chosen, Faint}, {Chosen, Strong}, // rows, and words to complete
			{Cursor, Plain}, {Cursor, Faint}, // typed text, an axis
			{Cursor, Window}, {Cursor, Flight}, {Cursor, Line(0)}, {Cursor, Line(1)},
			{Strong, Plain}, {Strong, Faint}, // keys and what they do
			{Accent, Plain}, {Title, Plain}, {Title, Faint}, {Notice, Plain}, {Match, Plain}, {Match, Strong},
			{Faint, Plain}, // a view that lies behind
		} {
			if shape(th, pair[0]) == shape(th, pair[1]) {
				t.Errorf("in %s, inks %d and %d differ by colour at most", th.Name, pair[0], pair[1])
			}
		}
	}
	for i := range NumInks {
		if st := Mono.Style(Ink(i)); st.Fore != 0 || st.Back != 0 {
			t.Errorf("ink %d of the plain theme has a colour", i)
		}
	}
}

// TestInksAreApart: what comes after the last of a kind begins anew, and is not
// of another kind.
func TestInksAreApart(t *testing.T) {
	if Line(NumLines) != Line(0) || Series(NumSeries) != Series(0) || Line(NumLines-1) >= Series(0) || int(Series(NumSeries-1)) != NumInks-1 {
		t.Error("inks overlap")
	}
}

// rgb is a colour in linear light, each part from 0 to 1.
type rgb [3]float64

// colour is a number of xterm's palette above the terminal's own: a cube of six
// steps, then a ramp of greys.
func colour(t *testing.T, c Colour) rgb {
	n, ok := c.Number()
	if !ok || n < 16 {
		t.Fatalf("colour %d is the terminal's own: nobody knows what it looks like", n)
	}
	var parts [3]int
	if n >= 232 {
		parts = [3]int{8 + 10*(n-232), 8 + 10*(n-232), 8 + 10*(n-232)}
	} else {
		steps := [6]int{0, 95, 135, 175, 215, 255}
		parts = [3]int{steps[(n-16)/36], steps[(n-16)/6%6], steps[(n-16)%6]}
	}
	var light rgb
	for i, p := range parts { // IEC 61966-2-1
		if v := float64(p) / 255; v <= 0.04045 {
			light[i] = v / 12.92
		} else {
			light[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return light
}

// times applies a matrix.
func (c rgb) times(m [3]rgb) (out rgb) {
	for i := range out {
		out[i] = m[i][0]*c[0] + m[i][1]*c[1] + m[i][2]*c[2]
	}
	return out
}

// eyes are how colours are seen without one kind of cone, at full severity
// (Machado, Oliveira, Fernandes 2009, table 1).
var eyes = map[string][3]rgb{
	"all cones":    {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protanopia":   {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	"deuteranopia": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
	"tritanopia":   {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
}

// lab is a colour in CIE L*a*b* under D65.
func (c rgb) lab() [3]float64 {
	for i := range c {
		c[i] = min(1, max(0, c[i]))
	}
	xyz := c.times([3]rgb{{0.4124, 0.3576, 0.1805}, {0.2126, 0.7152, 0.0722}, {0.0193, 0.1192, 0.9505}})
	f := func(v, white float64) float64 {
		if v /= white; v > 216.0/24389 {
			return math.Cbrt(v)
		}
		return (24389.0/27*v + 16) / 116
	}
	x, y, z := f(xyz[0], 0.95047), f(xyz[1], 1), f(xyz[2], 1.08883)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

// apart is how far two colours are from each other for some eyes (CIE 1976): 2.3
// is just noticeable.
func apart(a, b rgb, eye [3]rgb) float64 {
	p, q := a.times(eye).lab(), b.times(eye).lab()
	return math.Hypot(math.Hypot(p[0]-q[0], p[1]-q[1]), p[2]-q[2])
}

// TestColourBlind: whatever cones somebody has, the colours of that theme are far
// apart, and letters can be read on those that fill a cell.
func TestColourBlind(t *testing.T) {
	th := &ColourBlind
	var fills, lines []rgb
	for n := range NumSeries {
		fills = append(fills, colour(t, th.Style(Series(n)).Back))
	}
	for n := range NumLines {
		lines = append(lines, colour(t, th.Style(Line(n)).Fore))
	}
	over := th.Style(WindowOnFlight)
	pairs := func(colours []rgb) (least float64) {
		least = math.Inf(1)
		for _, eye := range eyes {
			for i, c := range colours {
				for _, d := range colours[:i] {
					least = min(least, apart(c, d, eye))
				}
			}
		}
		return least
	}
	if far := pairs(fills); far < 25 {
		t.Errorf("two slots of a series are only %.1f apart", far)
	}
	if far := pairs(lines); far < 25 {
		t.Errorf("two lines are only %.1f apart", far)
	}
	if far := pairs([]rgb{colour(t, th.Style(Window).Fore), colour(t, th.Style(Flight).Fore)}); far < 30 {
		t.Errorf("window and flight are only %.1f apart", far)
	}
	if far := pairs([]rgb{colour(t, th.Style(Alarm).Fore), colour(t, th.Style(Good).Fore)}); far < 20 {
		t.Errorf("good and bad are only %.1f apart", far)
	}
	for n := range NumSeries {
		st := th.Style(Series(n))
		if c := contrast(colour(t, st.Fore), fills[n]); c < 4.5 {
			t.Errorf("a letter in slot %d has a contrast of %.1f", n, c)
		}
	}
	if c := contrast(colour(t, over.Fore), colour(t, over.Back)); c < 4.5 {
		t.Errorf("the window over flight has a contrast of %.1f", c)
	}
}

// contrast is that of WCAG 2.1, from 1 to 21; 4.5 is what it asks for text.
func contrast(a, b rgb) float64 {
	light := func(c rgb) float64 { return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2] }
	x, y := light(a), light(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}
