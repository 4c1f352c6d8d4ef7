// What is shown, masked.

package mask

import (
	"slices"

	"flowlab/diagnose"
	"flowlab/diagnose/board"
)

// Snapshot returns a copy in which all addresses, names and paths are stand-ins.
func (m *Mask) Snapshot(s *board.Snapshot) *board.Snapshot {
	n := *s
	n.Rows = m.rows(s.Rows)
	if s.Chosen != nil {
		n.Chosen = m.View(s.Chosen)
	}
	return &n
}

// rows masks rows. Most of them were masked before, and have the same ends as then.
func (m *Mask) rows(rows []board.Row) []board.Row {
	masked := slices.Clone(rows)
	m.mu.Lock()
	before, masks := m.is, m.was
	m.mu.Unlock()
	at := 0 // in these two
	for i := range masked {
		r := &masked[i]
		for at < len(before) && before[at].Number < r.Number {
			at++
		}
		if at < len(before) && before[at].Number == r.Number && before[at].ID == r.ID {
			r.ID = masks[at].ID
		} else {
			r.ID = m.Conn(r.ID)
		}
	}
	m.mu.Lock()
	m.is, m.was = rows, masked
	m.mu.Unlock()
	return masked
}

// View returns a copy in which all addresses, names and paths are stand-ins.
func (m *Mask) View(v *diagnose.View) *diagnose.View {
	n := *v
	n.ID = m.Conn(v.ID)
	n.Layer.Name = m.Host(v.Layer.Name)
	if v.Layer.HTTP2 != nil {
		n.Layer.HTTP2 = m.http(v.Layer.HTTP2)
	}
	return &n
}

// http masks the paths.
func (m *Mask) http(h *diagnose.HTTPView) *diagnose.HTTPView {
	n := *h
	n.Streams = slices.Clone(h.Streams)
	for i := range n.Streams {
		n.Streams[i].Path = m.Path(n.Streams[i].Path)
	}
	for i := range n.Directions {
		m.holdings(&n.Directions[i].Holders)
	}
	n.Balances = slices.Clone(h.Balances)
	for i := range n.Balances {
		b := &n.Balances[i]
		b.Path = m.Path(b.Path)
		m.holdings(&b.Holders)
	}
	return &n
}

// holdings gives h a masked list of its own.
func (m *Mask) holdings(h *diagnose.Holdings) {
	h.Streams = slices.Clone(h.Streams)
	for i := range h.Streams {
		h.Streams[i].Path = m.Path(h.Streams[i].Path)
	}
}
