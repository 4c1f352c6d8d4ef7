package history

import (
	"slices"
	"time"

	"flowlab/diagnose"
	"flowlab/flow"
)

// layer is what seldom changes above TCP, from a step on. It has no streams, and of the
// two directions only who has the credit. Where something lasts, its length grows.
type layer struct {
	step  int
	at    flow.Time
	view  diagnose.Layer
	grows []bool // of the two directions, the holders; then of the balances
}

// layerOf is what seldom changes at a moment.
func layerOf(step int, m *moment) layer {
	l := layer{step: step, at: m.at, view: m.layer}
	if h := m.layer.HTTP2; h != nil {
		own := *h
		own.Streams = nil
		for i := range own.Directions {
			own.Directions[i] = diagnose.HTTPDirection{Holders: h.Directions[i].Holders}
		}
		l.view.HTTP2 = &own
	}
	return l
}

func (l *layer) size() int {
	n := 200
	if h := l.view.HTTP2; h != nil {
		n += 1100 + 450*len(h.Balances) + 150*len(h.Violations)
	}
	return n
}

// layer notes it, if it is not what was to be expected.
func (w *writer) layer(step int, m *moment) {
	now := layerOf(step, m)
	if n := len(w.layers); n > 0 {
		latest := &w.layers[n-1]
		if expected := latest.after(m.at); like(&expected, &now.view) {
			w.was = now
			return
		}
		now.grow(&w.was)
	}
	w.layers = append(w.layers, now)
	w.was = now
}

// lengths are the times that may grow.
func lengths(h *diagnose.HTTPView) (list []*time.Duration) {
	for i := range h.Directions {
		list = append(list, &h.Directions[i].Holders.Time)
	}
	for i := range h.Balances {
		list = append(list, &h.Balances[i].For)
	}
	return list
}

// grow finds what grew since the step before.
func (l *layer) grow(was *layer) {
	if l.view.HTTP2 == nil || was.view.HTTP2 == nil || len(l.view.HTTP2.Balances) != len(was.view.HTTP2.Balances) {
		return
	}
	before := lengths(was.view.HTTP2)
	for i, p := range lengths(l.view.HTTP2) {
		l.grows = append(l.grows, *p-*before[i] == l.at.Sub(was.at))
	}
}

// after is the layer at a later time, if nothing but time passed.
func (l *layer) after(t flow.Time) diagnose.Layer {
	v := l.view
	if v.HTTP2 == nil || !slices.Contains(l.grows, true) {
		return v
	}
	h := *v.HTTP2
	h.Balances = slices.Clone(h.Balances)
	for i, p := range lengths(&h) {
		if l.grows[i] {
			*p += t.Sub(l.at)
		}
	}
	v.HTTP2 = &h
	return v
}

// like tells whether two layers say the same.
func like(a, b *diagnose.Layer) bool {
	x, y := a.HTTP2, b.HTTP2
	if a.TLS != b.TLS || a.Opaque != b.Opaque || a.Reason != b.Reason || a.ALPN != b.ALPN || a.Name != b.Name || (x == nil) != (y == nil) {
		return false
	}
	if x == nil {
		return true
	}
	for i := range x.Directions {
		m, n := &x.Directions[i].Holders, &y.Directions[i].Holders
		if m.Time != n.Time || m.Size != n.Size || m.Library != n.Library || !slices.Equal(m.Streams, n.Streams) ||
			x.Away[i].Frame != y.Away[i].Frame || x.Away[i].Above != y.Away[i].Above {
			return false
		}
	}
	return x.Broken == y.Broken && x.Refused == y.Refused && sameLimit(&x.Limit, &y.Limit) &&
		slices.EqualFunc(x.Balances, y.Balances, func(m, n diagnose.Balance) bool {
			return m.From == n.From && m.Stream == n.Stream && m.At == n.At && m.For == n.For && m.Cause == n.Cause && m.HeldBy == n.HeldBy
		})
}

func sameLimit(a, b *diagnose.StreamLimit) bool {
	return a.Reached == b.Reached && a.Freed == b.Freed && a.Followed == b.Followed && a.Waited == b.Waited && a.Lowered == b.Lowered && a.Frame == b.Frame
}
