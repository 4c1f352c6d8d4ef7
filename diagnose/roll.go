package diagnose

import (
	"flowlab/flow"
	"flowlab/tcpwin"
)

// Roll tells which connection each segment belongs to, and what marks it bears,
// without asking what held anybody. It numbers connections in the order in which
// they began, from 1. The zero value is ready.
type Roll struct {
	table   table
	markers []tcpwin.Marker // by the number of the entry
	begun   int
}

// Enter enters a segment, sets its From, and returns the number and the ends of
// its connection and its marks.
func (r *Roll) Enter(iface int, tuple *flow.Tuple, s *tcpwin.Segment) (number int, id flow.Conn, marked tcpwin.Marked) {
	hash := Hash(iface, tuple)
	e, from := r.table.lookup(hash, iface, tuple)
	switch {
	case e == nil:
		e, from = r.table.add(hash, iface, tuple, s)
		r.markers = append(r.markers, tcpwin.Marker{})
		r.begin(e)
	case e.renewed(from, s):
		from = e.renew(*tuple, s)
		r.begin(e)
	}
	// Marks are of a pair of ends, whichever of them is the client now.
	if s.From = flow.Client; tuple.Src.Compare(tuple.Dst) > 0 {
		s.From = flow.Server
	}
	marked = r.markers[e.number].Observe(s)
	s.From = from
	e.follow(s)
	return e.observation, e.id(), marked
}

func (r *Roll) begin(e *entry) {
	r.begun++
	e.observation = r.begun
}
