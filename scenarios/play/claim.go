package play

import (
	"flowlab/flow"
	"flowlab/scenarios"
)

// Claim is the main one of a scenario: the first limit that it expects of a whole
// connection, with what was found and what is true.
type Claim struct {
	Cause flow.Cause // that the scenario expects
	Of    scenarios.Role
	Span  scenarios.Span
	Found flow.Cause // that held the longest, by the packets at the producer's host
	Share float64    // of the time, for which the expected cause held, by the same
	Truth float64    // the same by the endpoint's own account
	By    Witness    // whose that is
}

// claimOf returns the claim of a run, nil if its scenario has none, or it ended or its
// script was moved before.
func claimOf(k *scenarios.Knobs, checks []check, m *readings, script *scriptTime) *Claim {
	for i := range checks {
		c := &checks[i]
		e, ok := c.expect.(scenarios.LimitShare)
		if !ok || e.Stream != "" {
			continue
		}
		truth, ok := m.truth(e.Of, c.span)
		if !ok || !script.sound(c.span.To) {
			return nil
		}
		by := WitnessOf(k, e.Of)
		claim := &Claim{Cause: e.Cause, Of: e.Of, Span: c.span, Share: c.limits.Share(e.Cause), Truth: by.share(&truth, e.Cause), By: by}
		for cause, d := range c.limits {
			if d > c.limits[claim.Found] {
				claim.Found = flow.Cause(cause)
			}
		}
		return claim
	}
	return nil
}
