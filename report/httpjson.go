package report

import (
	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/h2flow"
)

// mostStreamsJSON is how many streams of a connection the JSON has: those that were
// held the longest.
const mostStreamsJSON = 1000

// window is bounds of a window; a bound that is not known is null.
type window struct {
	AtLeast *int64 `json:"at_least"`
	AtMost  *int64 `json:"at_most"`
}

func windowOf(w h2flow.Window) (out window) {
	if w.Low > -h2flow.MaxWindow {
		out.AtLeast = &w.Low
	}
	if w.High < h2flow.MaxWindow || w.Known() {
		out.AtMost = &w.High
	}
	return out
}

type h2 struct {
	Directions []h2Direction `json:"directions"`
	Streams    int           `json:"streams"`
	Violations int           `json:"violations"`
	Limit      streamLimit   `json:"stream_limit"`
	Stalled    []balance     `json:"stalled"`
}

// streamLimit is what came of the limit of the client's streams.
type streamLimit struct {
	Reached  int   `json:"reached"`
	Freed    int   `json:"freed"`
	Followed int   `json:"followed"`
	Waited   exact `json:"waited"`
	Frames   []int `json:"frames"`
}

type h2Direction struct {
	From         string    `json:"from"`
	WindowNow    window    `json:"window_now"`
	WindowLowest *int64    `json:"window_lowest"`
	Initial      window    `json:"initial_window"`
	StreamLimit  *int64    `json:"stream_limit"`
	OpenStreams  int       `json:"open_streams"`
	Data         int64     `json:"data"`
	Credited     int64     `json:"credited"`
	Unreturned   int64     `json:"unreturned"`
	Holders      []holding `json:"holders"`
}

type holding struct {
	Stream uint32 `json:"stream"`
	Path   string `json:"path"`
	Bytes  int64  `json:"bytes"`
}

func h2Of(v *diagnose.View, at point) *h2 {
	h := v.Layer.HTTP2
	l := &h.Limit
	out := &h2{
		Streams: h.Count, Violations: h.Broken, Stalled: balancesOf(v, at),
		Limit: streamLimit{Reached: l.Reached, Freed: l.Freed, Followed: l.Followed, Waited: exact(l.Waited), Frames: append([]int{}, l.Frames...)},
	}
	for i := range h.Directions {
		d := &h.Directions[i]
		j := h2Direction{
			From: flow.Side(i).String(), WindowNow: windowOf(d.Window), Initial: windowOf(d.Initial), OpenStreams: d.Open,
			Data: d.Sent, Credited: d.Credited, Unreturned: d.Unreturned, Holders: holdingsOf(&d.Holders),
		}
		if d.Known {
			j.WindowLowest = &d.Lowest
		}
		if d.Limit.Known() && d.Limit.Low < h2flow.NoLimit {
			j.StreamLimit = &d.Limit.Low
		}
		out.Directions = append(out.Directions, j)
	}
	return out
}

type stream struct {
	ID         uint32            `json:"id"`
	Path       string            `json:"path"`
	Closed     bool              `json:"closed"`
	Reset      string            `json:"reset,omitempty"`
	Directions []streamDirection `json:"directions"`
}

type streamDirection struct {
	From         string  `json:"from"`
	Bytes        int64   `json:"bytes"`
	Padding      int64   `json:"padding"`
	Credited     int64   `json:"credited"`
	WindowNow    window  `json:"window_now"`
	WindowLowest *int64  `json:"window_lowest"`
	Unreturned   int64   `json:"unreturned"`
	Messages     *int64  `json:"messages,omitempty"`
	MessageSize  *int64  `json:"message_size,omitempty"`
	MessageDone  *int64  `json:"message_done,omitempty"`
	Limits       []limit `json:"limits"`
	Stalls       []stall `json:"stalls"`
}

func streamOf(s *diagnose.StreamView, v *diagnose.View, at point) stream {
	out := stream{ID: s.ID, Path: s.Path, Closed: s.Closed}
	if s.ResetBy != 0 {
		out.Reset = s.Code.String()
	}
	for i := range s.Halves {
		h := &s.Halves[i]
		d := streamDirection{
			From: flow.Side(i).String(), Bytes: h.Sent, Padding: h.Padding, Credited: h.Credited,
			WindowNow: windowOf(h.Window), Unreturned: h.Unreturned, Limits: limitsOf(&h.Limits), Stalls: []stall{},
		}
		if h.Window.Known() {
			d.WindowLowest = &h.Lowest
		}
		if m := &h.Messages; s.GRPC && !m.Lost {
			d.Messages, d.MessageSize, d.MessageDone = &m.Whole, &m.Length, &m.Done
		}
		for _, t := range h.Stalls {
			d.Stalls = append(d.Stalls, stall{
				Start: exact(t.Start.Sub(at.first)), End: exact(t.End.Sub(at.first)), Cause: t.Cause, HeldBy: t.HeldBy,
				Detail: because(t.Cause, t.HeldBy, v, &v.Directions[i], at.called), Frames: append([]int{}, t.Frames...),
			})
		}
		out.Directions = append(out.Directions, d)
	}
	return out
}

// tlsOf says what became of a connection's TLS.
func tlsOf(l *diagnose.Layer) string {
	switch {
	case !l.TLS:
		return "none"
	case l.Opaque:
		return "opaque"
	}
	return "decrypted"
}
