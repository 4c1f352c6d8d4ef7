package tlsrec

import (
	"fmt"

	"flowlab/flow"
)

// readiness is whether a sealed record can be opened.
type readiness uint8

const (
	ready    readiness = iota
	notYet             // keys or the other direction are needed
	again              // something changed: look again
	passOver           // nobody reads the record
)

func (r readiness) outcome() outcome {
	if r == notYet {
		return stuck
	}
	return moved
}

// prepare sees to it that a direction has the keys for a sealed record.
func (c *Conn) prepare(d *direction, h header) readiness {
	if d.epoch == plaintext {
		return c.begin(d)
	}
	e := d.epoch
	switch {
	case d.keys != nil:
		return ready
	case c.suite == nil: // the server's bytes came before the client's hello
		return notYet
	case !c.enter(d) && !d.opaque:
		return notYet
	case d.opaque, d.epoch != e:
		return again
	}
	return ready
}

// begin leaves the plaintext in TLS 1.3, which the first encrypted record does.
// What that of a client is depends on whether it announced 0-RTT data and what
// the server answered (RFC 8446 4.2.10).
func (c *Conn) begin(d *direction) readiness {
	if d.from == flow.Client && c.retried && !c.again {
		return passOver // 0-RTT data from before a second hello are refused
	}
	switch {
	case d.pos == 0 || !c.heard(d) && !(d.from == flow.Server && c.retried):
		c.fail(d, Problem{Reason: StartMissed, Offset: d.pos, What: "first record has no hello"})
		return again
	case c.suite == nil:
		return notYet
	case !c.suite.tls13:
		c.fail(d, Problem{Reason: Corrupt, Offset: d.pos, What: "it has application data before ChangeCipherSpec"})
		return again
	case d.from == flow.Server || !c.client.early || c.retried:
		d.leave(handshake)
		return again
	}
	// A key log that has a secret of the application has all that it will ever
	// have of the handshake.
	server := &c.dirs[flow.Server]
	unknown := server.opaque || server.blind || server.seeking || server.epoch == application ||
		server.waiting && c.secrets[clientTraffic] != ""
	switch {
	case c.early == refused || !c.server.firstPSK:
		d.leave(handshake)
		d.rejected = true
	case c.early == accepted:
		d.leave(early)
	case unknown:
		// The answer cannot be read. If the data were refused, the keys of the
		// handshake will fit where they end.
		d.leave(early)
	default:
		return notYet
	}
	return again
}

// enter gives a direction the keys of its epoch. If the key log has no secret of
// it but one of a later epoch, it never will: then what is in between is passed
// over.
func (c *Conn) enter(d *direction) bool {
	if !c.lookUp(d) {
		return false
	}
	if !c.suite.tls13 {
		if c.secrets[masterSecret] == "" {
			return c.wait(d, masterSecret)
		}
		p, err := protect12(c.suite, c.secrets[masterSecret], &c.client.random, &c.server.random, d.from)
		if err != nil {
			c.fail(d, Problem{Reason: WrongKeys, Offset: d.pos, What: err.Error()})
			return false
		}
		c.arrived(d)
		d.install(d.epoch, p)
		return true
	}
	for e := d.epoch; e <= application; e++ {
		which := labelFor(d.from, e)
		secret := c.secrets[which]
		if secret == "" {
			continue
		}
		if len(secret) != c.suite.hashLen() {
			c.fail(d, Problem{Reason: WrongKeys, Offset: d.pos,
				What: fmt.Sprintf("needs a secret of %d bytes, and %v has %d", c.suite.hashLen(), which, len(secret))})
			return false
		}
		p, err := protect13(c.suite, secret)
		if err != nil {
			c.fail(d, Problem{Reason: WrongKeys, Offset: d.pos, What: err.Error()})
			return false
		}
		c.arrived(d)
		if e != d.epoch {
			d.problem = Problem{Reason: NoSecret, From: d.from, Offset: d.pos, What: labelFor(d.from, d.epoch).String()}
			d.lost = d.lost || d.epoch == early
			d.seeking = true
		}
		d.seeking = d.seeking || d.rejected
		d.rejected = false
		d.install(e, p)
		return true
	}
	return c.wait(d, labelFor(d.from, d.epoch))
}

