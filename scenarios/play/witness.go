package play

import (
	"flowlab/flow"
	"flowlab/scenarios"
)

// Witness is by what the truth of an end's sending is known.
type Witness string

const (
	ByStack   Witness = "stack"   // its TCP says what held it
	ByWindows Witness = "windows" // so does its HTTP/2, which keeps an account of its windows
	// ByApplication: a stock library hides its windows. Its TCP says what held it; for
	// the rest of the time in which the library let the application wait to send, the
	// cause is flow.Unknown.
	ByApplication Witness = "application"
)

// WitnessOf is by what the truth of a role is known.
func WitnessOf(k *scenarios.Knobs, of scenarios.Role) Witness {
	switch {
	case k.Stock(of):
		return ByApplication
	case k.IsHTTP2():
		return ByWindows
	}
	return ByStack
}

// share is the share of a cause in the truth: that of HTTP/2's causes together is all
// that an application knows.
func (w Witness) share(truth *flow.Limits, c flow.Cause) float64 {
	if w == ByApplication && (c == flow.ConnectionWindow || c == flow.StreamWindow || c == flow.StreamLimit) {
		return truth.Share(flow.Unknown)
	}
	return truth.Share(c)
}
