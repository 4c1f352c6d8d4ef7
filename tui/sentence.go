// Who holds a sender, in words, where its ends are client and server.

package tui

import (
	"time"

	"flowlab/diagnose"
	"flowlab/diagnose/board"
	"flowlab/flow"
	"flowlab/tui/parts"
)

// endsText names two ends, and an arrow from one to the other.
func endsText(g *parts.Glyphs, from, to string) string { return from + " " + g.Increase + " " + to }

// connText names a connection by its ends.
func connText(g *parts.Glyphs, id flow.Conn) string {
	return endsText(g, id.Client.String(), id.Server.String())
}

// heldSentence says who holds a sender, for how long, and why.
func heldSentence(from flow.Side, c flow.Cause, by flow.HeldBy, length time.Duration, shut bool) verdict {
	sender, receiver := from.String(), from.Peer().String()
	lead := "the " + sender + " is held by "
	v := verdict{lead: lead, cause: capitals(c), ink: inkOf(c), rest: " for " + secondsText(length, 1) + ": "}
	switch c {
	case flow.Application:
		return verdict{lead: "nobody holds the " + sender + ": it has nothing to send"}
	case flow.ConnectionWindow, flow.StreamWindow, flow.StreamLimit:
		v.rest += whyHTTP2(c, by, sender, receiver)
	default:
		v.rest += why(c, by, shut, receiver)
	}
	return v
}

// draw writes a verdict on an area's rows, with the cause in its ink.
func (v verdict) draw(a parts.Area) {
	a.PutLines(parts.Plain, v.text())
	a.Put(1+parts.Width(v.lead), 0, v.ink, v.cause)
}

// rowSentence is about a row's worse direction.
func rowSentence(r *board.Row, at flow.Time) verdict {
	from := r.Worse()
	s := &r.Sides[from]
	if s.Since == 0 {
		return verdict{lead: "nobody holds the " + from.String() + ": the connection is " + r.State.String()}
	}
	return heldSentence(from, s.Cause, s.HeldBy, s.For(at), false)
}

// sideSentence is about one direction of a connection, on a line that names its sender.
func sideSentence(v *diagnose.View, from flow.Side) verdict {
	d := &v.Directions[from]
	if d.Now.Cause == flow.Application {
		return verdict{lead: "nobody holds it: it has nothing to send"}
	}
	s := heldSentence(from, d.Now.Cause, d.Now.HeldBy, d.Now.For, d.WindowKnown && d.Window == 0)
	s.lead = "held by "
	return s
}
