package diagnose

import (
	"fmt"
	"slices"
	"strings"

	"flowlab/flow"
	"flowlab/h2flow"
)

// Away is what a side's GOAWAY said (RFC 9113 6.8): the latest one, which may let fewer
// streams through than those before.
type Away struct {
	Frame int // the packet; 0 if there was none
	Last  uint32
	Code  h2flow.Code
	Above int      // streams of the other side above the last one that were open, or were opened later
	Named []uint32 // the first of them
}

// Refused are streams that the server refused unread.
type Refused struct {
	Early int // of these, those that were opened before the client had acknowledged SETTINGS
	Frame int // the first packet that did so
}

// goneAway enters a GOAWAY.
func (x *http) goneAway(c *Connection, e *h2flow.Event, frame int) {
	a := &x.away[e.From]
	*a = Away{Frame: frame, Last: e.Frame.Last, Code: e.Frame.Code}
	var open []uint32
	for s := range c.application.h2.Ledger.Streams {
		if s.Opener != e.From && s.ID > a.Last && !s.Closed {
			open = append(open, s.ID)
		}
	}
	slices.Sort(open)
	for _, id := range open {
		a.leaves(id)
	}
}

// tooLate enters that a stream was opened, perhaps after GOAWAY.
func (x *http) tooLate(e *h2flow.Event) {
	if a := &x.away[e.From.Peer()]; a.Frame != 0 && e.Stream > a.Last {
		a.leaves(e.Stream)
	}
}

// leaves notes a stream that will not be answered.
func (a *Away) leaves(id uint32) {
	a.Above++
	if len(a.Named) < mostHolders {
		a.Named = append(a.Named, id)
	}
}

// refuses enters a RST_STREAM.
func (x *http) refuses(e *h2flow.Event, frame int) {
	own := x.streams[e.Stream]
	if e.From != flow.Server || e.Frame.Code != h2flow.RefusedStream || own == nil || !own.early {
		return
	}
	if x.refused.Early++; x.refused.Frame == 0 {
		x.refused.Frame = frame
	}
}

// goneAway tells of streams that a GOAWAY leaves unanswered, and of the error that it
// told.
func goneAway(v *View, from flow.Side) Finding {
	h := v.Layer.HTTP2
	a := &h.Away[from.Peer()]
	switch {
	case a.Frame == 0:
		return Finding{}
	case a.Code != h2flow.NoError:
		return Finding{
			Rule: "goaway-error", Severity: Warning, Frames: []int{a.Frame},
			Text: fmt.Sprintf("the %v ended the connection with GOAWAY, %v: it found that the %v had broken a rule, or it broke down itself. Streams up to %d may have been processed.", from.Peer(), a.Code, from, a.Last),
		}
	case a.Above == 0:
		return Finding{}
	}
	names := make([]string, len(a.Named))
	for i, id := range a.Named {
		names[i] = fmt.Sprintf("stream %d", id)
		for n := range h.Streams {
			if h.Streams[n].ID == id {
				names[i] = named(&h.Streams[n])
			}
		}
	}
	if a.Above > len(names) {
		names = append(names, fmt.Sprintf("%d more", a.Above-len(names)))
	}
	return Finding{
		Rule: "goaway-unanswered", Severity: Warning, Frames: []int{a.Frame},
		Text: fmt.Sprintf("the %v said GOAWAY after stream %d: it does not answer those above, %s. It has not processed them, so the %v can safely ask again on another connection (RFC 9113 6.8).", from.Peer(), a.Last, strings.Join(names, ", "), from),
	}
}

// refused tells of streams that were refused because they were opened too early.
func refused(h *HTTPView) Finding {
	if h.Refused.Early == 0 {
		return Finding{}
	}
	return Finding{
		Rule: "refused-before-settings", Severity: Warning, Frames: []int{h.Refused.Frame},
		Text: fmt.Sprintf("the server refused %d streams that the client had opened before it knew the server's SETTINGS, which allow %v (SETTINGS_MAX_CONCURRENT_STREAMS). They were not processed, and can safely be sent again (RFC 9113 8.7); a client that waits for SETTINGS before a burst is not refused.",
			h.Refused.Early, h.Directions[flow.Client].Limit),
	}
}
