package play

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/scenarios"
)

const (
	endedBefore = "the run ended before"
	notHTTP2    = "no HTTP/2 was seen"
)

// sideOf is the side of the connection that a role has.
func sideOf(r scenarios.Role) flow.Side {
	if r == scenarios.Producer {
		return flow.Client
	}
	return flow.Server
}

// streamsOf are those of a path.
func streamsOf(h *diagnose.HTTPView, path string) (all []*diagnose.StreamView) {
	if h == nil {
		return nil
	}
	for i := range h.Streams {
		if h.Streams[i].Path == path {
			all = append(all, &h.Streams[i])
		}
	}
	return all
}

// streamLimits adds up for how long each cause held a side on the streams of a path.
func streamLimits(h *diagnose.HTTPView, path string, from flow.Side) (sum flow.Limits) {
	for _, s := range streamsOf(h, path) {
		for cause, d := range s.Halves[from].Limits {
			sum[cause] += d
		}
	}
	return sum
}

// streamShare says for which share of a span a cause held streams of a path.
func (m *readings) streamShare(e scenarios.LimitShare, span scenarios.Span) Check {
	r := Check{Text: e.String(), Found: endedBefore}
	from, _ := m.at(span.From)
	to, ok := m.at(span.To)
	if !ok {
		return r
	}
	before, after := streamLimits(m.http[from], e.Stream, sideOf(e.Of)), streamLimits(m.http[to], e.Stream, sideOf(e.Of))
	limits := after.Sub(&before)
	if limits.Total() <= 0 {
		r.Found = "nothing is known of " + e.Stream + " in that time"
		return r
	}
	r.judge(e, 100*limits.Share(e.Cause))
	return r
}

// judge enters a share that was found, in points of 100.
func (r *Check) judge(e scenarios.LimitShare, share float64) {
	r.Found = fmt.Sprintf("%.1f %%", share)
	r.Passed = share >= float64(e.AtLeast) && share <= float64(e.AtMost)
}

// seenAt is what was seen of HTTP/2 at an instant; nil, and why, if nothing was.
func (m *readings) seenAt(at time.Duration) (h *diagnose.HTTPView, problem string) {
	i, ok := m.at(at)
	switch {
	case !ok:
		return nil, endedBefore
	case m.http[i] == nil:
		return nil, notHTTP2
	}
	return m.http[i], ""
}

// sent says how many bytes of DATA a role had sent.
func (m *readings) sent(e scenarios.SentBytes) Check {
	r := Check{Text: e.String()}
	h, problem := m.seenAt(e.At)
	if r.Found = problem; h == nil {
		return r
	}
	n := h.Directions[sideOf(e.Of)].Sent
	if e.Stream != "" {
		n = 0
		for _, s := range streamsOf(h, e.Stream) {
			n += s.Halves[sideOf(e.Of)].Sent
		}
	}
	r.Found = fmt.Sprintf("%d bytes", n)
	r.Passed = n >= int64(e.AtLeast) && n <= int64(e.AtMost)
	return r
}

// window says what a window had.
func (m *readings) window(e scenarios.WindowSize) Check {
	r := Check{Text: e.String()}
	h, problem := m.seenAt(e.At)
	if r.Found = problem; h == nil {
		return r
	}
	found := []string{}
	add := func(text string, right bool) {
		r.Passed = right && (r.Passed || len(found) == 0)
		if !slices.Contains(found, text) {
			found = append(found, text)
		}
	}
	if e.Stream == "" {
		w := h.Directions[sideOf(e.Of)].Window
		add(w.String(), w.Known() && w.Low == e.Bytes)
	}
	for _, s := range streamsOf(h, e.Stream) {
		w := s.Halves[sideOf(e.Of)].Window
		add(w.String(), w.Known() && w.Low == e.Bytes)
	}
	if len(found) == 0 {
		r.Found = "no such stream was seen"
		return r
	}
	r.Found = strings.Join(found, ", ") + " bytes"
	return r
}

// findings counts those of a rule, as the producer's host shows them.
func findings(e scenarios.FindingCount, v *diagnose.View) Check {
	n := 0
	for _, f := range diagnose.Findings(v) {
		about := e.Stream == "" || slices.ContainsFunc(streamsOf(v.Layer.HTTP2, e.Stream), func(s *diagnose.StreamView) bool { return s.ID == f.Stream })
		if f.Rule == e.Rule && about {
			n++
		}
	}
	return Check{Text: e.String(), Found: strconv.Itoa(n), Passed: n >= e.AtLeast && n <= e.AtMost}
}
