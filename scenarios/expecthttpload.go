package scenarios

import (
	"strconv"
	"strings"
	"time"

	"flowlab/diagnose"
)

func (r *reader) findingCount(o object, _ time.Duration) Expectation {
	var e FindingCount
	e.Rule, _ = value(r, o.values["finding"], parseRule)
	if o.has("stream") {
		e.Stream = r.path(o, "stream", "finding")
	}
	e.AtLeast, e.AtMost = r.counts(o)
	return e
}

func (r *reader) sentBytes(o object, end time.Duration) Expectation {
	e := SentBytes{AtMost: Unlimited}
	r.needsHTTP2(o, "sent")
	e.Of = r.role(o, "of", "sent")
	if o.has("stream") {
		e.Stream = r.path(o, "stream", "sent")
	}
	e.At = r.at(o, end)
	const hint = "write {exactly: 65535}, {at-least: 1MB} or {at-most: 1MB}"
	b, ok := r.object(o.values["sent"], "sent", []string{"exactly", "at-least", "at-most"})
	if !ok {
		return e
	}
	if b.has("exactly") {
		e.AtLeast, _ = value(r, b.values["exactly"], bytesUnit.read)
		e.AtMost = e.AtLeast
		if len(b.values) > 1 {
			r.fail(b.node, mistake(hint, "exactly does not go with a bound"))
		}
		return e
	}
	least, most := b.has("at-least"), b.has("at-most")
	if least {
		e.AtLeast, least = value(r, b.values["at-least"], bytesUnit.read)
	}
	if most {
		e.AtMost, most = value(r, b.values["at-most"], bytesUnit.read)
	}
	switch {
	case least && most && e.AtLeast > e.AtMost:
		r.crossed(b, e.AtLeast.String(), e.AtMost.String())
	case !b.has("at-least") && !b.has("at-most"):
		r.fail(b.node, mistake(hint, "no bound: every run meets it"))
	case least && e.AtLeast == 0 && !b.has("at-most"):
		r.fail(b.values["at-least"], mistake("use at least 1B, or at-most", "every run has at least 0"))
	}
	return e
}

func (r *reader) windowSize(o object, end time.Duration) Expectation {
	var e WindowSize
	r.needsHTTP2(o, "window")
	e.Bytes, _ = value(r, o.values["window"], parseWindow)
	e.Of = r.role(o, "of", "window")
	e.Stream = r.account(o, "stream", "an expectation")
	e.At = r.at(o, end)
	return e
}

// needsHTTP2 notes a key of an expectation that only HTTP/2 can meet.
func (r *reader) needsHTTP2(o object, key string) {
	if r.protocol != H2 {
		r.fail(o.keys[key], mistake("begin with producer: {protocol: h2}", "%s is about HTTP/2, and the protocol is %s", key, r.protocol))
	}
}

// at reads the instant that an expectation is about: the end, unless it says another.
func (r *reader) at(o object, end time.Duration) time.Duration {
	if !o.has("at") {
		return end
	}
	at, ok := value(r, o.values["at"], durationUnit.read)
	switch {
	case !ok:
	case at == 0:
		r.fail(o.values["at"], mistake("write a time after the beginning", "at the beginning nothing was sent"))
	case end > 0 && at > end:
		r.fail(o.values["at"], mistake("keep it within the run, or make the end later", "%v is after the end, %v", at, end))
	}
	return at
}

func parseRule(name string) (string, error) {
	for _, known := range diagnose.FindingRules() {
		if known == name {
			return name, nil
		}
	}
	return "", unknown("finding", name, diagnose.FindingRules())
}

// parseWindow parses what a window has, in bytes. It can be negative.
func parseWindow(text string) (int64, error) {
	digits, negative := strings.CutPrefix(text, "-")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n > largestWindow {
		return 0, mistake("write its bytes as a number, such as 65535 or -65525", "%s is not what a window can have", quote(text))
	}
	if negative {
		n = -n
	}
	return n, nil
}
