package play

import (
	"flowlab/diagnose"
	"flowlab/diagnose/export"
	"flowlab/flow"
	"flowlab/scenarios"
	"flowlab/tcpwin"
)

// role is who a side is: the producer opens the connection.
func role(s flow.Side) scenarios.Role {
	if s == flow.Client {
		return scenarios.Producer
	}
	return scenarios.Consumer
}

// who is what a side of the producer's connection is called.
func (r *Run) who(s flow.Side) string {
	if s == flow.Server && r.scenario.Knobs.HasProxy() {
		return string(scenarios.Proxy)
	}
	return string(role(s))
}

// event enters what a segment showed. Expectations and the log go by what the
// producer's host saw, for it is the producer that is held.
func (r *Run) event(c *diagnose.Connection, e *tcpwin.Event) {
	if c.Interface != ProducerPort {
		return
	}
	at := e.Time.Sub(r.start)
	for i := range r.checks {
		r.checks[i].event(e, at)
	}
	r.mu.Lock()
	r.log.add(Entry{At: at, Who: r.who(e.From), Text: e.String()})
	r.mu.Unlock()
}

// settled enters what held a sender for a while.
func (r *Run) settled(c *diagnose.Connection, from flow.Side, i flow.Interval, cause flow.Cause, by flow.HeldBy) {
	if c.Interface != ProducerPort {
		return
	}
	span := scenarios.Span{From: i.Start.Sub(r.start), To: i.End.Sub(r.start)}
	for k := range r.checks {
		r.checks[k].settled(from, span, cause, by)
	}
}

// frames enters what a packet showed of HTTP/2.
func (r *Run) frames(c *diagnose.Connection, at flow.Time, texts []export.Text) {
	if c.Interface != ProducerPort {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, t := range texts {
		r.log.add(Entry{At: at.Sub(r.start), Who: r.who(t.From), Text: t.Text})
	}
}
