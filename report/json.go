package report

import (
	"encoding/json"
	"io"

	"flowlab/flow"
	"flowlab/h2flow/peer"
	"flowlab/scenarios"
	"flowlab/scenarios/play"
)

// run is docs/schema/run-1.json.
type run struct {
	Schema       string        `json:"schema"`
	Scenario     string        `json:"scenario"`
	Libraries    *libraries    `json:"libraries"`
	Network      play.Network  `json:"network"`
	Notes        []string      `json:"notes"`
	Seed         uint64        `json:"seed"`
	Passed       bool          `json:"passed"`
	Claim        *claim        `json:"claim"`
	Expectations []expectation `json:"expectations"`
	Quiz         *quiz         `json:"quiz,omitempty"`
	Analysis     analysis      `json:"analysis"`
	Truth        truth         `json:"truth"`
}

// analysis is a whole analysis, as the JSON of a run has it.
type analysis struct {
	Schema      string       `json:"schema"`
	Source      source       `json:"source"`
	Connections []connection `json:"connections"`
	Findings    []finding    `json:"findings"`
	Chains      []chain      `json:"chains"`
}

type expectation struct {
	Text      string `json:"text"`
	Passed    bool   `json:"passed"`
	Unchecked bool   `json:"unchecked,omitempty"`
	Found     string `json:"found"`
}

// quiz counts the answers to a script's questions.
type quiz struct {
	Questions int `json:"questions"`
	Answered  int `json:"answered"`
	Right     int `json:"right"`
}

// quizOf is nil where nothing was asked.
func quizOf(r *play.Result) *quiz {
	if r.Quiz.Of == 0 {
		return nil
	}
	return &quiz{r.Quiz.Of, r.Quiz.Answered, r.Quiz.Right}
}

// truth is what endpoints and stacks say of themselves.
type truth struct {
	Producer     held  `json:"producer"`
	Consumer     held  `json:"consumer"`
	Written      int64 `json:"written"`
	Blocked      exact `json:"blocked"`
	Read         int64 `json:"read"`
	ReceiveQueue int   `json:"receive_queue"`
}

type held struct {
	By      play.Witness `json:"by"`
	Limits  []limit      `json:"limits"`
	Windows *windows     `json:"windows,omitempty"`
}

// windows is an end's own account of what it may send by HTTP/2, and has sent.
type windows struct {
	Data       int64          `json:"data"`
	Connection int64          `json:"connection"`
	Streams    []streamWindow `json:"streams"`
}

type streamWindow struct {
	Stream uint32 `json:"stream"`
	Data   int64  `json:"data"`
	Window int64  `json:"window"`
}

// libraries are who speaks HTTP/2 at either end.
type libraries struct {
	Producer string `json:"producer"`
	Consumer string `json:"consumer"`
}

// librariesOf is nil where nobody speaks HTTP/2.
func librariesOf(r *play.Result) *libraries {
	if !r.Knobs.IsHTTP2() {
		return nil
	}
	return &libraries{r.Knobs.Producer.HTTP2.Library, r.Knobs.Consumer.HTTP2.Library}
}

// heldOf is what an end says of its sending.
func heldOf(by play.Witness, l *flow.Limits, a *peer.Account) held {
	h := held{By: by, Limits: limitsOf(l)}
	if a == nil {
		return h
	}
	h.Windows = &windows{Data: a.Send.Conn.Bytes, Connection: a.Send.Conn.Size, Streams: []streamWindow{}}
	for _, s := range a.Streams {
		h.Windows.Streams = append(h.Windows.Streams, streamWindow{s.ID, s.Send.Bytes, s.Send.Size})
	}
	return h
}

// RunJSON writes what a run came to, as one JSON document of the schema
// flowlab/run/1. The error is that of w.
func RunJSON(w io.Writer, r *play.Result) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(run{
		Schema:       "flowlab/run/1",
		Scenario:     r.Scenario.Name,
		Libraries:    librariesOf(r),
		Network:      r.Network,
		Notes:        append([]string{}, r.Notes...),
		Seed:         r.Seed,
		Passed:       r.Passed && !r.Stopped,
		Claim:        claimOf(r),
		Expectations: expectationsOf(r),
		Quiz:         quizOf(r),
		Analysis:     analysisOf(r),
		Truth: truth{
			Producer:     heldOf(play.WitnessOf(&r.Knobs, scenarios.Producer), &r.Truth.Producer, r.Truth.Windows[flow.Client]),
			Consumer:     heldOf(play.WitnessOf(&r.Knobs, scenarios.Consumer), &r.Truth.Consumer, r.Truth.Windows[flow.Server]),
			Written:      r.Truth.Sent.Written,
			Blocked:      exact(r.Truth.Sent.Blocked),
			Read:         r.Truth.Read,
			ReceiveQueue: r.Truth.ReceiveQueue,
		},
	})
}

// analysisOf writes down what the packets of a run say.
func analysisOf(r *play.Result) analysis {
	a := analysis{
		Schema:      analysisSchema,
		Source:      playSource(r),
		Connections: []connection{},
		Findings:    []finding{},
		Chains:      chainsOf(r.Chains),
	}
	for i := range r.Views {
		v := &r.Views[i]
		at := point{
			iface: r.Interfaces[v.Interface].Name, vantage: sideAt(r, v).String(),
			first: r.Source.First, called: namesOf(r, v),
		}
		a.Connections = append(a.Connections, connectionOf(v, at))
		a.Findings = append(a.Findings, findingsOf(v)...)
	}
	return a
}

func expectationsOf(r *play.Result) []expectation {
	list := []expectation{}
	for _, c := range r.Checks {
		e := expectation(c)
		if r.Stopped {
			e = expectation{Text: c.Text, Unchecked: true, Found: unchecked(r)}
		}
		list = append(list, e)
	}
	return list
}

// limit is how long one cause held a sender.
type limit struct {
	Cause   flow.Cause `json:"cause"`
	Seconds exact      `json:"seconds"`
	Share   float64    `json:"share"`
}

// limitsOf lists the causes that took any time, by time.
func limitsOf(l *flow.Limits) []limit {
	list := []limit{}
	for _, c := range causesOf(l) {
		list = append(list, limit{Cause: c, Seconds: exact(l[c]), Share: l.Share(c)})
	}
	return list
}
