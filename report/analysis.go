package report

import (
	"net/netip"
	"strconv"

	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/tcpwin"
)

// analysisSchema names docs/schema/analysis-1.json: what is concluded from
// packets alone.
const analysisSchema = "flowlab/analysis/1"

// point is where and since when a connection was observed, and what its sides
// are called.
type point struct {
	iface, file string
	vantage     string
	first       flow.Time // from which times count
	called      names
}

type connection struct {
	ID         int            `json:"id"`
	Interface  string         `json:"interface"`
	File       string         `json:"file,omitempty"`
	Vantage    string         `json:"vantage"`
	Client     netip.AddrPort `json:"client"`
	Server     netip.AddrPort `json:"server"`
	Start      exact          `json:"start"`
	End        exact          `json:"end"`
	Handshake  string         `json:"handshake"`
	Scale      string         `json:"scale"`
	TLS        string         `json:"tls"`
	Protocol   string         `json:"protocol"`
	Directions []direction    `json:"directions"`
	Streams    []stream       `json:"streams"`
	H2         *h2            `json:"h2,omitempty"`
}

type direction struct {
	From     string  `json:"from"`
	Bytes    int64   `json:"bytes"`
	Unseen   int64   `json:"unseen"`
	Segments int64   `json:"segments"`
	Resent   int64   `json:"resent"`
	MSS      int     `json:"mss"`
	RTT      exact   `json:"rtt"`
	Events   events  `json:"events"`
	Limits   []limit `json:"limits"`
	Stalls   []stall `json:"stalls"`
}

// events counts the events by kind.
type events [tcpwin.NumKinds]int

func (e events) MarshalJSON() ([]byte, error) {
	text := []byte{'{'}
	for k, n := range e {
		if k > 0 {
			text = append(text, ',')
		}
		text = strconv.AppendQuote(text, tcpwin.Kind(k).String())
		text = strconv.AppendInt(append(text, ':'), int64(n), 10)
	}
	return append(text, '}'), nil
}

type stall struct {
	Start  exact       `json:"start"`
	End    exact       `json:"end"`
	Cause  flow.Cause  `json:"cause"`
	HeldBy flow.HeldBy `json:"held_by"`
	Detail string      `json:"detail"`
	Frames []int       `json:"frames"`
}

type finding struct {
	Rule       string            `json:"rule"`
	Severity   diagnose.Severity `json:"severity"`
	Connection int               `json:"connection"`
	Stream     int               `json:"stream"`
	Text       string            `json:"text"`
	Frames     []int             `json:"frames"`
}

func findingsOf(v *diagnose.View) (list []finding) {
	for _, f := range diagnose.Findings(v) {
		list = append(list, finding{
			Rule: f.Rule, Severity: f.Severity, Connection: f.Connection, Stream: int(f.Stream),
			Text: f.Text, Frames: append([]int{}, f.Frames...),
		})
	}
	return list
}

func connectionOf(v *diagnose.View, at point) connection {
	c := connection{
		ID:         v.Number,
		Interface:  at.iface,
		File:       at.file,
		Vantage:    at.vantage,
		Client:     v.ID.Client.AddrPort(),
		Server:     v.ID.Server.AddrPort(),
		Start:      exact(v.Start.Sub(at.first)),
		End:        exact(v.End.Sub(at.first)),
		Handshake:  handshake(v),
		Scale:      scale(v),
		TLS:        tlsOf(&v.Layer),
		Protocol:   "tcp",
		Directions: make([]direction, 0, len(v.Directions)),
		Streams:    []stream{},
	}
	if h := v.Layer.HTTP2; h != nil {
		c.Protocol, c.H2 = "h2", h2Of(v, at)
		for i := range h.Streams[:min(len(h.Streams), mostStreamsJSON)] {
			c.Streams = append(c.Streams, streamOf(&h.Streams[i], v, at))
		}
	}
	for i := range v.Directions {
		c.Directions = append(c.Directions, directionOf(&v.Directions[i], v, at))
	}
	return c
}

// handshake says whether a connection's opening was seen.
func handshake(v *diagnose.View) string {
	if v.Handshake {
		return "seen"
	}
	return "missed"
}

// scale says whether the scale of a connection's windows is known.
func scale(v *diagnose.View) string {
	if v.Directions[flow.Client].WindowKnown {
		return "known"
	}
	return "unknown"
}

func directionOf(d *diagnose.DirectionView, v *diagnose.View, at point) direction {
	out := direction{
		From:     d.From.String(),
		Bytes:    d.Bytes,
		Unseen:   d.Unseen,
		Segments: d.Segments,
		Resent:   d.Resent,
		MSS:      d.MSS,
		RTT:      exact(max(0, v.RTT)), // where the clock went back, nothing was measured
		Events:   events(d.Events),
		Limits:   limitsOf(&d.Limits),
		Stalls:   make([]stall, 0, len(d.Stalls)),
	}
	for _, s := range d.Stalls {
		out.Stalls = append(out.Stalls, stall{
			Start: exact(s.Start.Sub(at.first)), End: exact(s.End.Sub(at.first)),
			Cause: s.Cause, HeldBy: s.HeldBy, Detail: because(s.Cause, s.HeldBy, v, d, at.called),
			Frames: append([]int{}, s.Frames...),
		})
	}
	return out
}
