package play

import (
	"fmt"
	"math"
	"time"

	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/scenarios"
	"flowlab/tcpwin"
)

// Check is an expectation and what became of it. Where the script was held or moved on
// before all of its time had passed, it is not checked: it would be held to another time
// than that of the script.
type Check struct {
	Text      string
	Passed    bool
	Unchecked bool   // neither passed nor failed
	Found     string // what was seen; why it was not checked
}

// Failed tells whether it was checked and not met.
func (c *Check) Failed() bool { return !c.Passed && !c.Unchecked }

// unchecked is an expectation of a script that was first moved at a time of the run.
func unchecked(e scenarios.Expectation, at time.Duration) Check {
	return Check{Text: e.String(), Unchecked: true, Found: fmt.Sprintf("the script was held or moved on at %.2f s", at.Seconds())}
}

// check gathers what an expectation is about while the run goes on.
type check struct {
	expect scenarios.Expectation
	span   scenarios.Span
	count  int           // events
	held   time.Duration // time held as the expectation says
	limits flow.Limits   // what is settled within the span
}

func newChecks(s *scenarios.Scenario) []check {
	checks := make([]check, len(s.Expect))
	for i, e := range s.Expect {
		checks[i] = check{expect: e, span: spanOf(e, s.End)}
	}
	return checks
}

// spanOf is the part of the run that an expectation is about.
func spanOf(e scenarios.Expectation, end time.Duration) scenarios.Span {
	var s scenarios.Span
	switch e := e.(type) {
	case scenarios.EventCount:
		s = e.Between
	case scenarios.LimitShare:
		s = e.During
	case scenarios.Goodput:
		s = e.During
	case scenarios.GoodputOfWindow:
		s = e.During
	case scenarios.SentBytes:
		s.To = e.At
	case scenarios.WindowSize:
		s.To = e.At
	}
	if s == (scenarios.Span{}) {
		s.To = end
	}
	return s
}

func (c *check) event(e *tcpwin.Event, at time.Duration) {
	want, ok := c.expect.(scenarios.EventCount)
	if ok && e.Kind == want.Event && role(e.From) == want.From && at >= c.span.From && at < c.span.To {
		c.count++
	}
}

func (c *check) settled(from flow.Side, s scenarios.Span, cause flow.Cause, by flow.HeldBy) {
	want, ok := c.expect.(scenarios.LimitShare)
	part := min(s.To, c.span.To) - max(s.From, c.span.From)
	if !ok || role(from) != want.Of || part <= 0 {
		return
	}
	c.limits[cause] += part
	if cause == want.Cause && (want.HeldBy == flow.Nobody || by == want.HeldBy) {
		c.held += part
	}
}

// result says what became of the expectation, now that the run is over.
func (c *check) result(m *readings, producer *diagnose.Connection, found []diagnose.Chain, over flow.Time) Check {
	r := Check{Text: c.expect.String()}
	switch e := c.expect.(type) {
	case scenarios.EventCount:
		r.Found = fmt.Sprintf("%d", c.count)
		r.Passed = c.count >= e.AtLeast && c.count <= e.AtMost
	case scenarios.LimitShare:
		switch known := c.limits.Total(); {
		case e.Stream != "":
			return m.streamShare(e, c.span)
		case known == 0:
			r.Found = "nothing is known of that time"
		default:
			r.judge(e, 100*(c.held.Seconds()/known.Seconds())) // in this order: rounded, all is not more than 100
		}
	case scenarios.Goodput:
		rate, _, ok := m.between(c.span)
		r.Found = rateFound(rate, ok)
		r.Passed = ok && rate >= float64(e.AtLeast) && rate <= float64(e.AtMost)
	case scenarios.GoodputOfWindow:
		rate, window, ok := m.between(c.span)
		if !ok || producer == nil || producer.RTT() == 0 {
			r.Found = endedBefore
			break
		}
		allowed := window / producer.RTT().Seconds()
		off := 100 * (rate/allowed - 1)
		r.Found = fmt.Sprintf("%.3f MB/s; a window of %.0f bytes on average, over an RTT of %v, allows %.3f MB/s (%+.1f %%)",
			rate/1e6, window, producer.RTT().Round(100*time.Microsecond), allowed/1e6, off)
		r.Passed = math.Abs(off) <= float64(e.Within)
	case scenarios.SentBytes:
		return m.sent(e)
	case scenarios.WindowSize:
		return m.window(e)
	case scenarios.ChainOfWaits:
		return chained(e, found)
	case scenarios.FindingCount:
		if producer == nil {
			r.Found = "no packet of a connection was seen"
			break
		}
		v := producer.View(over, flow.Interval{}, 0)
		return findings(e, &v)
	}
	return r
}

func rateFound(rate float64, ok bool) string {
	if !ok {
		return endedBefore
	}
	return fmt.Sprintf("%.3f MB/s", rate/1e6)
}
