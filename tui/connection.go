// One connection: who holds either sender, its chart, its streams and what is found.

package tui

import (
	"fmt"
	"strconv"
	"strings"

	"flowlab/diagnose"
	"flowlab/diagnose/board"
	"flowlab/diagnose/timeline"
	"flowlab/flow"
	"flowlab/h2flow"
	"flowlab/tui/parts"
)

// connection is the screen of one connection, and what keys chose on it.
type connection struct {
	name    string         // its number and its ends
	view    *diagnose.View // nil where there is none of the instant
	clock   *clock
	shown   bool      // there was a view
	from    flow.Side // whose sending the chart is about
	streams parts.Table
	stream  bool // the selected stream is shown alone
}

// streamColumns are the columns of the streams' table.
var streamColumns = []struct {
	column parts.Column
	value  func(s *diagnose.StreamView) parts.Value
}{
	{parts.Column{Title: "stream", Width: 6, Right: true}, func(s *diagnose.StreamView) parts.Value {
		return parts.Value{Text: strconv.Itoa(int(s.ID))}
	}},
	{parts.Column{Title: "path", Width: 16, Grows: true}, func(s *diagnose.StreamView) parts.Value {
		return parts.Value{Text: s.Path}
	}},
	{parts.Column{Title: "held by", Width: 17}, func(s *diagnose.StreamView) parts.Value {
		h := &s.Halves[worseHalf(s)]
		switch {
		case h.Wants && h.Now.Cause != flow.Application && h.Now.For > 0:
			return parts.Value{Text: h.Now.Cause.String(), Ink: inkOf(h.Now.Cause)}
		case s.Over != 0:
			return parts.Value{Text: "over", Ink: parts.Faint}
		}
		return parts.Value{Text: "nobody", Ink: parts.Faint}
	}},
	{parts.Column{Title: "held", Width: 8, Right: true}, func(s *diagnose.StreamView) parts.Value {
		return parts.Value{Text: secondsText(s.Halves[worseHalf(s)].Held(), 1)}
	}},
	{parts.Column{Title: "window used", Width: 18}, func(s *diagnose.StreamView) parts.Value {
		h := &s.Halves[worseHalf(s)]
		return parts.Value{Part: h.Unreturned, Whole: max(1, h.Unreturned+max(0, h.Window.Low)), Ink: parts.Flight, Text: windowLeft(h.Window)}
	}},
	{parts.Column{Title: "sent", Width: 9, Right: true}, func(s *diagnose.StreamView) parts.Value {
		return parts.Value{Text: bytesText(s.Halves[worseHalf(s)].Sent)}
	}},
	{parts.Column{Title: "from", Width: 6}, func(s *diagnose.StreamView) parts.Value {
		return parts.Value{Text: worseHalf(s).String()}
	}},
}

// windowLeft says how much of a window is left.
func windowLeft(w h2flow.Window) string {
	switch {
	case w.Shut():
		return "SHUT"
	case w.Low == w.High:
		return bytesText(w.Low)
	case w.Low > 0:
		return "at least " + bytesText(w.Low)
	}
	return "unknown"
}

// worseHalf is the side whose sending on a stream was held longer, or which sent more.
func worseHalf(s *diagnose.StreamView) flow.Side {
	a, b := &s.Halves[flow.Client], &s.Halves[flow.Server]
	if b.Held() > a.Held() || b.Held() == a.Held() && b.Sent > a.Sent {
		return flow.Server
	}
	return flow.Client
}

func newConnection(c *clock, r *board.Row) *connection {
	o := &connection{clock: c, name: fmt.Sprintf("connection %d  %v  %v", r.Number, r.ID, r.Protocol)}
	for _, column := range streamColumns {
		o.streams.Columns = append(o.streams.Columns, column.column)
	}
	o.streams.Value = func(row, column int) parts.Value {
		return streamColumns[column].value(&o.view.Layer.HTTP2.Streams[row])
	}
	return o
}

