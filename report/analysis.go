package report

import (
	"net/netip"

	"flowlab/capture"
	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/scenarios/play"
	"flowlab/tcpwin"
)

// analysis is docs/schema/analysis-1.json: what is concluded from packets
// alone.
type analysis struct {
	Schema      string       `json:"schema"`
	Source      source       `json:"source"`
	Connections []connection `json:"connections"`
	Findings    []finding    `json:"findings"`
	Chains      []struct{}   `json:"chains"`
}

type source struct {
	Files     []string           `json:"files"`
	Packets   int64              `json:"packets"`
	Bytes     int64              `json:"bytes"`
	First     exact              `json:"first"`
	Last      exact              `json:"last"`
	Dropped   int64              `json:"dropped"`
	Truncated bool               `json:"truncated"`
	LinkTypes []capture.LinkType `json:"link_types"`
}

type connection struct {
	ID         int            `json:"id"`
	Interface  string         `json:"interface"`
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
	Streams    []struct{}     `json:"streams"`
}

type direction struct {
	From     string         `json:"from"`
	Bytes    int64          `json:"bytes"`
	Segments int64          `json:"segments"`
	MSS      int            `json:"mss"`
	RTT      exact          `json:"rtt"`
	Events   map[string]int `json:"events"`
	Limits   []limit        `json:"limits"`
	Stalls   []stall        `json:"stalls"`
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

// analysisOf writes down what the packets of a run say. A lab's tap keeps each
// packet whole and drops none.
func analysisOf(r *play.Result) analysis {
	a := analysis{
		Schema: "flowlab/analysis/1",
		Source: source{
			Files:     []string{},
			Packets:   r.Source.Packets,
			Bytes:     r.Source.Bytes,
			Last:      exact(r.Source.Last.Sub(r.Source.First)),
			LinkTypes: linkTypes(r.Interfaces),
		},
		Connections: []connection{},
		Findings:    []finding{},
		Chains:      []struct{}{},
	}
	for i := range r.Views {
		a.Connections = append(a.Connections, connectionOf(&r.Views[i], r))
		a.Findings = append(a.Findings, findingsOf(&r.Views[i])...)
	}
	return a
}

func findingsOf(v *diagnose.View) (list []finding) {
	for _, f := range diagnose.Findings(v) {
		list = append(list, finding{
			Rule: f.Rule, Severity: f.Severity, Connection: f.Connection,
			Text: f.Text, Frames: append([]int{}, f.Frames...),
		})
	}
	return list
}

// linkTypes lists the link types of interfaces, each once.
func linkTypes(interfaces []capture.Interface) []capture.LinkType {
	list := []capture.LinkType{}
	seen := map[capture.LinkType]bool{}
	for _, i := range interfaces {
		if !seen[i.LinkType] {
			seen[i.LinkType] = true
			list = append(list, i.LinkType)
		}
	}
	return list
}

func connectionOf(v *diagnose.View, r *play.Result) connection {
	first := r.Source.First
	c := connection{
		ID:         v.Number,
		Interface:  r.Interfaces[v.Interface].Name,
		Vantage:    flow.Client.String(), // the producer opens the connection
		Client:     v.ID.Client,
		Server:     v.ID.Server,
		Start:      exact(v.Start.Sub(first)),
		End:        exact(v.End.Sub(first)),
		Handshake:  "missed",
		Scale:      "unknown",
		TLS:        "none",
		Protocol:   "tcp",
		Directions: []direction{},
		Streams:    []struct{}{},
	}
	if v.Interface == play.ConsumerPort {
		c.Vantage = flow.Server.String()
	}
	if v.Handshake {
		c.Handshake = "seen"
	}
	if v.Directions[flow.Client].WindowKnown {
		c.Scale = "known"
	}
	for i := range v.Directions {
		c.Directions = append(c.Directions, directionOf(&v.Directions[i], v, first))
	}
	return c
}

func directionOf(d *diagnose.DirectionView, v *diagnose.View, first flow.Time) direction {
	out := direction{
		From:     d.From.String(),
		Bytes:    d.Bytes,
		Segments: d.Segments,
		MSS:      d.MSS,
		RTT:      exact(v.RTT),
		Events:   map[string]int{},
		Limits:   limitsOf(&d.Limits),
		Stalls:   []stall{},
	}
	for k, n := range d.Events {
		out.Events[tcpwin.Kind(k).String()] = n
	}
	for _, s := range d.Stalls {
		out.Stalls = append(out.Stalls, stall{
			Start: exact(s.Start.Sub(first)), End: exact(s.End.Sub(first)),
			Cause: s.Cause, HeldBy: s.HeldBy, Detail: because(s.Cause, s.HeldBy, d),
			Frames: append([]int{}, s.Frames...),
		})
	}
	return out
}
