package diagnose

import (
	"bytes"

	"flowlab/capture"
	"flowlab/flow"
	"flowlab/h2flow"
	"flowlab/tcpwin"
	"flowlab/tlsrec"
)

// application is what is read of a connection's payload: TLS, and HTTP/2. Most
// connections have none: it is made for the first payload that may be either.
type application struct {
	streams [2]tcpwin.Stream
	tls     *tlsrec.Conn // nil if it is not TLS
	h2      *h2flow.Conn
	events  []h2flow.Event
	http    *http // nil until it is HTTP/2
	done    bool  // nothing more is to be read
}

// Telling tells whether payload is worth reading: whether it may be the beginning of
// TLS, or of HTTP/2, or of a frame of it. One that is has the rest of its connection
// read too.
func Telling(payload []byte) bool {
	if len(payload) < 9 {
		return len(payload) > 0 && len(payload) < len(h2flow.Preface) && bytes.HasPrefix([]byte(h2flow.Preface), payload) && len(payload) > 2
	}
	switch {
	case payload[0] == 0x16 && payload[1] == 3: // a TLS handshake (RFC 8446 5.1)
		return true
	case bytes.HasPrefix(payload, []byte("PRI * HT")):
		return true
	case payload[0] >= 'A' && payload[0] <= 'Z':
		return bytes.Contains(payload, []byte("h2c"))
	}
	return h2flow.Plausible(payload)
}

// begin makes an application for the first payload that is read of a connection.
func (c *Connection) beginApplication(s *tcpwin.Segment, payload []byte) {
	a := &application{}
	own, peer := c.Directions[s.From].Account, c.Directions[s.From.Peer()].Account
	beginning := c.ledger.Handshake.Seen() && own.Bytes <= int64(s.Len) && peer.Bytes == 0
	a.streams[s.From].Begin(s.Seq)
	if peer.Started {
		a.streams[s.From.Peer()].Begin(peer.Next)
	}
	if yes, _ := tlsrec.Looks(payload); yes && s.From == flow.Client {
		a.tls = tlsrec.NewConn(c.keys)
	}
	a.h2 = h2flow.NewConn(beginning)
	c.application = a
}

// read enters the payload of a segment.
func (c *Connection) read(s *tcpwin.Segment, payload []byte, frame int) {
	a := c.application
	if a.done {
		return
	}
	own, peer := &a.streams[s.From], &a.streams[s.From.Peer()]
	if s.Len > 0 {
		own.Add(s.Seq, payload, s.Len)
	}
	if s.Has(tcpwin.FIN) {
		own.End(s.End().Add(-1))
	}
	c.drain(s.From, s.Time, frame)
	if s.Has(tcpwin.ACK) {
		peer.Acked(s.Ack, s.Time)
		c.drain(s.From.Peer(), s.Time, frame)
	}
	if a.over() {
		a.done, a.streams = true, [2]tcpwin.Stream{}
	}
}

// over tells whether no more can be read: it is no HTTP/2, or hidden by TLS.
func (a *application) over() bool {
	if a.tls != nil && a.tls.State(flow.Client) == tlsrec.Opaque && a.tls.State(flow.Server) == tlsrec.Opaque {
		return true
	}
	return a.h2.Protocol() == h2flow.Other
}

// drain reads what is in order.
func (c *Connection) drain(from flow.Side, t flow.Time, frame int) {
	a := c.application
	for {
		b, missing, ok := a.streams[from].Next(t)
		if !ok {
			return
		}
		if a.tls != nil {
			a.tls.Write(from, b)
			if missing > 0 {
				a.tls.Gap(from, int64(missing))
			}
			c.decrypt(t, frame)
			continue
		}
		a.events = a.h2.Observe(from, b, t, a.events[:0])
		if missing > 0 {
			a.events = a.h2.Miss(from, int64(missing), t, a.events)
		}
		c.enter(from, t, frame)
	}
}

// decrypt reads what TLS has of both directions.
func (c *Connection) decrypt(t flow.Time, frame int) {
	a := c.application
	for _, from := range []flow.Side{flow.Client, flow.Server} {
		for {
			p, ok := a.tls.Next(from)
			if !ok {
				break
			}
			a.events = a.events[:0]
			if p.Lost {
				a.events = a.h2.Miss(from, p.End-p.Start, t, a.events)
			}
			a.events = a.h2.Observe(from, p.Data, t, a.events)
			c.enter(from, t, frame)
		}
	}
}

// payloadOf is what was kept of a segment's payload, if it is worth reading.
func (c *Connection) payloadOf(data []byte, s *tcpwin.Segment) []byte {
	if s.Len == 0 {
		return nil
	}
	payload := capture.Payload(data, s)
	if c.application == nil && !Telling(payload) || c.application != nil && c.application.done {
		return nil
	}
	return payload
}
