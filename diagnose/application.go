package diagnose

import (
	"flowlab/capture"
	"flowlab/flow"
	"flowlab/h2flow"
	"flowlab/tcpwin"
)

// application is what is read of a connection's payload. Most connections have none:
// it is made for the first payload that tells.
type application struct {
	*Reader
	http   *http          // nil until it is HTTP/2
	took   taken          // of the room that all connections have
	listed bool           // there
	shown  []h2flow.Event // by the latest segment
	waits  flow.Time      // since when keys are waited for; 0 if they are not
}

// beginApplication makes an application for the first payload that is read.
func (c *Connection) beginApplication(s *tcpwin.Segment, payload []byte) {
	own, peer := c.Directions[s.From].Account, c.Directions[s.From.Peer()].Account
	beginning := c.ledger.Handshake.Seen() && own.Bytes <= int64(s.Len) && peer.Bytes == 0
	c.application = &application{Reader: NewReader(c.keys, beginning, s, payload)}
	if peer.Started {
		c.application.streams[s.From.Peer()].Begin(peer.Next)
	}
}

// read enters the payload of a segment.
func (c *Connection) read(s *tcpwin.Segment, payload []byte, frame int) {
	a := c.application
	events := a.Read(s, payload)
	a.shown = events
	c.show(events, s.Time, frame)
	if c.room != nil {
		c.room.claim(c, s.Time, frame)
	}
	c.hold(s.Time)
}

// show takes in what was shown of HTTP/2.
func (c *Connection) show(events []h2flow.Event, t flow.Time, frame int) {
	a := c.application
	if a.http == nil {
		if a.h2.Protocol() != h2flow.HTTP2 {
			return
		}
		a.http = newHTTP(c)
	}
	for i := range c.Directions { // for the next segment: what this one shows is entered
		if d := &c.Directions[i]; !d.inbox.guess {
			a.h2.Ledger.Turn(d.From, d.inbox.turn, d.holder.slack)
		}
	}
	for i := range events {
		a.http.event(c, &events[i], frame)
	}
	for i := range c.Directions {
		a.http.partlySent(a.h2, flow.Side(i), c.Directions[i].known(t), frame)
	}
}

// shown is what the latest segment showed of HTTP/2.
func (c *Connection) shown() []h2flow.Event {
	if c.application == nil || c.application.http == nil {
		return nil
	}
	return c.application.shown
}

// HTTP2 is the ledger of a connection that speaks HTTP/2, nil of any other. It must not
// be changed, and is valid until the next packet.
func (c *Connection) HTTP2() *h2flow.Ledger {
	if c.application == nil || c.application.http == nil {
		return nil
	}
	return c.application.h2.Ledger
}

// advance lets time pass.
func (a *application) advance(c *Connection, now flow.Time) {
	if a.http == nil {
		return
	}
	for i := range c.Directions {
		a.http.arrive(c, flow.Side(i), c.Directions[i].known(now))
	}
	a.http.watch(c, now)
	a.http.limit.expire(&a.http.credits[flow.Client], c.Directions[flow.Client].known(now))
}

// end tells of what is under way that no more will come.
func (a *application) end(c *Connection, t flow.Time) {
	if a.http != nil {
		a.http.releaseAll(c, t)
	}
}

// payloadOf is what was kept of a segment's payload, if it is worth reading.
func (c *Connection) payloadOf(data []byte, s *tcpwin.Segment) []byte {
	if s.Len == 0 || c.application != nil && c.application.done {
		return nil
	}
	payload := capture.Payload(data, s)
	if c.application == nil && !Telling(payload) {
		return nil
	}
	return payload
}
