package diagnose

import (
	"flowlab/capture"
	"flowlab/diagnose/timeline"
	"flowlab/flow"
	"flowlab/tcpwin"
)

// Analysis joins the ledgers of the connections of a source that is watched
// while it lasts. It keeps every connection and its history. It is fed packets in
// the order in which they were captured, from one goroutine. For files, see
// [Bulk].
type Analysis struct {
	Packets int64 // all that were observed
	Skipped int64 // that hold no TCP segment
	Bytes   int64 // on the wire
	First   flow.Time
	Last    flow.Time

	// Settled, if set, is called for each stretch of time whose cause is
	// decided, in order for each direction. Set it before the first packet.
	Settled func(c *Connection, from flow.Side, i flow.Interval, cause flow.Cause, by flow.HeldBy)

	connections []*Connection
	table       table
	decoder     capture.Decoder
	segment     tcpwin.Segment
	events      []tcpwin.Event
}

// New returns an analysis that has seen nothing.
func New() *Analysis { return &Analysis{} }

// Connections returns all observations, in the order in which they began.
func (a *Analysis) Connections() []*Connection { return a.connections }

// Observed is what one packet brought. Segment and Events are valid until the
// next packet.
type Observed struct {
	Connection *Connection // nil if the packet holds no TCP segment
	Segment    *tcpwin.Segment
	Events     []tcpwin.Event
}

// Observe enters a packet of an interface with that link type.
func (a *Analysis) Observe(link capture.LinkType, p capture.Packet) Observed {
	a.Packets++
	a.Bytes += int64(p.Length)
	if a.Packets == 1 {
		a.First = p.Time
	}
	a.Last = p.Time
	s := &a.segment
	tuple, err := a.decoder.Decode(link, p.Data, p.Length, s)
	if err != nil {
		a.Skipped++
		return Observed{}
	}
	s.Time = p.Time
	hash := Hash(p.Interface, &tuple)
	e, from := a.table.lookup(hash, p.Interface, &tuple)
	switch {
	case e == nil:
		e, from = a.table.add(hash, p.Interface, &tuple, s)
	case e.renewed(from, s):
		from = e.renew(tuple, s)
	}
	if e.connection == nil {
		e.connection = a.begin(e)
	}
	s.From = from
	e.follow(s)
	a.events = e.connection.observe(s, int(a.Packets), a.events[:0])
	return Observed{Connection: e.connection, Segment: s, Events: a.events}
}

// begin makes the observation of a connection that begins, with its history.
func (a *Analysis) begin(e *entry) *Connection {
	c := new(Connection)
	c.begin(len(a.connections)+1, int(e.iface), e.id(), a.segment.Time)
	for i := range c.Directions {
		d := &c.Directions[i]
		d.Timeline = timeline.New(c.Start)
		if a.Settled != nil {
			d.settled = func(i flow.Interval, cause flow.Cause, by flow.HeldBy) {
				a.Settled(c, d.From, i, cause, by)
			}
		}
	}
	a.connections = append(a.connections, c)
	return c
}

// Advance lets time pass up to now without a packet.
func (a *Analysis) Advance(now flow.Time) {
	for _, c := range a.connections {
		c.advance(now)
	}
}

// End settles what is left when no more packets will come after t.
func (a *Analysis) End(t flow.Time) {
	for _, c := range a.connections {
		c.end(t)
	}
}
