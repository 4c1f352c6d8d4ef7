package diagnose

import (
	"fmt"
	"time"

	"flowlab/flow"
)

// unused tells of a stream that has credit and is not sent on, though there is more to
// send.
func unused(v *View, s *StreamView, from flow.Side) Finding {
	h, d := &s.Halves[from], &v.Layer.HTTP2.Directions[from]
	rest := h.rest()
	switch {
	case !h.Wants || deafHalf(h, d) || !h.Window.Open() || !d.Window.Open() || h.Quiet < time.Second:
		return Finding{}
	case h.Others > 0:
		return starved(s, from, rest)
	case h.Now.For > 0 && h.Now.Cause != flow.Application:
		return Finding{} // what holds the connection holds it too
	case h.Unused >= time.Second || h.Asleep:
	case rest == "":
		return Finding{}
	default:
		return Finding{
			Rule: "credit-not-used", Severity: Notice,
			Text: fmt.Sprintf("%s %s, and the %v has sent nothing on it for %s, though it has credit for %v bytes of the stream and %v of the connection: no window holds it. Its application has not written the rest, or its library does not send it; one that has given the connection's credit to requests which wait for a free stream does not.",
				named(s), rest, from, seconds(h.Quiet), h.Window, d.Window),
		}
	}
	given := max(h.Unused, min(h.Quiet, v.End.Sub(s.Opened)))
	text := fmt.Sprintf("%s was out of credit, was given %v bytes %s ago, and the %v has sent nothing since: no window holds it.", named(s), h.Window, seconds(given), from)
	if !h.Asleep {
		return Finding{
			Rule: "credit-not-used", Severity: Notice,
			Text: text + " Its application has nothing more to send, or its library missed the update.",
		}
	}
	if rest = "it " + rest; rest == "it " {
		rest = "its last DATA frame was cut where the window ended"
	}
	return Finding{
		Rule: "credit-not-used", Severity: Warning,
		Text: text + " It had more to send, for " + rest + ": its library missed the update.",
	}
}

// starved tells of a stream that has more to send and credit, while others are sent on.
func starved(s *StreamView, from flow.Side, rest string) Finding {
	h := &s.Halves[from]
	if rest == "" && !h.Asleep {
		return Finding{}
	}
	if rest == "" {
		rest = "had more to send"
	}
	return Finding{
		Rule: "stream-starved", Severity: Warning,
		Text: fmt.Sprintf("%s %s, and the %v has sent nothing on it for %s, though it has credit for %v bytes, and sent %s bytes of other streams meanwhile: no window holds it. Its application has not written the rest, or its library prefers the other streams.",
			named(s), rest, from, seconds(h.Quiet), h.Window, flow.Grouped(h.Others)),
	}
}

// rest says what is known to be still to come, if anything is.
func (h *HalfView) rest() string {
	m := &h.Messages
	switch content := h.Sent - h.Padding; {
	case m.Length > 0 && !m.Lost:
		return fmt.Sprintf("stands %s bytes into message %d, of %s", flow.Grouped(m.Done), m.Whole+1, flow.Grouped(m.Length))
	case content < h.Promised:
		return fmt.Sprintf("stands at %s bytes of the %s of its content-length", flow.Grouped(content), flow.Grouped(h.Promised))
	}
	return ""
}

// deafHalf is deaf for what is left of a stream. Where the connection's window ended at
// the same byte it was that one that stopped the sender.
func deafHalf(h *HalfView, d *HTTPDirection) bool {
	return h.Wants && d.Shut != standard && h.Sent-h.Credited == standard && d.Initial.Low > standard
}

// deafness tells of a sender that stops where the default window would end.
func deafness(v *View, s *StreamView, from flow.Side) Finding {
	h, d := &s.Halves[from], &v.Layer.HTTP2.Directions[from]
	if !deafHalf(h, d) || !h.Window.Open() || !d.Window.Open() {
		return Finding{}
	}
	return Finding{
		Rule: "settings-ignored", Severity: Warning,
		Text: fmt.Sprintf("the %v stopped on %s after exactly %s bytes, where the default window ends, though the %v's SETTINGS allow %v: its library does not obey SETTINGS_INITIAL_WINDOW_SIZE.",
			from, named(s), flow.Grouped(standard), from.Peer(), d.Initial),
	}
}
