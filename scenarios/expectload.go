package scenarios

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"flowlab/flow"
	"flowlab/tcpwin"
)

// expectationKeys are the keys that go with the one that tells what kind of
// expectation it is.
var expectationKeys = map[string][]string{
	"event":   {"from", "between", "at-least", "at-most"},
	"limit":   {"of", "stream", "during", "at-least", "at-most", "held-by"},
	"goodput": {"during"},
	"finding": {"stream", "at-least", "at-most"},
	"sent":    {"of", "stream", "at"},
	"window":  {"of", "stream", "connection", "at"},
	"chain":   {"stream"},
}

// expectationKinds are the keys that tell what kind of expectation it is, with who
// reads it.
var expectationKinds = []expectationKind{
	{"event", (*reader).eventCount}, {"limit", (*reader).limitShare}, {"goodput", (*reader).goodput},
	{"finding", (*reader).findingCount}, {"sent", (*reader).sentBytes}, {"window", (*reader).windowSize},
	{"chain", (*reader).chainOfWaits},
}

type expectationKind struct {
	key  string
	read func(*reader, object, time.Duration) Expectation
}

// expectations reads those of a scenario that ends at end, which is 0 if it is
// not known. It refuses what no run could meet, and what every run would.
func (r *reader) expectations(n ast.Node, end time.Duration) []Expectation {
	known := []string{"event", "limit", "goodput", "finding", "sent", "window", "chain",
		"from", "of", "stream", "connection", "between", "during", "at", "at-least", "at-most", "held-by"}
	var all []Expectation
	for _, entry := range r.list(n, "expect") {
		o, ok := r.object(entry, "an expectation", known)
		if !ok {
			continue
		}
		i := slices.IndexFunc(expectationKinds, func(k expectationKind) bool { return o.has(k.key) })
		if i < 0 {
			r.fail(entry, mistake("begin with event: NAME, limit: CAUSE or goodput: {…}, or of HTTP/2 with finding, sent, window or chain", "an expectation of nothing"))
			continue
		}
		kind := expectationKinds[i]
		r.goTogether(o, kind.key)
		all = append(all, kind.read(r, o, end))
	}
	return all
}

// goTogether notes the keys that do not go with the kind of expectation.
func (r *reader) goTogether(o object, kind string) {
	for name, key := range o.keys {
		if name != kind && !slices.Contains(expectationKeys[kind], name) {
			r.fail(key, mistake(kind+" goes with "+strings.Join(expectationKeys[kind], ", "), "%s does not go with %s", name, kind))
		}
	}
}

func (r *reader) eventCount(o object, end time.Duration) Expectation {
	var e EventCount
	e.Event, _ = value(r, o.values["event"], parseEvent)
	e.From = r.role(o, "from", "event")
	e.Between = r.span(o, "between", end)
	e.AtLeast, e.AtMost = r.counts(o)
	return e
}

// counts reads how often something is to be seen: at least once, unless there is a
// bound.
func (r *reader) counts(o object) (low, high int) {
	low, high = 1, math.MaxInt
	least, most := o.has("at-least"), o.has("at-most")
	if least {
		low, least = value(r, o.values["at-least"], number(0))
	}
	if most {
		high, most = value(r, o.values["at-most"], number(0))
		if !o.has("at-least") {
			low = 0
		}
	}
	switch {
	case least && most && low > high:
		r.crossed(o, strconv.Itoa(low), strconv.Itoa(high))
	case least && low == 0 && !o.has("at-most"):
		r.fail(o.values["at-least"], mistake("use at-least: 1, or at-most: 0 for never", "every run has at least 0"))
	}
	return low, high
}

func (r *reader) limitShare(o object, end time.Duration) Expectation {
	e := LimitShare{AtMost: 100}
	e.Cause, _ = value(r, o.values["limit"], parseCause)
	e.Of = r.role(o, "of", "limit")
	if o.has("stream") {
		r.needsHTTP2(o, "stream")
		e.Stream = r.path(o, "stream", "limit")
		if o.has("held-by") {
			r.fail(o.keys["held-by"], mistake("leave one of them out", "held-by is not known of one stream"))
		}
	}
	e.During = r.span(o, "during", end)
	if o.has("held-by") {
		e.HeldBy, _ = value(r, o.values["held-by"], parseHeldBy)
	}
	least, most := o.has("at-least"), o.has("at-most")
	if least {
		e.AtLeast, least = value(r, o.values["at-least"], share)
	}
	if most {
		e.AtMost, most = value(r, o.values["at-most"], share)
	}
	switch {
	case least && most && e.AtLeast > e.AtMost:
		r.crossed(o, e.AtLeast.String(), e.AtMost.String())
	case !o.has("at-least") && !o.has("at-most"):
		r.fail(o.node, mistake("add at-least: 95% or at-most: 5%", "no bound: every run meets it"))
	case e.AtLeast == 0 && e.AtMost == 100 && (least || most):
		r.fail(o.node, mistake("use at-least over 0%, or at-most under 100%", "0%% to 100%%: every run meets it"))
	}
	return e
}

