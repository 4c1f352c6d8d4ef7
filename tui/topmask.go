// Stand-ins for the addresses of a host's sockets.

package tui

import (
	"flowlab/diagnose/mask"
	"flowlab/sockets/looks"
)

// topMask has stand-ins shown, if it is on.
type topMask struct {
	on     bool
	mask   *mask.Mask
	of     *looks.Snapshot // that was asked for last
	masked *looks.Snapshot
}

// show returns a snapshot as it is to be shown. The same one asked for again is the same.
func (m *topMask) show(s *looks.Snapshot) *looks.Snapshot {
	if !m.on {
		return s
	}
	if m.of != s {
		n := *s
		n.Rows = make([]looks.Row, len(s.Rows))
		for i, r := range s.Rows {
			who := *r.Who
			who.Local, who.Remote = m.mask.Endpoint(who.Local), m.mask.Endpoint(who.Remote)
			n.Rows[i] = looks.Row{Who: &who, Gauges: r.Gauges}
		}
		m.of, m.masked = s, &n
	}
	return m.masked
}

// mask shows stand-ins from now on, or no longer: each address has the same as before. What
// was typed may have addresses too, and is forgotten.
func (t *top) mask(on bool) {
	t.masks.on = on
	if t.masks.mask == nil {
		t.masks.mask = mask.New()
	}
	t.all.filter, t.all.mistake = looks.Filter{}, ""
	t.look()
	if t.one != nil {
		t.one.rename(t.snapshot)
	}
}
