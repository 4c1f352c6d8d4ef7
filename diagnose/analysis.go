package diagnose

import (
	"net/netip"

	"flowlab/capture"
	"flowlab/flow"
	"flowlab/tcpwin"
)

// Analysis joins the ledgers of all connections of a source. It is fed packets
// in the order in which they were captured, from one goroutine.
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
	open        map[key]*Connection
	segment     tcpwin.Segment
}

// key names an observation whichever way its packets go.
type key struct {
	iface    int
	low, top netip.AddrPort
}

func keyOf(iface int, t flow.Tuple) key {
	if t.Src.Compare(t.Dst) > 0 {
		t = t.Reverse()
	}
	return key{iface: iface, low: t.Src, top: t.Dst}
}

// New returns an analysis that has seen nothing.
func New() *Analysis { return &Analysis{open: map[key]*Connection{}} }

// Connections returns all observations, in the order in which they began.
func (a *Analysis) Connections() []*Connection { return a.connections }

// Observed is what one packet brought. Segment and Events are valid until the
// next packet.
type Observed struct {
	Connection *Connection // nil if the packet holds no TCP segment
	Segment    *tcpwin.Segment
	Events     []tcpwin.Event
}

// Observe enters a packet.
func (a *Analysis) Observe(p capture.Packet) Observed {
	a.Packets++
	a.Bytes += int64(p.Length)
	if a.Packets == 1 {
		a.First = p.Time
	}
	a.Last = p.Time
	s := &a.segment
	tuple, err := capture.DecodeIP(p.Data, p.Length, s)
	if err != nil {
		a.Skipped++
		return Observed{}
	}
	s.Time = p.Time
	c := a.connection(p.Interface, tuple)
	s.From = flow.Client
	if tuple.Src == c.ID.Server {
		s.From = flow.Server
	}
	return Observed{Connection: c, Segment: s, Events: c.observe(s, int(a.Packets))}
}

// connection finds the observation of a segment, or begins it.
func (a *Analysis) connection(iface int, t flow.Tuple) *Connection {
	k := keyOf(iface, t)
	reused := a.segment.Has(tcpwin.SYN) && !a.segment.Has(tcpwin.ACK)
	if c := a.open[k]; c != nil && !(reused && c.over()) {
		return c
	}
	c := newConnection(len(a.connections)+1, iface, ends(t, &a.segment), a.segment.Time)
	if a.Settled != nil {
		for _, d := range c.Directions {
			d.settled = func(i flow.Interval, cause flow.Cause, by flow.HeldBy) {
				a.Settled(c, d.From, i, cause, by)
			}
		}
	}
	a.open[k] = c
	a.connections = append(a.connections, c)
	return c
}

// ends tells who opened a connection by its first segment: who sent the SYN,
// else who has the higher port.
func ends(t flow.Tuple, s *tcpwin.Segment) flow.Conn {
	fromServer := s.Has(tcpwin.SYN) && s.Has(tcpwin.ACK) ||
		!s.Has(tcpwin.SYN) && t.Src.Port() < t.Dst.Port()
	if fromServer {
		t = t.Reverse()
	}
	return flow.Conn{Client: t.Src, Server: t.Dst}
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
