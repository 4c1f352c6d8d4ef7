package report

import (
	"io"

	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/scenarios"
	"flowlab/scenarios/play"
)

// Run writes what a run came to, as text for people. The error is that of w.
func Run(w io.Writer, r *play.Result, style Style) error {
	p := &page{style: style}
	p.title(r)
	if v := producerView(r); v != nil {
		d, called := producing(v), namesOf(r, v)
		p.heading("what held the %s", called[d.From])
		p.shares(&d.Limits, "  ")
		p.findings(v)
		if windowTooSmall(d) {
			p.allowance(r, v)
		}
		p.heading("%s", stallCount(diagnose.MinStall, d.Count))
		p.stalls(d, mostStalls, r.Start, "  ")
		p.events(v, called)
		p.transfer(v, called)
		if v.Layer.HTTP2 != nil {
			p.heading("HTTP/2, as the producer's host saw it")
			p.layer(v, called)
		}
		p.vantages(r, d.From)
		if other := answering(v); other != nil {
			p.heading("what held the %s", called[other.From])
			p.shares(&other.Limits, "  ")
			p.vantages(r, other.From)
		}
	}
	p.chains(r.Chains, r.Start)
	p.expectations(r)
	if r.Quiz.Of > 0 {
		p.heading("quiz: %d of %d right", r.Quiz.Right, r.Quiz.Answered)
	}
	p.origin(r)
	_, err := io.WriteString(w, p.String())
	return err
}

// title writes what ran and what came of it.
func (p *page) title(r *play.Result) {
	p.line("%s", p.style.bold(r.Scenario.Name+": "+r.Scenario.Title))
	p.line("%s %s", p.style.bold("verdict:"), wrap(verdict(r), len("verdict: "), 2))
}

// origin writes what it takes to see the same again.
func (p *page) origin(r *play.Result) {
	p.line("")
	for _, note := range r.Notes {
		p.line("note: %s", wrap(note, len("note: "), 2))
	}
	if l := librariesOf(r); l != nil && (l.Producer != scenarios.Flowlab || l.Consumer != scenarios.Flowlab) {
		p.line("HTTP/2: the producer is %s, the consumer %s", l.Producer, l.Consumer)
	}
	p.line("seed %d, %s network, %s packets at %d interfaces in %s",
		r.Seed, r.Network, flow.Grouped(r.Source.Packets), len(r.Interfaces), seconds(r.Length))
}
