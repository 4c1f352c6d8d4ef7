package parts

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write what is drawn to testdata")

// blank is a canvas without anything on it.
func blank(g *Glyphs, width, height int) *Canvas {
	c := &Canvas{Glyphs: g}
	c.Reset(width, height)
	return c
}

// textOf is a canvas's rows, without the blanks at their ends.
func textOf(c *Canvas) string {
	var b strings.Builder
	width, height := c.Size()
	for y := range height {
		var row strings.Builder
		for _, cell := range c.Cells()[y*width : (y+1)*width] {
			row.WriteString(cell.Text)
		}
		b.WriteString(strings.TrimRight(row.String(), " ") + "\n")
	}
	return b.String()
}

// inked is a canvas's rows with a full block where an ink is.
func inked(c *Canvas, ink Ink) string {
	var b strings.Builder
	width, _ := c.Size()
	for i, cell := range c.Cells() {
		mark := "."
		if cell.Ink == ink {
			mark = "#"
		}
		b.WriteString(mark)
		if i%width == width-1 {
			b.WriteString("\n")
		}
	}
	return b.String()
}

// golden compares with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got); -update accepts it:\n%s", file, diff)
	}
}

var glyphSets = []*Glyphs{&Block, &Braille, &ASCII}

// inEverySet draws a picture with each set of glyphs, below one another.
func inEverySet(width, height int, draw func(Area)) string {
	var b strings.Builder
	for _, g := range glyphSets {
		c := blank(g, width, height)
		draw(c.Area())
		fmt.Fprintf(&b, "%s\n%s\n", g.Name, textOf(c))
	}
	return b.String()
}

// wave is so many samples of a value that rises and falls in waves.
func wave(n int, phase, most float64) []Sample {
	samples := make([]Sample, n)
	for i := range samples {
		samples[i] = Is(most / 2 * (1 + math.Sin(phase+6*math.Pi*float64(i)/float64(n))))
	}
	return samples
}

// windowOverFlight is a window that is shut in the middle third of the time, and
// what is in flight below it.
func windowOverFlight(g *Glyphs, columns int) *Plot {
	n := g.Samples(columns)
	window, flight := make([]Sample, n), make([]Sample, n)
	for i := range n {
		window[i], flight[i] = Is(128), Is(float64(min(96, 16*i)))
		if 3*i >= n && 3*i < 2*n {
			window[i], flight[i] = Is(0), Is(0)
		}
	}
	window[n/3] = Sample{Least: 0, Most: 128}
	window[2*n/3+1] = Sample{Least: 0, Most: 128}
	return &Plot{
		Curves: []Curve{
			{Filled: true, Ink: Flight, Samples: flight},
			{Ink: Window, Over: WindowOnFlight, Samples: window},
		},
		Top: 128, Label: "128 KiB", Half: "64 KiB", Cursor: columns / 2,
	}
}

// drawPlot draws a plot with its axis and its seconds.
func drawPlot(a Area, p *Plot) {
	rows := a.Take(a.H - 3)
	axis, letters := a.Take(1), a.Take(1)
	p.Draw(rows)
	p.Axis(axis, letters, []Marked{
		{Column: 16, Mark: MarkShut, Letter: "Z"}, {Column: 24, Mark: MarkProbe, Letter: "P"}, {Column: 33, Mark: MarkOpen, Letter: "O"},
		{Column: -1}, {Column: 10_000},
	})
	p.Seconds(a, 0, 6*time.Second)
}

func TestPlot(t *testing.T) {
	golden(t, "plot-area", inEverySet(60, 12, func(a Area) { drawPlot(a, windowOverFlight(a.Glyphs(), 50)) }))
	golden(t, "plot-lines", inEverySet(60, 12, func(a Area) {
		n := a.Glyphs().Samples(40) // what comes later is not known yet
		reads := wave(n, 1, 8)
		for i := n / 4; i < n/2; i++ {
			reads[i] = Gap
		}
		drawPlot(a, &Plot{
			Curves: []Curve{
				{Ink: Line(0), Letter: "w", Samples: wave(n, 0, 10)},
				{Ink: Line(1), Letter: "r", Samples: reads},
			},
			Top: 10, Label: "10 MB/s", Half: "5 MB/s",
		})
	}))
}

func TestGauges(t *testing.T) {
	golden(t, "gauges", inEverySet(40, 11, func(a Area) {
		(&Gauge{Name: "send buffer", Part: 96, Whole: 128, Ink: Flight, Text: "96 KiB"}).Draw(a.Columns(0, 18))
		(&Gauge{Name: "receive buffer", Part: 128, Whole: 128, Ink: Flight, Text: "128 KiB FULL", TextInk: Alarm}).Draw(a.Columns(20, 20))
		a.Take(4)
		for i := range int64(6) {
			SmallBar(a.Take(1).Columns(0, 8), Flight, i*13, 64)
		}
		SmallBar(a, Flight, 1, 1000)
	}))
}

func TestHelp(t *testing.T) {
	keys := []KeyHelp{{Does: "Move"}}
	for _, k := range []string{"up/down", "pgup", "pgdn", "home", "end"} {
		keys = append(keys, KeyHelp{k, "one of the ways to move"})
	}
	keys = append(keys, KeyHelp{Does: "Time"})
	for i := range 16 {
		keys = append(keys, KeyHelp{string(rune('a' + i)), "something else"})
	}
	draw := func(a Area) {
		for y := range a.H {
			a.Repeat(0, y, a.W, Strong, a.Glyphs().Wire)
		}
		foot := a.TakeLast(1)
		foot.Clear()
		Footer(foot, keys)
		Help(a, "Keys of this view", keys)
	}
	golden(t, "help", inEverySet(80, 22, draw))
	golden(t, "help-small", inEverySet(30, 8, draw))
}
