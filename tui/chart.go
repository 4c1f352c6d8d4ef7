package tui

import (
	"strings"

	"flowlab/diagnose"
	"flowlab/diagnose/timeline"
	"flowlab/flow"
	"flowlab/scenarios/play"
	"flowlab/tcpwin"
	"flowlab/tui/parts"
)

// drawChart draws, over the whole run's time: the advertised window as a line
// and the bytes in flight below it, the events that matter to a window, and who
// held the sender. A cursor stands at the instant that is held. A column shows the most that was in flight in its part of
// the time, the largest window, and how far down the window went.
func (s *scene) drawChart(a parts.Area) {
	title, values := a.Take(1), a.Take(a.H-4)
	axis, letters, strip, seconds := a.Take(1), a.Take(1), a.Take(1), a

	s.drawChartTitle(title)
	g := a.Glyphs()
	var columns [2][]timeline.Bucket // of what each side sends
	var samples []timeline.Bucket    // of what the client sends
	across := s.across(values)
	if v := viewOf(s.latest); v != nil {
		history, now := v.Directions[flow.Client].History, instantOf(s.latest)
		for side := range columns {
			columns[side] = columnsOf(v.Directions[side].History, now, across)
		}
		samples = columnsOf(history, now, g.Samples(across))
	}
	plot := windowPlot(samples, int64(s.snapshot.Knobs.Consumer.Window), across)
	plot.Cursor = s.cursor(across)
	plot.Draw(values)
	values.Columns(parts.Gutter, across).Name(chartRegion)
	letters.Columns(0, parts.Gutter-2).PutRight(0, parts.Faint, "events")
	plot.Axis(axis, letters, marksOf(columns))
	drawStrip(strip, columns[flow.Client], across)
	plot.Seconds(seconds, 0, s.latest.End)
}

// across is how many columns a chart's time axis has: no more than a history has parts.
func (s *scene) across(a parts.Area) int {
	return max(0, min(a.W-parts.Gutter, play.Columns/a.Glyphs().Samples(1)))
}

// cursor is the column of the instant that is shown, counted from 1; 0 for the present.
func (s *scene) cursor(across int) int {
	if !s.instant.held {
		return 0
	}
	return 1 + int(int64(across)*int64(s.snapshot.At)/max(1, int64(s.latest.End)))
}

// windowPlot is the advertised window over what is in flight, on a scale that
// reaches to the given window at least.
func windowPlot(samples []timeline.Bucket, window int64, across int) parts.Plot {
	top := scaleTop(samples, window)
	windows, flights := make([]parts.Sample, len(samples)), make([]parts.Sample, len(samples))
	for i := range samples {
		w := &samples[i].Window
		windows[i] = parts.Sample{Least: float64(w.Min), Most: float64(w.Max)}
		flights[i] = parts.Is(float64(samples[i].InFlight.Max))
	}
	return parts.Plot{
		Curves: []parts.Curve{
			{Filled: true, Ink: parts.Flight, Samples: flights},
			{Ink: parts.Window, Over: parts.WindowOnFlight, Samples: windows},
		},
		Top: float64(top), Label: bytesText(top), Half: bytesText(top / 2), Across: across,
	}
}

func (s *scene) drawChartTitle(a parts.Area) { drawWindowTitle(a, s.sender()) }

// drawWindowTitle says what the lines of a chart are, and what they are at the instant
// that is shown; of nobody if there is no direction yet.
func drawWindowTitle(a parts.Area, d *diagnose.DirectionView) {
	const second, third = 20, 43 // columns so far apart that no number moves what follows
	g := a.Glyphs()
	window, inFlight := "", ""
	if d != nil && d.WindowKnown {
		window, inFlight = " "+bytesText(int64(d.Window)), " "+bytesText(int64(d.InFlight))
	}
	a.Put(a.Put(1, 0, parts.Window, g.Stroke()), 0, parts.Plain, " window"+window)
	a.Put(a.Put(second, 0, parts.Flight, g.Full), 0, parts.Plain, " in flight"+inFlight)
	legend := ""
	for _, m := range marked {
		legend += g.Marks[m.mark] + m.letter + " " + m.short + "  "
	}
	if legend = strings.TrimRight(legend, " "); third+parts.Width(legend) <= a.W {
		a.Put(third, 0, parts.Faint, legend)
	}
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
// column has room for one. The sender is called the client here.
var marked = []struct {
	kind   tcpwin.Kind
	from   flow.Side
	mark   parts.Mark
	letter string
	short  string
}{
	{tcpwin.WindowOpened, flow.Server, parts.MarkOpen, "O", "open"},
	{tcpwin.WindowProbe, flow.Client, parts.MarkProbe, "P", "probe"},
	{tcpwin.ZeroWindow, flow.Server, parts.MarkShut, "Z", "zero"},
	{tcpwin.WindowUpdate, flow.Server, parts.MarkSmall, "u", "update"},
}

// marksOf are the events of each column that matter most, of the sender and of the
// receiver.
func marksOf(columns [2][]timeline.Bucket) []parts.Marked {
	var marks []parts.Marked
	for x := range columns[flow.Client] {
		for _, m := range marked {
			if columns[m.from][x].Events[m.kind] > 0 {
				marks = append(marks, parts.Marked{Column: x, Mark: m.mark, Letter: m.letter})
				break
			}
		}
	}
	return marks
}
