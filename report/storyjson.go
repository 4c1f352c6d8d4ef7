package report

import (
	"encoding/json"
	"io"

	"flowlab/flow"
	"flowlab/peers/story"
)

// told is docs/schema/story-1.json.
type told struct {
	Schema  string       `json:"schema"`
	Story   string       `json:"story"`
	Title   string       `json:"title"`
	Passed  bool         `json:"passed"`
	Error   string       `json:"error,omitempty"`
	Length  exact        `json:"length"`
	Lines   []toldLine   `json:"lines"`
	Figures []toldFigure `json:"figures"`
	Checks  []toldCheck  `json:"checks"`
	Ports   []toldPort   `json:"ports"`
}

type toldLine struct {
	At   exact  `json:"at"`
	Text string `json:"text"`
}

type toldFigure struct {
	At    exact   `json:"at"`
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
}

type toldCheck struct {
	Text   string `json:"text"`
	Passed bool   `json:"passed"`
	Found  string `json:"found"`
}

type toldPort struct {
	Name        string     `json:"name"`
	Port        uint16     `json:"port"`
	Unseen      string     `json:"unseen"`
	Connections int        `json:"connections"`
	Lost        int64      `json:"lost"`
	Sides       []toldSide `json:"sides"`
}

// toldSide is about what one side sent in all connections of a port.
type toldSide struct {
	Side        string  `json:"side"`
	Bytes       int64   `json:"bytes"`
	Limits      []limit `json:"limits"`
	ZeroWindows int     `json:"zero_windows"`
	ZeroWindow  exact   `json:"zero_window"`
}

// StoryJSON writes what came of a scenario on real systems, as one JSON document of the
// schema flowlab/story/1. The error is that of w.
func StoryJSON(w io.Writer, r *story.Result) error {
	t := told{
		Schema: "flowlab/story/1", Story: r.Story.Name, Title: r.Story.Title, Passed: r.Passed, Length: exact(r.Length),
		Lines: []toldLine{}, Figures: []toldFigure{}, Checks: []toldCheck{}, Ports: []toldPort{},
	}
	if r.Err != nil {
		t.Error = r.Err.Error()
	}
	for _, l := range r.Lines {
		t.Lines = append(t.Lines, toldLine{exact(l.At), l.Text})
	}
	for _, f := range r.Figures {
		t.Figures = append(t.Figures, toldFigure{exact(f.At), f.Name, f.Value, f.Unit})
	}
	for _, c := range r.Checks {
		t.Checks = append(t.Checks, toldCheck(c))
	}
	for _, watched := range r.Watched {
		t.Ports = append(t.Ports, portOf(watched))
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(t)
}

func portOf(w *story.Watched) toldPort {
	views, _ := w.Connections()
	p := toldPort{Name: w.Name, Port: w.Port, Unseen: w.Unseen, Connections: len(views), Lost: w.Lost(), Sides: []toldSide{}}
	for _, side := range []flow.Side{flow.Client, flow.Server} {
		held := w.Held(side)
		p.Sides = append(p.Sides, toldSide{
			Side: side.String(), Bytes: w.Sent(side, func(flow.Conn) bool { return true }), Limits: append([]limit{}, limitsOf(&held)...),
			ZeroWindows: w.ZeroWindows(side), ZeroWindow: exact(w.ZeroWindow(side)),
		})
	}
	return p
}
