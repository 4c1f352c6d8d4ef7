package scenarios

import (
	"fmt"
	"time"

	"flowlab/flow"
)

// expectationFields writes an expectation of a run that ends at end.
func expectationFields(e Expectation, end time.Duration) (f fields) {
	switch e := e.(type) {
	case EventCount:
		f.add("event", e.Event)
		f.add("from", e.From)
		f.span("between", e.Between)
		f.counts(e.AtLeast, e.AtMost)
	case LimitShare:
		f.limit(e)
	case Goodput:
		f.goodput(e)
	case GoodputOfWindow:
		f.add("goodput", fields{"window-per-rtt: " + e.Within.String()})
		f.span("during", e.During)
	case FindingCount:
		f.add("finding", e.Rule)
		f.addText("stream", e.Stream)
		f.counts(e.AtLeast, e.AtMost)
	case SentBytes:
		f.add("sent", sentFields(e))
		f.add("of", e.Of)
		f.addText("stream", e.Stream)
		f.at(e.At, end)
	case WindowSize:
		f.add("window", e.Bytes)
		f.add("of", e.Of)
		f.account("stream", e.Stream)
		f.at(e.At, end)
	case ChainOfWaits:
		f.add("chain", fmt.Sprintf("[%s, %s, %s]", e.Parties[0], e.Parties[1], e.Parties[2]))
		f.addText("stream", e.Stream)
	default:
		panic("an expectation of no kind: " + e.String())
	}
	return f
}

func (f *fields) limit(e LimitShare) {
	f.add("limit", e.Cause)
	f.add("of", e.Of)
	f.addText("stream", e.Stream)
	f.span("during", e.During)
	if e.AtLeast > 0 {
		f.add("at-least", e.AtLeast)
	}
	if e.AtMost < 100 {
		f.add("at-most", e.AtMost)
	}
	if e.HeldBy != flow.Nobody {
		f.add("held-by", e.HeldBy)
	}
}

func (f *fields) goodput(e Goodput) {
	var bounds fields
	if e.AtLeast > 0 {
		bounds.add("at-least", e.AtLeast)
	}
	if e.AtMost != Unlimited {
		bounds.add("at-most", e.AtMost)
	}
	f.add("goodput", bounds)
	f.span("during", e.During)
}

func sentFields(e SentBytes) (f fields) {
	if e.AtLeast == e.AtMost {
		f.add("exactly", amount(e.AtLeast))
		return f
	}
	if e.AtLeast > 0 {
		f.add("at-least", amount(e.AtLeast))
	}
	if e.AtMost != Unlimited {
		f.add("at-most", amount(e.AtMost))
	}
	return f
}

// span adds a part of the run; none if it is the whole.
func (f *fields) span(key string, s Span) {
	if s != (Span{}) {
		f.add(key, fmt.Sprintf("[%s, %s]", duration(s.From), duration(s.To)))
	}
}

// at adds an instant; none if it is the end.
func (f *fields) at(at, end time.Duration) {
	if at != end {
		f.add("at", duration(at))
	}
}
