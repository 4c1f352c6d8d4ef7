package tui

import (
	"math"
	"strconv"
	"strings"
	"time"

	"flowlab/diagnose/timeline"
	"flowlab/flow"
	"flowlab/tcpwin"
)

// gutter is the width of what stands left of the time axis.
const gutter = 10

// drawChart draws, over the whole run's time: the advertised window as a line
// and the bytes in flight below it, the events that matter to a window, and who
// held the sender. A column shows the most that was in flight in its part of
// the time, the largest window, and how far down the window went.
func (s *scene) drawChart(a area) {
	title, plot := a.take(1), a.take(a.h-4)
	axis, marks, strip, labels := a.take(1), a.take(1), a.take(1), a

	s.drawChartTitle(title)
	var columns [2][]timeline.Bucket // of what each side sends
	across := plot.w - gutter
	if v := s.view(); v != nil {
		across = min(across, len(v.Directions[flow.Client].History))
		for side := range columns {
			columns[side] = columnsOf(v.Directions[side].History, s.now(), across)
		}
	}
	sent := columns[flow.Client]
	drawPlot(plot, sent, int64(s.snapshot.Knobs.Consumer.Window))
	drawMarks(axis, marks, columns, across)
	drawStrip(strip, sent, across)
	drawSeconds(labels, s.scenario.End, across)
}

func (s *scene) drawChartTitle(a area) {
	const second, third = 20, 43 // columns so far apart that no number moves what follows
	g := a.f.glyphs
	window, inFlight := "", ""
	if d := s.sender(); d != nil && d.WindowKnown {
		window, inFlight = " "+bytesText(int64(d.Window)), " "+bytesText(int64(d.InFlight))
	}
	a.put(a.put(1, 0, windowInk, g.line[1]), 0, plain, " window"+window)
	a.put(a.put(second, 0, flightInk, g.full), 0, plain, " in flight"+inFlight)
	legend := ""
	for _, m := range marked {
		legend += g.marks[m.kind] + m.letter + " " + m.short + "  "
	}
	if legend = strings.TrimRight(legend, " "); third+width(legend) <= a.w {
		a.put(third, 0, faint, legend)
	}
}

// drawPlot draws window and flight, and the scale on the left, which reaches to
// the given window at least.
func drawPlot(a area, columns []timeline.Bucket, window int64) {
	top := scaleTop(columns, window)
	labels := a.columns(0, gutter-2)
	labels.putRight(0, faint, bytesText(top))
	if a.h%2 == 0 && a.h >= 4 {
		labels.putRight(a.h/2, faint, bytesText(top/2))
	}
	for y := range a.h {
		a.put(gutter-1, y, faint, a.f.glyphs.side)
	}
	plot := a.columns(gutter, a.w-gutter)
	for x := range columns {
		drawColumn(plot, x, &columns[x], top)
	}
}

// drawColumn draws one column. A row has eight steps for the flight and three
// for the window.
func drawColumn(a area, x int, c *timeline.Bucket, top int64) {
	g := a.f.glyphs
	part := func(v, steps int) int { return int(math.Round(float64(v) * float64(steps) / float64(top))) }

	least, most := part(c.Window.Min, 3*a.h-1), part(c.Window.Max, 3*a.h-1)
	for row := least / 3; row < most/3; row++ {
		a.put(x, a.h-1-row, windowInk, g.rise)
	}

	flight := part(c.InFlight.Max, 8*a.h)
	if c.InFlight.Max > 0 {
		flight = max(1, flight)
	}
	for row := 0; 8*row < flight; row++ {
		a.put(x, a.h-1-row, flightInk, g.eighths[min(8, flight-8*row)])
	}

	k := windowInk
	if flight >= 8*(most/3)+4 {
		k = windowOnFlight
	}
	a.put(x, a.h-1-most/3, k, g.line[most%3])
}

// scaleTop is where a chart's scale ends: a power of two or half more, at or
// above all that it shows.
func scaleTop(columns []timeline.Bucket, most int64) int64 {
	for i := range columns {
		most = max(most, int64(columns[i].Window.Max), int64(columns[i].InFlight.Max))
	}
	for top := int64(1 << 10); ; top *= 2 {
		if top >= most {
			return top
		}
		if top+top/2 >= most {
			return top + top/2
		}
	}
}

// marked are the events that are marked, those first that matter more: a
// column has room for one.
var marked = []struct {
	kind   tcpwin.Kind
	from   flow.Side
	letter string
	short  string
}{
	{tcpwin.WindowOpened, flow.Server, "O", "open"},
	{tcpwin.WindowProbe, flow.Client, "P", "probe"},
	{tcpwin.ZeroWindow, flow.Server, "Z", "zero"},
	{tcpwin.WindowUpdate, flow.Server, "u", "update"},
}

// drawMarks draws the axis with a glyph where there was an event, and the
// event's letter below it.
func drawMarks(axis, letters area, columns [2][]timeline.Bucket, across int) {
	g := axis.f.glyphs
	letters.columns(0, gutter-2).putRight(0, faint, "events")
	axis.columns(0, gutter-2).putRight(0, faint, "0")
	axis.put(gutter-1, 0, faint, g.end)
	for x := range across {
		axis.put(gutter+x, 0, faint, g.axis)
	}
	for x := range columns[flow.Client] {
		for _, m := range marked {
			if columns[m.from][x].Events[m.kind] > 0 {
				axis.put(gutter+x, 0, strong, g.marks[m.kind])
				letters.put(gutter+x, 0, strong, m.letter)
				break
			}
		}
	}
}

// drawSeconds draws the time below the axis.
func drawSeconds(a area, end time.Duration, across int) {
	a.columns(0, gutter-2).putRight(0, faint, "seconds")
	if end <= 0 || across <= 0 {
		return
	}
	step := secondsStep(end, across)
	for t := time.Duration(0); t <= end; t += step {
		text := strconv.FormatFloat(t.Seconds(), 'g', 6, 64)
		a.putCentered(gutter+int(float64(across)*t.Seconds()/end.Seconds()), 0, faint, text)
	}
}

// secondsStep is the time between two labels: 1, 2 or 5 of some power of ten,
// or so many minutes, and at least eight columns.
func secondsStep(end time.Duration, across int) time.Duration {
	for step := time.Millisecond; ; step *= 10 {
		for _, times := range []time.Duration{1, 2, 5} {
			if float64(times*step)/float64(end)*float64(across) >= 8 {
				return times * step
			}
		}
	}
}