func (r *reader) goodput(o object, end time.Duration) Expectation {
	during := r.span(o, "during", end)
	e := Goodput{During: during, AtMost: Unlimited}
	g, ok := r.object(o.values["goodput"], "goodput", []string{"at-least", "at-most", "window-per-rtt"})
	if !ok {
		return e
	}
	least, most := g.has("at-least"), g.has("at-most")
	if g.has("window-per-rtt") {
		if least || most {
			r.fail(g.keys["window-per-rtt"], mistake("write two expectations", "window-per-rtt does not go with at-least or at-most"))
		}
		within, ok := value(r, g.values["window-per-rtt"], share)
		if ok && within == 0 {
			r.fail(g.values["window-per-rtt"], mistake("write how far it may be off, such as 10%", "no measured rate is exact to 0%%"))
		}
		return GoodputOfWindow{During: during, Within: within}
	}
	if least {
		e.AtLeast, least = value(r, g.values["at-least"], byteRateUnit.read)
	}
	if most {
		e.AtMost, most = value(r, g.values["at-most"], byteRateUnit.read)
	}
	switch {
	case least && most && e.AtLeast > e.AtMost:
		r.crossed(g, e.AtLeast.String(), e.AtMost.String())
	case !g.has("at-least") && !g.has("at-most"):
		r.fail(g.node, mistake("write {at-least: 5MB/s} or {window-per-rtt: 10%}", "no bound: every run meets it"))
	case least && e.AtLeast == 0 && !g.has("at-most"):
		r.fail(g.values["at-least"], mistake("use a rate over 0, or at-most", "every run has at least 0"))
	}
	return e
}

// crossed notes an at-least above its at-most.
func (r *reader) crossed(o object, least, most string) {
	r.fail(o.values["at-least"], mistake("make at-least the smaller one", "at-least, %s, is more than at-most, %s", least, most))
}

// role reads the role that an expectation must name.
func (r *reader) role(o object, key, kind string) Role {
	if !o.has(key) {
		r.fail(o.node, mistake("add "+key+": producer or "+key+": consumer", "%s without %s", kind, key))
		return ""
	}
	role, _ := value(r, o.values[key], parseRole)
	return role
}

// span reads the part of the run that an expectation is about. Without the key
// it is the zero Span, the whole run.
func (r *reader) span(o object, key string, end time.Duration) Span {
	if !o.has(key) {
		return Span{}
	}
	n := o.values[key]
	const hint = "write two times in order, such as [1s, 4s]"
	times, ok := n.(*ast.SequenceNode)
	if !ok || len(times.Values) != 2 {
		r.fail(n, mistake(hint, "%s must be a list of two times", key))
		return Span{}
	}
	from, fromOK := value(r, times.Values[0], durationUnit.read)
	to, toOK := value(r, times.Values[1], durationUnit.read)
	switch {
	case !fromOK || !toOK:
	case from == to:
		r.fail(n, mistake(hint, "no time passes from %v to %v", from, to))
	case from > to:
		r.fail(n, mistake(hint, "%v comes after %v", from, to))
	case end > 0 && to > end:
		r.fail(n, mistake("keep it within the run, or make the end later", "%s reaches to %v, but the run ends at %v", key, to, end))
	}
	return Span{from, to}
}

func parseEvent(name string) (tcpwin.Kind, error) {
	kind, err := tcpwin.ParseKind(name)
	if err != nil {
		var names []string
		for k := range tcpwin.NumKinds {
			names = append(names, tcpwin.Kind(k).String())
		}
		return 0, unknown("event", name, names)
	}
	return kind, nil
}

func parseCause(name string) (flow.Cause, error) {
	cause, err := flow.ParseCause(name)
	if err != nil {
		return 0, unknown("cause", name, flow.CauseNames())
	}
	return cause, nil
}

// parseHeldBy leaves out flow.Nobody: a sender that nobody holds has no limit.
func parseHeldBy(name string) (flow.HeldBy, error) {
	var names []string
	for h := flow.Reader; h <= flow.SenderLibrary; h++ {
		if h.String() == name {
			return h, nil
		}
		names = append(names, h.String())
	}
	return flow.Nobody, unknown("holder", name, names)
}

// share parses a percentage of a whole.
func share(text string) (Percent, error) {
	p, err := percentUnit.read(text)
	if err == nil && p > 100 {
		err = mistake("a share goes from 0% to 100%", "%s can never be", quote(text))
	}
	return p, err
}

// number parses a count of at least low.
func number(low int) func(string) (int, error) {
	return func(text string) (int, error) {
		n, err := strconv.Atoi(text)
		if err != nil || n < low || strings.HasPrefix(text, "+") {
			return 0, mistake("write a number such as "+strconv.Itoa(low), "%s is not a whole number of at least %d", quote(text), low)
		}
		return n, nil
	}
}
