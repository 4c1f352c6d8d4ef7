package report

import (
	"flowlab/flow"
	"flowlab/scenarios"
	"flowlab/scenarios/play"
)

// claim is the main thing that a scenario says, with what was found and what is true.
type claim struct {
	Cause flow.Cause     `json:"cause"`
	Of    scenarios.Role `json:"of"`
	From  exact          `json:"from"`
	To    exact          `json:"to"`
	Found flow.Cause     `json:"found"`
	Share float64        `json:"share"`
	Truth float64        `json:"truth"`
	By    play.Witness   `json:"by"`
}

// claimOf is nil where there is none.
func claimOf(r *play.Result) *claim {
	c := r.Claim
	if c == nil {
		return nil
	}
	return &claim{c.Cause, c.Of, exact(c.Span.From), exact(c.Span.To), c.Found, c.Share, c.Truth, c.By}
}
