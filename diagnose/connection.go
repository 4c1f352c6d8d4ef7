package diagnose

import (
	"time"

	"flowlab/flow"
	"flowlab/tcpwin"
	"flowlab/tlsrec"
)

// Connection is one observation: a connection as it was seen at one interface.
type Connection struct {
	Number     int // from 1, in the order in which they were seen
	Interface  int
	ID         flow.Conn
	Start, End flow.Time // of the first and the latest packet
	Directions [2]Direction

	ledger      tcpwin.Ledger
	keys        *tlsrec.Keys
	room        *room
	application *application                        // nil where the payload is not read
	impatient   bool                                // keys are waited for only so long
	streamOver  func(from flow.Side, s StreamStall) // told of each stall of a stream that is over, if set
	entry       uint32                              // its number in an endless analysis
}

// begin makes c, new or used for a connection before, the observation of one
// that begins.
func (c *Connection) begin(number, iface int, id flow.Conn, start flow.Time) {
	c.Number, c.Interface, c.ID, c.Start, c.End = number, iface, id, start, start
	c.ledger, c.application, c.streamOver = tcpwin.NewLedger(), nil, nil
	for _, s := range []flow.Side{flow.Client, flow.Server} {
		c.Directions[s].begin(s, c.ledger.Account(s), start)
	}
}

// Handshake returns when the three segments of the handshake passed.
func (c *Connection) Handshake() tcpwin.Handshake { return c.ledger.Handshake }

// RTT is the round trip between the two ends, whatever the point of
// observation: of the handshake if it was seen, else the sum of the least that
// was measured to each side. It is zero where nothing was measured.
func (c *Connection) RTT() time.Duration {
	if h := c.ledger.Handshake; h.Seen() {
		return h.RTT()
	}
	return c.Directions[0].Account.RTT.Min + c.Directions[1].Account.RTT.Min
}

// observe enters a segment, with its payload if that is read, and appends the events that it raises to events.
func (c *Connection) observe(s *tcpwin.Segment, payload []byte, frame int, events []tcpwin.Event) []tcpwin.Event {
	c.End = max(c.End, s.Time)
	if c.application != nil {
		c.application.advance(c, s.Time)
	}
	wasSeen := c.ledger.Handshake.Seen()
	events = c.ledger.Observe(s, events)
	own, peer := &c.Directions[s.From], &c.Directions[s.From.Peer()]
	own.sent(s, events, frame)
	if s.Has(tcpwin.ACK) {
		peer.heard(s, frame)
	}
	if !wasSeen && c.ledger.Handshake.Seen() {
		c.established(s.Time)
	}
	peer.advance(s.Time)
	if s.Has(tcpwin.RST) {
		own.holder.end(s.Time)
		peer.holder.end(s.Time)
	}
	if c.application == nil && payload != nil {
		c.beginApplication(s, payload)
	}
	if c.application != nil {
		c.read(s, payload, frame)
	}
	own.sample(s.Time)
	peer.sample(s.Time)
	for _, e := range events {
		c.Directions[e.From].raised(e)
	}
	return events
}

// established tells both directions that the handshake is done, how far each
// sender is from the point of observation, and so by how much to shift what it
// did. What reacts to an ACK at once still takes a little: the slack.
func (c *Connection) established(t flow.Time) {
	h := c.ledger.Handshake
	for i := range c.Directions {
		d := &c.Directions[i]
		turn := h.Turn(d.From)
		d.inbox.turn, d.inbox.guess = turn, false
		d.shift = turn / 2
		d.holder.rtt, d.holder.turn = h.RTT(), turn
		d.holder.slack = 300*time.Microsecond + turn/64
		d.holder.established(t)
	}
}

// advance lets time pass without a packet.
func (c *Connection) advance(now flow.Time) {
	if c.application != nil {
		c.application.advance(c, now)
	}
	for i := range c.Directions {
		d := &c.Directions[i]
		d.advance(now)
	}
}

// end settles what is left when no more packets will come.
func (c *Connection) end(t flow.Time) {
	if c.application != nil {
		c.application.advance(c, t)
		c.application.end(c, t)
	}
	for i := range c.Directions {
		d := &c.Directions[i]
		d.inbox.flush(t)
		d.holder.end(t)
		if d.credit != nil {
			d.credit.finish()
		}
		d.Stalls.finish()
	}
	if c.application != nil && c.application.http != nil {
		c.application.http.finish(t)
	}
}
