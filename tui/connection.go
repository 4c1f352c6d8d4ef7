// One connection: who holds either sender, its chart and what is found.

package tui

import (
	"fmt"
	"slices"

	"flowlab/diagnose"
	"flowlab/diagnose/board"
	"flowlab/diagnose/timeline"
	"flowlab/flow"
	"flowlab/tui/parts"
)

// connection is the screen of one connection, and what keys chose on it.
type connection struct {
	row     board.Row      // as the table had it
	view    *diagnose.View // nil where there is none of the instant
	clock   *clock
	shown   bool      // there was a view
	from    flow.Side // whose sending the chart is about
	streams parts.Table
	chosen  uint32 // the stream that is selected, wherever it is in the table; 0 for none
	stream  bool   // it is shown alone
}

func newConnection(c *clock, r *board.Row) *connection {
	o := &connection{clock: c, row: *r}
	for _, column := range streamColumns {
		o.streams.Columns = append(o.streams.Columns, column.column)
	}
	o.streams.Value = func(row, column int) parts.Value {
		return streamColumns[column].value(&o.view.Layer.HTTP2.Streams[row])
	}
	return o
}

// name is its number, and its ends if they are known.
func (o *connection) name(g *parts.Glyphs) string {
	if o.row.ID == (flow.Conn{}) {
		return fmt.Sprintf("connection %d", o.row.Number)
	}
	return fmt.Sprintf("connection %d  %s  %v", o.row.Number, connText(g, o.row.ID), o.row.Protocol)
}

// find takes the row of a snapshot, if the connection is there.
func (o *connection) find(s *board.Snapshot) {
	at, ok := slices.BinarySearchFunc(s.Rows, o.row.Number, func(r board.Row, n int) int { return r.Number - n })
	if ok {
		o.row = s.Rows[at]
	}
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
	for i := range o.streams.Rows {
		if v.Layer.HTTP2.Streams[i].ID == o.chosen {
			o.streams.Choose(i)
			return
		}
	}
	o.streams.Choose(o.streams.Chosen)
	if o.chosen == 0 {
		o.choose(0)
	}
}

// choose selects a stream by its row.
func (o *connection) choose(row int) {
	o.streams.Choose(row)
	if o.streams.Rows > 0 {
		o.chosen = o.view.Layer.HTTP2.Streams[o.streams.Chosen].ID
	}
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
	if o.stream {
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

// press does what a key is for on the screen of a connection.
func (o *connection) press(key string) bool {
	switch key {
	case "d":
		o.from = o.from.Peer()
	case "enter":
		o.stream = !o.stream && o.streams.Rows > 0
	default:
		if !o.streams.Press(key) {
			return false
		}
		o.choose(o.streams.Chosen)
	}
	return true
}
