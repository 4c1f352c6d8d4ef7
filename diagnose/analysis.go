package diagnose

import (
	"time"

	"flowlab/capture"
	"flowlab/diagnose/timeline"
	"flowlab/flow"
	"flowlab/h2flow"
	"flowlab/tcpwin"
	"flowlab/tlsrec"
)

// Analysis joins the ledgers of the connections of a source that is watched
// while it lasts. It is fed packets in the order in which they were captured,
// from one goroutine. For files, see [Bulk].
//
// That of [New] keeps every connection and its history. That of [NewEndless] is
// for a source that may go on for ever: it keeps no history, and forgets
// connections; see [Analysis.Sweep].
type Analysis struct {
	Packets int64 // all that were observed
	Skipped Skipped
	Bytes   int64 // on the wire
	First   flow.Time
	Last    flow.Time
	Late    int64 // segments of connections that had been forgotten
	Begun   int   // connections, ever

	// Settled, if set, is called for each stretch of time whose cause is
	// decided, in order for each direction. Set it before the first packet.
	Settled func(c *Connection, from flow.Side, i flow.Interval, cause flow.Cause, by flow.HeldBy)
	// Stalled, if set, is called with each stall that is over. Set it before the
	// first packet.
	Stalled func(c *Connection, from flow.Side, s Stall)
	// StreamStalled, if set, is called with each stall of an HTTP/2 stream that is
	// over. Set it before the first packet.
	StreamStalled func(c *Connection, from flow.Side, s StreamStall)
	// Keys are those of TLS, nil if there are none. Set it before the first packet.
	Keys *tlsrec.Keys
	// MinStall is how long a cause must hold a sender to be called a stall, 0
	// for [MinStall]. Set it before the first packet.
	MinStall time.Duration

	endless     *endless // nil if all is kept
	room        room
	connections []*Connection
	table       table
	decoder     capture.Decoder
	segment     tcpwin.Segment
	events      []tcpwin.Event
}

// New returns an analysis that has seen nothing.
func New() *Analysis { return &Analysis{} }

// Connections returns the observations that are kept, in the order in which they
// began. The slice is valid until the next call of another method.
func (a *Analysis) Connections() []*Connection { return a.connections }

// Observed is what one packet brought. Segment, Events and HTTP are valid until the
// next packet.
type Observed struct {
	Connection *Connection // nil if the packet holds no TCP segment, or a late one
	Segment    *tcpwin.Segment
	Events     []tcpwin.Event
	HTTP       []h2flow.Event // what the bytes that are in order now showed of HTTP/2
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
		a.Skipped.Count(err)
		return Observed{}
	}
	s.Time = p.Time
	e := a.entry(p.Interface, &tuple, s)
	if e == nil {
		a.Late++
		return Observed{}
	}
	was := e.over()
	e.follow(s)
	if a.endless != nil && !was && e.over() {
		a.endless.dies(e)
	}
	a.events = e.connection.observe(s, e.connection.payloadOf(p.Data, s), int(a.Packets), a.events[:0])
	return Observed{Connection: e.connection, Segment: s, Events: a.events, HTTP: e.connection.shown()}
}

// entry finds the connection of a segment, or begins it, and sets who sent the
// segment. It is nil if the connection was forgotten.
func (a *Analysis) entry(iface int, tuple *flow.Tuple, s *tcpwin.Segment) *entry {
	hash := Hash(iface, tuple)
	e, from := a.table.lookup(hash, iface, tuple)
	switch {
	case e == nil:
		if a.endless != nil && a.endless.late(hash, tuple, s) {
			return nil
		}
		e, from = a.table.add(hash, iface, tuple, s)
	case e.renewed(from, s):
		if a.endless != nil {
			a.handOn(e.connection, e.last)
		}
		from = e.renew(*tuple, s)
	}
	if e.connection == nil {
		e.connection = a.begin(e)
	}
	s.From = from
	return e
}

// begin makes the observation of a connection that begins.
func (a *Analysis) begin(e *entry) *Connection {
	a.Begun++
	c := a.endless.used()
	c.begin(a.Begun, int(e.iface), e.id(), a.segment.Time)
	c.keys, c.room = a.Keys, &a.room
	c.entry, e.observation = e.number, a.Begun
	c.impatient = a.endless != nil
	if a.StreamStalled != nil {
		c.streamOver = func(from flow.Side, s StreamStall) { a.StreamStalled(c, from, s) }
	}
	rules := Rules{MinStall: a.MinStall}
	for i := range c.Directions {
		d := &c.Directions[i]
		d.rules(&rules)
		if a.endless == nil {
			d.Timeline = timeline.New(c.Start)
		}
		if a.Settled != nil {
			d.settled = func(i flow.Interval, cause flow.Cause, by flow.HeldBy) {
				a.Settled(c, d.From, i, cause, by)
			}
		}
		if a.Stalled != nil {
			d.Stalls.over = func(s Stall) { a.Stalled(c, d.From, s) }
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

// End settles what is left when no more packets will come after t. Connections
// that are still kept by an endless analysis are handed on.
func (a *Analysis) End(t flow.Time) {
	for _, c := range a.connections {
		switch {
		case a.endless == nil:
			c.end(min(t, c.End.Add(unheard)))
		case c.kept(): // or another took its ends over, since it was last swept
			a.handOn(c, t)
		}
	}
	if a.endless != nil {
		a.connections = nil
	}
}
