// The streams of a connection: their table, and one of them alone.

package tui

import (
	"fmt"
	"strconv"
	"strings"

	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/h2flow"
	"flowlab/tui/parts"
)

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

// selected is the stream that is selected, nil if it is not there at this instant.
func (o *connection) selected() *diagnose.StreamView {
	if o.streams.Rows > 0 {
		if s := &o.view.Layer.HTTP2.Streams[o.streams.Chosen]; s.ID == o.chosen {
			return s
		}
	}
	return nil
}

// drawStream draws the selected stream alone.
func (o *connection) drawStream(a parts.Area) {
	s := o.selected()
	if s == nil {
		a.PutLines(parts.Plain, fmt.Sprintf("stream %d is not there at this instant", o.chosen))
		return
	}
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
	a.Take(1).Put(1, 0, parts.Strong, endsText(a.Glyphs(), from.String(), from.Peer().String()))
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