// lookUp asks the key log for the secrets of the session, unless it had not grown
// since that brought nothing.
func (c *Conn) lookUp(d *direction) bool {
	generation := c.keys.generation.Load()
	if d.waiting && generation == d.generation {
		return false
	}
	d.generation = generation
	for i, s := range c.keys.find(&c.client.random) {
		if s != "" { // what was there once holds, even if the key log forgot it
			c.secrets[i] = s
		}
	}
	return true
}

// wait notes that a direction lacks a secret.
func (c *Conn) wait(d *direction, which label) bool {
	d.waiting = true
	d.problem = Problem{Reason: NoSecret, From: d.from, Offset: d.pos, What: which.String()}
	if c.secrets == (secrets{}) {
		d.problem = Problem{Reason: NoKeys, From: d.from, Offset: d.pos}
	}
	return false
}

// arrived notes that what a direction waited for is there.
func (c *Conn) arrived(d *direction) {
	if d.waiting {
		d.waiting, d.problem = false, Problem{}
	}
}

// maxFailures is how many records in a row may not authenticate.
const maxFailures = 4

// maxPassed bounds the records that are passed over because they may be of
// another epoch.
const maxPassed = 4096

// unfit handles a record that does not open.
func (c *Conn) unfit(d *direction, record []byte) outcome {
	p := Problem{Reason: WrongKeys, From: d.from, Offset: d.pos, Record: d.keys.seq, What: "does not authenticate"}
	if d.seeking {
		if d.passed++; d.passed > maxPassed {
			c.fail(d, p)
			return moved
		}
		d.use(len(record))
		return moved
	}
	// A record that is lost may have been the last under its keys.
	if d.failures > 0 || d.blind || d.epoch == early {
		switch c.tryLater(d, record) {
		case ready:
			return moved
		case notYet:
			return stuck
		}
	}
	if !d.opened {
		c.fail(d, p)
		return moved
	}
	if d.keys.opened > 0 {
		p.Reason = Corrupt
	}
	d.missRecord()
	if d.failures > maxFailures {
		c.fail(d, p)
		return moved
	}
	p.Reason = Corrupt
	d.problem = p
	d.use(len(record))
	return moved
}

// tryLater tries whether a record is one of a later epoch.
func (c *Conn) tryLater(d *direction, record []byte) readiness {
	all, complete := c.later(d)
	for _, k := range all {
		for seq := uint64(0); seq <= uint64(d.failures); seq++ {
			if _, _, ok := c.opener.open(k.keys, seq, record); ok {
				c.arrived(d)
				c.goOn(d, k, seq)
				return ready
			}
		}
	}
	if !complete {
		return notYet
	}
	return again
}

// goOn goes on in an epoch, with a record of that number, after others were lost.
func (c *Conn) goOn(d *direction, k keyed, seq uint64) {
	d.install(k.epoch, k.keys)
	d.keys.seq = seq
	d.seeking, d.failures, d.messages = false, 0, messages{}
	d.blind = k.epoch == handshake && seq > 0
}

// keyed is an epoch with its keys.
type keyed struct {
	epoch epoch
	keys  *protection
}

// later returns the keys that may follow those of a direction. It is not complete
// while the key log lacks the last of them.
func (c *Conn) later(d *direction) (all []keyed, complete bool) {
	if !c.suite.tls13 {
		if d.keys == nil && c.enter(d) {
			all = append(all, keyed{handshake, d.keys})
			d.keys = nil
		}
		return all, !d.waiting
	}
	if d.epoch == application {
		if d.keys == nil && !c.enter(d) {
			return nil, !d.waiting
		}
		p, err := d.keys.update(c.suite)
		if err == nil {
			all = append(all, keyed{application, p})
		}
		return all, true
	}
	c.lookUp(d)
	from := d.epoch + 1
	if d.epoch == plaintext && (d.from == flow.Server || !c.client.early || c.early == refused || c.retried) {
		from = handshake
	}
	for e := from; e <= application; e++ {
		secret := c.secrets[labelFor(d.from, e)]
		if len(secret) != c.suite.hashLen() {
			continue
		}
		if p, err := protect13(c.suite, secret); err == nil {
			all = append(all, keyed{e, p})
			complete = e == application
		}
	}
	if !complete {
		c.wait(d, labelFor(d.from, application))
	}
	return all, complete
}
