package diagnose

import (
	"fmt"

	"flowlab/h2flow"
)

// streamLimit tells of a limit of streams that is reached, and of what waited for it.
func streamLimit(h *HTTPView) Finding {
	l, d := &h.Limit, &h.Directions[0]
	full := d.Limit.Known() && d.Limit.Low < h2flow.NoLimit && d.Open > 0 && int64(d.Open) >= d.Limit.Low
	const todo = "End streams, raise the limit, or open another connection."
	switch {
	case l.Waited >= MinStall:
		return Finding{
			Rule: "stream-limit-reached", Severity: Warning, Frames: l.Frames,
			Text: fmt.Sprintf("requests of the client waited %s for a free stream: as many were open as the server allows (SETTINGS_MAX_CONCURRENT_STREAMS), and %d of %d times that one ended HEADERS followed at once. %s",
				seconds(l.Waited), l.Followed, l.Freed, todo),
		}
	case full:
		text := fmt.Sprintf("the client has %d streams open, as many as the server allows (SETTINGS_MAX_CONCURRENT_STREAMS): a further request would wait at the client, and is not to be seen.", d.Open)
		if l.Freed > 0 {
			text += fmt.Sprintf(" %d of %d times that one ended HEADERS followed at once.", l.Followed, l.Freed)
		}
		return Finding{Rule: "stream-limit-reached", Severity: Notice, Text: text + " " + todo}
	}
	return Finding{}
}

// limitLowered tells of a limit that was set below the streams that were open.
func limitLowered(h *HTTPView) Finding {
	l := &h.Limit
	if l.Lowered < 0 {
		return Finding{}
	}
	return Finding{
		Rule: "stream-limit-lowered", Severity: Warning, Frames: []int{l.Frame},
		Text: fmt.Sprintf("the server lowered SETTINGS_MAX_CONCURRENT_STREAMS to %d while %d more streams were open: that is legal (RFC 9113 5.1.2), and the client can open none until so many and one have ended. A server that wants to end the connection should send GOAWAY.",
			l.Lowered, l.Above),
	}
}