// show takes the view of an instant. At first the chart is about the side that is held.
func (o *connection) show(v *diagnose.View) {
	if !o.shown && v != nil {
		o.from, o.shown = worseSide(v), true
	}
	o.view = v
	o.streams.Rows = 0
	if v != nil && v.Layer.HTTP2 != nil {
		o.streams.Rows = len(v.Layer.HTTP2.Streams)
	}
	o.streams.Choose(o.streams.Chosen)
}

// worseSide is the side that stalls held longer, or which sent more.
func worseSide(v *diagnose.View) flow.Side {
	var stalled [2]int64
	for side := range stalled {
		for _, s := range v.Directions[side].Stalls {
			stalled[side] += int64(s.Length())
		}
	}
	a, b := &v.Directions[flow.Client], &v.Directions[flow.Server]
	if stalled[1] > stalled[0] || stalled[1] == stalled[0] && b.Bytes > a.Bytes {
		return flow.Server
	}
	return flow.Client
}

const (
	streamRegion = "streams" // where a click selects a stream
	mostStreams  = 12        // rows of the table
)

// draw draws all there is of the connection, or of the stream that is shown alone.
func (o *connection) draw(a parts.Area) {
	if o.view == nil {
		a.PutLines(parts.Plain, "nothing is known of this connection at this instant")
		return
	}
	if o.stream && o.streams.Rows > 0 {
		o.drawStream(a)
		return
	}
	o.drawSides(a.Take(4))
	chart := min(max(9, a.H/2), 24)
	o.drawChart(a.Take(chart))
	if o.streams.Rows > 0 {
		table := a.Take(min(o.streams.Rows, mostStreams, max(2, a.H/2)) + 1)
		table.Name(streamRegion)
		o.streams.Draw(table)
	}
	o.drawFindings(a)
}

// drawSides says who holds either sender, and who must act.
func (o *connection) drawSides(a parts.Area) {
	for _, from := range []flow.Side{flow.Client, flow.Server} {
		line := a.Take(1)
		d := &o.view.Directions[from]
		mark := " "
		if from == o.from {
			mark = a.Glyphs().Chosen
		}
		sent := mark + fmt.Sprintf("%-6v sent %-9s ", from, bytesText(d.Bytes))
		x := line.Put(0, 0, parts.Faint, sent)
		sideSentence(o.view, from).draw(line.Columns(x-1, line.W))
	}
	d := &o.view.Directions[o.from]
	if d.Now.Cause != flow.Application {
		a.PutLines(parts.Strong, o.view.MustAct(&diagnose.Stall{Cause: d.Now.Cause, HeldBy: d.Now.HeldBy}, o.from))
	}
}

// drawChart draws window, flight and holders of what the chosen side sends.
func (o *connection) drawChart(a parts.Area) {
	title, values := a.Take(1), a.Take(a.H-4)
	axis, letters, strip, seconds := a.Take(1), a.Take(1), a.Take(1), a
	d, other := &o.view.Directions[o.from], &o.view.Directions[o.from.Peer()]
	drawWindowTitle(title, d)
	if len(d.History) == 0 {
		return
	}
	g := a.Glyphs()
	from, to := d.History[0].Interval.Start, d.History[len(d.History)-1].Interval.End
	across := max(0, min(values.W-parts.Gutter, len(d.History)/g.Samples(1)))
	known := to
	columns := [2][]timeline.Bucket{columnsOf(d.History, known, across), columnsOf(other.History, known, across)}
	plot := windowPlot(columnsOf(d.History, known, g.Samples(across)), int64(d.Window), across)
	if o.clock.instant.held && to > from {
		plot.Cursor = 1 + int(int64(across)*int64(o.clock.origin.Add(o.clock.instant.at).Sub(from))/int64(to.Sub(from)))
	}
	plot.Draw(values)
	values.Columns(parts.Gutter, across).Name(chartRegion)
	letters.Columns(0, parts.Gutter-2).PutRight(0, parts.Faint, "events")
	plot.Axis(axis, letters, marksOf(columns))
	drawStrip(strip, columns[0], across)
	plot.Seconds(seconds, o.clock.since(from), o.clock.since(to))
}

