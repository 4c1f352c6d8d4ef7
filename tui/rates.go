// How fast the applications write and read, over time.

package tui

import (
	"time"

	"flowlab/scenarios/play"
	"flowlab/tui/parts"
)

// The lines of the rates, and the letters at their ends.
const (
	writesLine, readsLine     = 0, 1
	writesLetter, readsLetter = "w", "r"
)

// drawRates draws, over the whole run's time, what the producer wrote and what the
// consumer read in a second: the mean of each column.
func (s *scene) drawRates(a parts.Area) {
	title, values := a.Take(1), a.Take(a.H-2)
	axis := a.Take(1)
	g := a.Glyphs()
	x := title.Put(title.Put(1, 0, parts.Line(writesLine), g.Stroke()), 0, parts.Plain, " "+writesLetter+" producer writes "+rateText(s.snapshot.Producer.Rate))
	x = max(x+2, 43)
	title.Put(title.Put(x, 0, parts.Line(readsLine), g.Stroke()), 0, parts.Plain, " "+readsLetter+" consumer reads "+rateText(s.snapshot.Consumer.Rate))

	across := s.across(values)
	n := g.Samples(across)
	plot := parts.Plot{Across: across, Cursor: s.cursor(across), Curves: []parts.Curve{
		{Ink: parts.Line(writesLine), Letter: writesLetter, Samples: ratesOf(s.latest.Progress, n, s.latest.End, written)},
		{Ink: parts.Line(readsLine), Letter: readsLetter, Samples: ratesOf(s.latest.Progress, n, s.latest.End, read)},
	}}
	top := rateTop(plot.Curves)
	plot.Top, plot.Label, plot.Half = top, rateText(top), rateText(top/2)
	plot.Draw(values)
	values.Columns(parts.Gutter, across).Name(chartRegion)
	plot.Axis(axis, parts.Area{}, nil)
	plot.Seconds(a, 0, s.latest.End)
}

func written(p play.Progress) int64 { return p.Written }
func read(p play.Progress) int64    { return p.Read }

// ratesOf are the rates of a progress, of which a whole run has so many columns, in n
// samples; fewer if it goes on. One column may take several samples: they are alike then.
func ratesOf(all []play.Progress, n int, end time.Duration, of func(play.Progress) int64) []parts.Sample {
	const whole = play.Columns
	samples := make([]parts.Sample, 0, n)
	for i := range n {
		from, to := i*whole/n, max((i+1)*whole/n, i*whole/n+1)
		if to > len(all) {
			break
		}
		before := int64(0)
		if from > 0 {
			before = of(all[from-1])
		}
		length := end * time.Duration(to-from) / whole
		samples = append(samples, parts.Is(float64(of(all[to-1])-before)/length.Seconds()))
	}
	return samples
}

// rateTop is where the scale of rates ends: 1, 2 or 5 of a power of ten, at or above all
// that lasts longer than a sample, and not below 10 kB/s. A burst that fills a buffer goes
// beyond it: else nothing besides could be read.
func rateTop(curves []parts.Curve) float64 {
	most := 0.0
	for i := range curves {
		samples := curves[i].Samples
		for k := 1; k < len(samples); k++ {
			most = max(most, min(samples[k-1].Most, samples[k].Most))
		}
	}
	for top := 1e4; ; top *= 10 {
		for _, times := range []float64{1, 2, 5} {
			if times*top >= most {
				return times * top
			}
		}
	}
}
