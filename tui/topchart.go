// What is drawn of a socket's past.

package tui

import (
	"flowlab/flow"
	"flowlab/sockets/looks"
	"flowlab/tui/parts"
)

// span is the least and the most of a value in a column.
type span struct{ least, most int64 }

func (s *span) join(v int64, first bool) {
	if first {
		*s = span{v, v}
	}
	s.least, s.most = min(s.least, v), max(s.most, v)
}

// pastColumn is what was seen of a socket in a part of the time.
type pastColumn struct {
	known                bool
	window, cwnd, flight span
	sends, receives      span
	shares               [flow.NumCauses]int
}

// enter adds a look.
func (c *pastColumn) enter(m *looks.Moment) {
	first := !c.known
	c.known = true
	mss := int64(m.MSS)
	c.window.join(int64(m.SndWnd), first)
	c.cwnd.join(int64(m.CWnd)*mss, first)
	c.flight.join(int64(m.Unacked)*mss, first)
	c.sends.join(m.Acked, first)
	c.receives.join(m.Came, first)
	for i, share := range m.Shares {
		c.shares[i] += int(share)
	}
}

// columns merges the past into n parts of the time that is shown. One look may reach over
// many.
func (v *socketView) columns(n int) []pastColumn {
	columns := make([]pastColumn, n)
	place := func(t flow.Time) int {
		return int(int64(n) * int64(t.Sub(v.shown.Start)) / int64(v.shown.Length()))
	}
	for i := range v.past {
		m := &v.past[i]
		for x, last := max(0, place(m.Start)), max(place(m.Start)+1, place(m.End)); x < min(last, n); x++ {
			columns[x].enter(m)
		}
	}
	return columns
}

// samplesOf is a value of the columns as a curve.
func samplesOf(columns []pastColumn, value func(*pastColumn) span) []parts.Sample {
	samples := make([]parts.Sample, len(columns))
	for i := range columns {
		samples[i] = parts.Gap
		if c := &columns[i]; c.known {
			s := value(c)
			samples[i] = parts.Sample{Least: float64(s.least), Most: float64(s.most)}
		}
	}
	return samples
}

// drawWindows draws the other side's window and the congestion window over what is in
// flight.
func drawWindows(a parts.Area, columns []pastColumn, across, cursor int) {
	g := a.Glyphs()
	title := a.Take(1)
	x := title.Put(title.Put(1, 0, parts.Window, g.Stroke()), 0, parts.Plain, " their window")
	x = title.Put(title.Put(x+2, 0, parts.Line(0), g.Stroke()), 0, parts.Plain, " c congestion window")
	title.Put(title.Put(x+2, 0, parts.Flight, g.Full), 0, parts.Plain, " in flight")
	most := int64(1)
	for i := range columns {
		// A congestion window far above the other limits nothing, and would hide it.
		c := &columns[i]
		most = max(most, c.window.most, c.flight.most, min(c.cwnd.most, 2*c.window.most))
	}
	top := scaleTop(nil, most)
	plot := parts.Plot{
		Curves: []parts.Curve{
			{Filled: true, Ink: parts.Flight, Samples: samplesOf(columns, func(c *pastColumn) span { return c.flight })},
			{Ink: parts.Line(0), Letter: "c", Samples: samplesOf(columns, func(c *pastColumn) span { return c.cwnd })},
			{Ink: parts.Window, Over: parts.WindowOnFlight, Samples: samplesOf(columns, func(c *pastColumn) span { return c.window })},
		},
		Top: float64(top), Label: bytesText(top), Half: bytesText(top / 2), Across: across, Cursor: cursor,
	}
	plot.Draw(a)
}

// drawSocketRates draws what is sent and what comes.
func drawSocketRates(a parts.Area, columns []pastColumn, across, cursor int) {
	g := a.Glyphs()
	title := a.Take(1)
	x := title.Put(title.Put(1, 0, parts.Line(1), g.Stroke()), 0, parts.Plain, " s sends")
	title.Put(title.Put(x+2, 0, parts.Line(2), g.Stroke()), 0, parts.Plain, " r receives")
	plot := parts.Plot{
		Curves: []parts.Curve{
			{Ink: parts.Line(1), Letter: "s", Samples: samplesOf(columns, func(c *pastColumn) span { return c.sends })},
			{Ink: parts.Line(2), Letter: "r", Samples: samplesOf(columns, func(c *pastColumn) span { return c.receives })},
		},
		Across: across, Cursor: cursor,
	}
	plot.Top = rateTop(plot.Curves)
	plot.Label, plot.Half = rateText(plot.Top), rateText(plot.Top/2)
	plot.Draw(a)
}