// drawFindings says what a person can act on.
func (o *connection) drawFindings(a parts.Area) {
	for _, f := range diagnose.Findings(o.view) {
		lines := parts.Wrap(string(f.Severity)+": "+f.Text, a.W-2)
		for _, line := range lines {
			row := a.Take(1)
			row.Put(1, 0, parts.Plain, line)
		}
	}
}

// drawStream draws the selected stream alone.
func (o *connection) drawStream(a parts.Area) {
	s := &o.view.Layer.HTTP2.Streams[o.streams.Chosen]
	state := "open"
	if s.Over != 0 {
		state = "over after " + secondsText(s.Over.Sub(s.Opened), 3)
	}
	if s.Closed && s.Code != 0 {
		state += ", reset: " + s.Code.String()
	}
	title := fmt.Sprintf("stream %d  %s", s.ID, s.Path)
	a.Take(1).Put(1, 0, parts.Title, a.Fit(title, a.W-2))
	a.Take(1).Put(1, 0, parts.Faint, fmt.Sprintf("opened by the %v at %s, %s", s.Opener, secondsText(o.clock.since(s.Opened), 3), state))
	for _, from := range []flow.Side{flow.Client, flow.Server} {
		a.Take(1)
		o.drawHalf(&a, s, from)
	}
}

// drawHalf draws the account of what one side sends on a stream.
func (o *connection) drawHalf(a *parts.Area, s *diagnose.StreamView, from flow.Side) {
	h := &s.Halves[from]
	conn := &o.view.Layer.HTTP2.Directions[from]
	d := &o.view.Directions[from]
	a.Take(1).Put(1, 0, parts.Strong, fmt.Sprintf("%v → %v", from, from.Peer()))
	gauges := a.Take(3)
	w := max(14, min(30, gauges.W/4))
	for i, g := range []parts.Gauge{
		{Name: "stream window", Part: h.Unreturned, Whole: max(1, h.Unreturned+max(0, h.Window.Low)), Text: windowLeft(h.Window)},
		{Name: "connection", Part: conn.Unreturned, Whole: max(1, conn.Unreturned+max(0, conn.Window.Low)), Text: windowLeft(conn.Window)},
		{Name: "TCP in flight", Part: int64(d.InFlight), Whole: max(1, int64(d.InFlight)+int64(d.Window)), Text: tcpLeft(d)},
	} {
		g.Ink = parts.Flight
		if g.Text == "SHUT" {
			g.TextInk = parts.Alarm
		}
		g.Draw(gauges.Columns(1+i*(w+2), w))
	}
	a.Take(1).Put(1, 0, parts.Plain, a.Fit(halfText(h), a.W-2))
	if h.Wants && h.Now.For > 0 {
		heldSentence(from, h.Now.Cause, h.Now.HeldBy, h.Now.For, false).draw(a.Take(1))
	}
}

// tcpLeft says how much of TCP's window is left.
func tcpLeft(d *diagnose.DirectionView) string {
	switch {
	case !d.WindowKnown:
		return "unknown"
	case d.Window == 0:
		return "SHUT"
	}
	return bytesText(int64(d.Window))
}

// halfText says what was sent of a stream, and how long windows held it.
func halfText(h *diagnose.HalfView) string {
	text := fmt.Sprintf("sent %s, not given back %s, updates %d", bytesText(h.Sent), bytesText(h.Unreturned), h.Updates)
	var held []string
	for _, c := range []flow.Cause{flow.StreamWindow, flow.ConnectionWindow, flow.StreamLimit, flow.ReceiveWindow} {
		if h.Limits[c] > 0 {
			held = append(held, c.String()+" "+secondsText(h.Limits[c], 1))
		}
	}
	if len(held) > 0 {
		text += "; held by " + strings.Join(held, ", ")
	}
	if h.Finished {
		text += "; ended"
	}
	return text
}

// press does what a key is for on the screen of a connection.
func (o *connection) press(key string) bool {
	switch key {
	case "d":
		o.from = o.from.Peer()
	case "enter":
		o.stream = !o.stream && o.streams.Rows > 0
	default:
		return o.streams.Press(key)
	}
	return true
}
