package tlsrec

import "flowlab/flow"

// outcome is what came of an attempt to read on.
type outcome uint8

const (
	stuck    outcome = iota // more bytes, keys, or the other direction are needed
	moved                   // something was read
	produced                // and it is plaintext, in Conn.next
)

// step reads one record of a direction, or gets over what stands in its way. Only
// in the epochs of application data can it produce something: elsewhere it only
// moves.
func (c *Conn) step(d *direction) outcome {
	switch {
	case d.opaque, d.waiting && d.generation == c.keys.generation.Load():
		return stuck
	case d.skipTo > d.pos:
		return c.skip(d)
	case d.search.on:
		return c.searchOn(d)
	}
	b := d.ready()
	if d.pos == 0 && !couldBegin(b) {
		c.fail(d, Problem{Reason: NotTLS, What: "has no header of TLS"})
		return moved
	}
	if len(b) < headerLen {
		return c.short(d, b)
	}
	h := readHeader(b)
	if limit := c.maxBody(); !h.known() || h.length > limit {
		return c.malformed(d)
	}
	if len(b) < headerLen+h.length {
		return c.short(d, b)
	}
	return c.record(d, h, b[:headerLen+h.length])
}

// couldBegin tells whether the first bytes of a side, as far as they are there,
// could be those of a record.
func couldBegin(b []byte) bool {
	return (len(b) < 1 || b[0] >= typeChangeCipherSpec && b[0] <= typeApplicationData) && (len(b) < 2 || b[1] == 3)
}

// maxBody is the longest body that a record may have.
func (c *Conn) maxBody() int {
	if c.server.version == VersionTLS13 {
		return maxBody13
	}
	return maxBody12
}

// malformed handles a header that cannot be one. Where records were read before,
// a bit of a length was flipped, and their trace can be found again.
func (c *Conn) malformed(d *direction) outcome {
	p := Problem{Reason: Corrupt, From: d.from, Offset: d.pos, What: "it has no header of TLS"}
	switch {
	case d.pos == 0:
		p.Reason, p.What = NotTLS, "has no header of TLS"
		c.fail(d, p)
	case !d.opened || d.keys == nil:
		c.fail(d, p)
	default:
		d.problem = p
		from := d.pos
		if d.failures > 0 {
			from = d.failedAt
			d.keys.seq -= uint64(d.failures)
			d.failures = 0
		}
		c.lookFrom(d, from)
	}
	return moved
}

// short handles a record that is not there as a whole: it waits for the rest,
// unless that is missing.
func (c *Conn) short(d *direction, b []byte) outcome {
	if len(d.gaps) == 0 {
		return stuck
	}
	if !c.heard(d) {
		c.fail(d, Problem{Reason: StartMissed, Offset: d.gaps[0].at, What: "hello is missing"})
		return moved
	}
	if c.suite == nil {
		return stuck // how to go on depends on what the other side says
	}
	if len(b) >= headerLen {
		h := readHeader(b)
		end := d.pos + int64(headerLen+h.length)
		if g := d.gaps[0]; g.at+g.n <= end {
			// The gap is within the record: where the next one begins is known.
			if h.typ == typeApplicationData || d.epoch != plaintext {
				if o := c.prepare(d, h); o != ready {
					return o.outcome()
				}
			}
			d.missRecord()
			if d.skipTo = end; h.typ == typeChangeCipherSpec && !c.suite.tls13 {
				d.leave(handshake)
			}
			return moved
		}
	}
	c.lookFrom(d, d.pos)
	return moved
}

// skip passes over a record of which bytes are missing.
func (c *Conn) skip(d *direction) outcome {
	b := d.ready()
	if n := min(int64(len(b)), d.skipTo-d.pos); n > 0 {
		d.use(int(n))
		return moved
	}
	if len(d.gaps) == 0 {
		return stuck
	}
	end := d.skipTo
	d.cross()
	if d.pos > end {
		c.lookFrom(d, end) // more than that record is missing
	}
	return moved
}

// heard tells whether the hello of a side is read.
func (c *Conn) heard(d *direction) bool {
	if d.from == flow.Client {
		return c.clientSeen
	}
	return c.serverSeen
}

// record reads a record that is there as a whole.
func (c *Conn) record(d *direction, h header, record []byte) outcome {
	if d.epoch == plaintext && h.typ != typeApplicationData {
		return c.plainRecord(d, h, record)
	}
	if o := c.prepare(d, h); o != ready {
		if o == passOver {
			d.use(len(record))
		}
		return o.outcome()
	}
	return c.sealedRecord(d, h, record)
}

// sealedRecord opens a record and reads what is in it.
func (c *Conn) sealedRecord(d *direction, h header, record []byte) outcome {
	switch {
	case c.suite.tls13 && h.typ == typeChangeCipherSpec && h.length == 1: // it means nothing (RFC 8446 D.4)
		d.use(len(record))
		return moved
	case c.suite.tls13 && h.typ == typeAlert && h.length == 2 && !d.opened: // the handshake failed before it had keys
		d.heed(c, record[headerLen:])
		d.use(len(record))
		return moved
	case !c.suite.tls13 && h.typ == typeApplicationData && d.epoch == handshake:
		d.epoch = application // the Finished is missing
		return moved
	}
	content, typ, ok := c.opener.open(d.keys, d.keys.seq, record)
	if !ok {
		return c.unfit(d, record)
	}
	d.keys.succeeded(d.keys.seq, record)
	d.opened, d.seeking, d.failures = true, false, 0
	start := d.pos
	d.use(len(record))
	switch typ {
	case typeApplicationData:
		if len(content) == 0 || d.epoch == handshake {
			break
		}
		c.next = Plain{Data: content, Start: start, End: d.pos, Lost: d.lost, Early: d.epoch == early}
		d.lost = false
		return produced
	case typeHandshake:
		c.sealedHandshake(d, content)
	case typeAlert:
		d.heed(c, content)
	case typeChangeCipherSpec: // in TLS 1.2; in 1.3 there is none under keys
		c.fail(d, Problem{Reason: Renegotiated, Offset: start})
	default:
		d.problem = Problem{Reason: Corrupt, From: d.from, Offset: start, What: "it has no type of content"}
	}
	return moved
}

// heed notes an alert.
func (d *direction) heed(c *Conn, content []byte) {
	if a, ok := readAlert(c.server.version, content); ok {
		d.alert, d.alerted = a, true
	}
}
