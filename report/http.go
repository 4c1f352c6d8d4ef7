package report

import (
	"fmt"
	"strings"

	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/h2flow"
	"flowlab/tlsrec"
)

// becauseHTTP says in words who could have let a sender go that HTTP/2 held.
func becauseHTTP(c flow.Cause, by flow.HeldBy, sender, receiver string) string {
	window := "the stream's window"
	if c == flow.ConnectionWindow {
		window = "the HTTP/2 connection's window"
	}
	switch {
	case c == flow.StreamLimit:
		return fmt.Sprintf("the %s lets no more streams be open", receiver)
	case by == flow.CreditHeld:
		return fmt.Sprintf("streams that the %s does not read have all of the HTTP/2 connection's credit", receiver)
	case by == flow.CreditLeaked:
		return fmt.Sprintf("the %s never gave back the credit of streams that are over", receiver)
	case by == flow.PeerSettings:
		return fmt.Sprintf("the %s's SETTINGS allow no more on the stream", receiver)
	case by == flow.WindowSize:
		return fmt.Sprintf("the %s reads, but %s is too small for this path", receiver, window)
	case by == flow.PeerLibrary:
		return fmt.Sprintf("the %s reads, but its HTTP/2 library does not give the credit back", receiver)
	case by == flow.Reader:
		return fmt.Sprintf("the %s does not read the stream", receiver)
	}
	return window + " had no room"
}

// streamName is a stream's number with its path.
func streamName(s *diagnose.StreamView) string { return pathName(s.ID, s.Path) }

// layerFacts are what there is to know of what is above TCP.
func layerFacts(l *diagnose.Layer) (facts []string) {
	if l.TLS {
		text := "TLS"
		if l.Name != "" {
			text += " to " + l.Name
		}
		facts = append(facts, text)
	}
	if l.HTTP2 != nil {
		facts = append(facts, "HTTP/2")
	}
	return facts
}

// mostStreams is how many streams of a connection the text has.
const mostStreams = 8

// layer tells of what is above TCP: why it is hidden, or the windows of HTTP/2 and the
// streams that were held the longest.
func (p *page) layer(v *diagnose.View, called names) {
	l := &v.Layer
	if l.TLS && l.Opaque {
		p.line("  %s", wrap(hidden(l), 2, 4))
	} else if l.Reason.Reason != tlsrec.None {
		p.line("  %s", wrap("TLS: "+l.Reason.String(), 2, 4))
	}
	h := l.HTTP2
	if h == nil {
		return
	}
	for i := range h.Directions {
		if d := &h.Directions[i]; d.Sent > 0 || v.Directions[i].Limits[flow.ConnectionWindow] > 0 {
			p.line("  %s", wrap(fmt.Sprintf("HTTP/2 %v → %v: connection window %v bytes%s, %s of DATA", called[i], called[1-i], d.Window, lowest(d.Known, d.Lowest), size(d.Sent)), 2, 4))
		}
	}
	told := 0
	for i := range h.Streams {
		s := &h.Streams[i]
		for from := range s.Halves {
			if told < mostStreams && s.Halves[from].Held() > 0 {
				told++
				p.stream(s, flow.Side(from), called)
			}
		}
	}
	if h.Count > 0 {
		p.line("  %s", wrap(counted(int64(h.Count), "stream")+" in all"+letGo(h.Forgotten), 2, 4))
	}
	p.balances(v)
}

// letGo says how many streams were not followed to their end.
func letGo(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", of which %s that did not end were let go of, for want of room", flow.Grouped(n))
}

// hidden says why HTTP/2 cannot be seen, and how it could.
func hidden(l *diagnose.Layer) string {
	text := "TLS hides what is above TCP"
	if l.Reason.Reason != tlsrec.None {
		text += ": " + l.Reason.String()
	}
	return text + ". With the session's keys (--keylog FILE) HTTP/2 windows and streams are read too; docs/tls.md has how to get them from Go, curl, node, Chromium and Java."
}

// lowest says how far down a window was.
func lowest(known bool, bytes int64) string {
	if !known {
		return ""
	}
	return fmt.Sprintf(" (lowest %s)", flow.Grouped(bytes))
}

// stream tells of one direction of a stream.
func (p *page) stream(s *diagnose.StreamView, from flow.Side, called names) {
	h := &s.Halves[from]
	text := fmt.Sprintf("stream %s, %v → %v: %s of DATA, window %v bytes%s", streamName(s), called[from], called[from.Peer()], size(h.Sent), h.Window, lowest(h.Window.Known(), h.Lowest))
	if m := &h.Messages; s.GRPC && !m.Lost {
		text += fmt.Sprintf(", %s", counted(m.Whole, "message"))
		if m.Length > 0 {
			text += fmt.Sprintf(" and %s of %s bytes of the next", flow.Grouped(m.Done), flow.Grouped(m.Length))
		}
	}
	text += ": " + shareList(&h.Limits)
	if s.ResetBy != 0 {
		text += fmt.Sprintf("; reset by the %s (%v)", resetBy(s.ResetBy, called), s.Code)
	}
	p.line("  %s", wrap(text, 2, 4))
}

func resetBy(s h2flow.Sides, called names) string {
	var list []string
	for _, side := range []flow.Side{flow.Client, flow.Server} {
		if s.Has(side) {
			list = append(list, called[side])
		}
	}
	return strings.Join(list, " and the ")
}

func counted(n int64, what string) string {
	if n == 1 {
		return "one " + what
	}
	return flow.Grouped(n) + " " + what + "s"
}
