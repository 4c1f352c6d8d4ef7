package parts

import (
	"testing"
	"time"
)

// TestDrawsWithoutAllocating: once a part was drawn, to draw it again takes no
// memory.
func TestDrawsWithoutAllocating(t *testing.T) {
	for _, g := range glyphSets {
		plot, table := windowOverFlight(g, 190), connections(10_000)
		marks := []Marked{{Column: 3, Letter: "Z"}}
		c := blank(g, 200, 60)
		draw := map[string]func(Area){
			"plot":  func(a Area) { plot.Draw(a); plot.Axis(a, a, marks); plot.Seconds(a, 0, 6*time.Second) },
			"table": table.Draw,
			"gauge": func(a Area) { (&Gauge{Name: "send buffer", Part: 3, Whole: 4, Text: "96 KiB"}).Draw(a) },
			"help":  func(a Area) { Footer(a, []KeyHelp{{"q", "quit"}}); a.Box("keys") },
			"text":  func(a Area) { a.Name("all"); a.PutFit(0, 0, 5, Plain, "a text that is cut") },
		}
		for name, part := range draw {
			if n := testing.AllocsPerRun(10, func() { c.Reset(200, 60); part(c.Area()) }); n > 0 {
				t.Errorf("%s in %s allocates %g times", name, g.Name, n)
			}
		}
	}
}

// BenchmarkParts draws a screenful of 200x60: four plots, and a table of ten
// thousand rows.
func BenchmarkParts(b *testing.B) {
	for _, g := range glyphSets {
		b.Run("plots-"+g.Name, func(b *testing.B) {
			plot := windowOverFlight(g, 190)
			benchmark(b, g, func(a Area) {
				for range 4 {
					plot.Draw(a.Take(15))
				}
			})
		})
	}
	b.Run("table", func(b *testing.B) { benchmark(b, &Block, connections(10_000).Draw) })
}

func benchmark(b *testing.B, g *Glyphs, draw func(Area)) {
	c := blank(g, 200, 60)
	b.ReportAllocs()
	for b.Loop() {
		c.Reset(200, 60)
		draw(c.Area())
	}
}
