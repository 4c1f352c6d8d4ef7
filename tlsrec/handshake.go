package tlsrec

import (
	"fmt"

	"flowlab/flow"
)

// plainRecord reads a record from before the keys.
func (c *Conn) plainRecord(d *direction, h header, record []byte) outcome {
	body := record[headerLen:]
	if p, ok := c.begins(d, h, body); !ok {
		c.fail(d, p)
		return moved
	}
	switch h.typ {
	case typeHandshake:
		c.plainHandshake(d, body)
	case typeAlert:
		d.heed(c, body)
	case typeChangeCipherSpec:
		if !c.serverSeen && !c.retried {
			return stuck // what it means depends on the version
		}
		if c.server.version != VersionTLS13 {
			c.resumed = c.resumed || d.from == flow.Server && !c.done && !d.blind
			d.leave(handshake)
		}
	}
	if !d.opaque {
		d.use(len(record))
	}
	return moved
}

// begins tells whether a side may begin with such a record, if it does.
func (c *Conn) begins(d *direction, h header, body []byte) (Problem, bool) {
	if h.length > maxPlain {
		return Problem{Reason: Corrupt, Offset: d.pos, What: fmt.Sprintf("its length is %d", h.length)}, false
	}
	if d.pos > 0 {
		return Problem{}, true
	}
	hello := uint8(messageClientHello)
	if d.from == flow.Server {
		hello = messageServerHello
	}
	switch {
	case h.typ == typeAlert && len(body) == 2:
	case h.typ != typeHandshake, len(body) > 0 && body[0] != hello:
		return Problem{Reason: StartMissed, What: "first record has no hello"}, false
	}
	return Problem{}, true
}

// plainHandshake reads handshake messages from before the keys.
func (c *Conn) plainHandshake(d *direction, b []byte) {
	if d.from == flow.Client && c.clientSeen {
		c.again = true // a second hello says nothing new; the rest is not needed
		return
	}
	for !d.blind {
		msg, rest, ok, tooLong := d.messages.next(b)
		if tooLong {
			c.fail(d, Problem{Reason: Corrupt, Offset: d.pos, What: fmt.Sprintf("it has a message of more than %d bytes", maxMessage)})
		}
		if !ok {
			return
		}
		b = rest
		switch {
		case msg.typ == messageClientHello && d.from == flow.Client:
			c.client, c.clientSeen = c.hello(d, msg.body)
			c.agree()
			return
		case msg.typ == messageServerHello && d.from == flow.Server && !c.serverSeen:
			c.answer(d, msg.body)
		case msg.typ == messageServerHelloDone:
			c.done = true
		case !c.heard(d):
			c.fail(d, Problem{Reason: StartMissed, What: "first message is no hello"})
		}
		if d.opaque {
			return
		}
	}
}

func (c *Conn) hello(d *direction, body []byte) (clientHello, bool) {
	h, ok := readClientHello(body)
	if !ok {
		c.fail(d, Problem{Reason: Corrupt, Offset: d.pos, What: "its ClientHello is malformed"})
	}
	return h, ok
}

func (c *Conn) answer(d *direction, body []byte) {
	h, ok := readServerHello(body)
	switch {
	case !ok:
		c.fail(d, Problem{Reason: Corrupt, Offset: d.pos, What: "its ServerHello is malformed"})
	case h.retry:
		c.retried, c.server.version = true, h.version
	default:
		c.server, c.serverSeen = h, true
		c.agree()
	}
}

// agree is called after each hello, and concludes from both what can be read.
func (c *Conn) agree() {
	if !c.clientSeen || !c.serverSeen {
		return
	}
	p := Problem{}
	s, known := suites[c.server.suite]
	switch v := c.server.version; {
	case v != VersionTLS12 && v != VersionTLS13:
		p = Problem{Reason: UnsupportedVersion, What: v.String()}
	case c.server.compressed:
		p = Problem{Reason: Compressed}
	case !known || s.tls13 != (v == VersionTLS13):
		p = Problem{Reason: UnsupportedSuite, What: fmt.Sprintf("%v (%#04x)", c.server.suite, uint16(c.server.suite))}
	case c.keys == nil:
		p = Problem{Reason: NoKeyLog}
	default:
		c.suite = &s
		return
	}
	c.failBoth(p)
}

// sealedHandshake reads handshake messages that were encrypted.
func (c *Conn) sealedHandshake(d *direction, b []byte) {
	if !c.suite.tls13 {
		switch {
		case d.epoch == handshake:
			d.epoch = application // it is the Finished
		case len(b) > 0 && b[0] == messageClientHello:
			c.fail(d, Problem{Reason: Renegotiated, Offset: d.pos})
		}
		return
	}
	for !d.blind {
		msg, rest, ok, tooLong := d.messages.next(b)
		if tooLong {
			d.messages = messages{}
		}
		if !ok {
			return
		}
		b = rest
		switch {
		case msg.typ == messageEncryptedExtensions && d.epoch == handshake && d.from == flow.Server:
			if alpn, early, ok := readEncryptedExtensions(msg.body); ok {
				c.server.alpn = alpn
				if c.early = refused; early {
					c.early = accepted
				}
			}
		case msg.typ == messageEndOfEarlyData && d.epoch == early:
			d.leave(handshake)
			return
		case msg.typ == messageFinished && d.epoch == handshake:
			d.leave(application)
			return
		case msg.typ == messageKeyUpdate && d.epoch == application && msg.length == 1 && len(rest) == 0:
			// It ends its record (RFC 8446 5.1).
			if p, err := d.keys.update(c.suite); err == nil {
				d.install(application, p)
			}
			return
		}
	}
}
