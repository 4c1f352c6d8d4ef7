package tlsrec

import (
	"fmt"
	"slices"

	"flowlab/flow"
)

// MaxHeld is how many bytes a connection holds back, of both directions together,
// while it waits for keys, for the other direction, or to be asked for. What one
// Write brings may exceed it.
const MaxHeld = 1 << 20

// Conn reads one connection. The zero value is not usable: see [NewConn]. It is
// not safe for concurrent use.
type Conn struct {
	keys    *Keys
	secrets secrets // of the session, as far as the key log had them
	dirs    [2]direction

	client     clientHello
	server     serverHello
	clientSeen bool
	serverSeen bool
	retried    bool   // the server asked for another ClientHello
	again      bool   // and the client sent something after its first
	done       bool   // TLS 1.2: the server sent a ServerHelloDone
	resumed    bool   // TLS 1.2: and it did not
	suite      *suite // nil until both hellos are read
	early      answer // to 0-RTT data

	opener opener
	next   Plain
}

// answer is what a server answers to 0-RTT data.
type answer uint8

const (
	unanswered answer = iota
	accepted
	refused
)

// NewConn returns the reader of a connection that has seen nothing. Without a key
// log, which may be nil, it still tells what the hellos say.
func NewConn(k *Keys) *Conn {
	return &Conn{keys: k, dirs: [2]direction{{from: flow.Client}, {from: flow.Server}}}
}

// Plain is the plaintext of one record.
type Plain struct {
	Data []byte // never empty; valid until the next call of a method of the Conn

	// Start and End are where the record begins and ends among the bytes that
	// its side sent, from 0, gaps counted.
	Start, End int64

	Lost  bool // an unknown amount of plaintext is missing before Data
	Early bool // 0-RTT data (RFC 8446 2.3)
}

// Write enters the next bytes of a side, in their order. It copies what it must
// keep. After it, [Conn.Next] may have something of either direction.
func (c *Conn) Write(from flow.Side, b []byte) {
	d := &c.dirs[from]
	c.makeRoom()
	if d.opaque {
		d.pos = min(d.pos+int64(len(b)), maxOffset)
		return
	}
	if int64(len(b)) > maxOffset-d.end() {
		return
	}
	d.keep(b)
	c.settle()
}

// Gap says that the next n bytes of a side are missing.
func (c *Conn) Gap(from flow.Side, n int64) {
	d := &c.dirs[from]
	if d.opaque {
		d.pos += min(max(n, 0), maxOffset-d.pos)
		return
	}
	d.miss(n)
	c.settle()
	if len(d.gaps) > maxGaps {
		c.fail(d, Problem{Reason: TooMuchHeld, What: fmt.Sprintf("more than %d gaps", maxGaps)})
	}
}

// Next returns the next plaintext of the application that a side sent. It is to
// be called until it has no more, for both sides: after a Write or a Gap of
// either, and after the key log has grown.
func (c *Conn) Next(from flow.Side) (Plain, bool) {
	c.settle()
	for d := &c.dirs[from]; ; {
		switch c.step(d) {
		case produced:
			return c.next, true
		case stuck:
			if !c.settle() {
				return Plain{}, false
			}
		}
	}
}

// State returns how far the reading of what a side sends has come.
func (c *Conn) State(from flow.Side) State {
	d := &c.dirs[from]
	switch {
	case d.opaque:
		return Opaque
	case d.waiting:
		return WaitingForKeys
	case (d.epoch == application || d.epoch == early) && d.keys != nil && !d.seeking:
		return Decrypting
	}
	return Handshaking
}

// Problem returns why what a side sends is not read; of a direction that is read,
// the last thing that was wrong with it, if anything was.
func (c *Conn) Problem(from flow.Side) Problem { return c.dirs[from].problem }

// StopWaiting ends the waiting for keys: a direction that waits is [Opaque] from now on,
// and its Problem stays what it waited for.
func (c *Conn) StopWaiting() {
	for i := range c.dirs {
		if d := &c.dirs[i]; d.waiting {
			d.fail(d.problem)
		}
	}
}

// Alert returns the last alert that a side sent. In a direction that is not read
// alerts cannot be seen, except before the keys are agreed.
func (c *Conn) Alert(from flow.Side) (Alert, bool) {
	d := &c.dirs[from]
	return d.alert, d.alerted
}

// Version returns the version that was agreed, 0 before.
func (c *Conn) Version() Version { return c.server.version }

// Suite returns the suite that was agreed, 0 before.
func (c *Conn) Suite() Suite { return c.server.suite }

// ServerName returns the name that the client asks for (RFC 6066 3), or nothing.
func (c *Conn) ServerName() string { return c.client.serverName }

// ALPN returns the protocol that the server selected (RFC 7301), or nothing. In
// TLS 1.3 it is encrypted: known only if the server's handshake is decrypted.
func (c *Conn) ALPN() string { return c.server.alpn }

// OfferedALPN returns the protocols that the client offers.
func (c *Conn) OfferedALPN() []string { return slices.Clone(c.client.alpn) }

// Resumed tells whether the session goes on from an earlier one, or in TLS 1.3
// from any pre-shared key. In TLS 1.2 it is known when the server changes keys.
func (c *Conn) Resumed() bool { return c.server.psk || c.resumed }

// Session returns the random of the ClientHello, by which a key log names the
// session, and whether it was seen.
func (c *Conn) Session() (random [32]byte, ok bool) { return c.client.random, c.clientSeen }

// settle reads on, in both directions, what belongs to the handshake: what comes
// after it is read when it is asked for. It tells whether there was anything.
func (c *Conn) settle() (any bool) {
	for again := true; again; {
		again = false
		for i := range c.dirs {
			d := &c.dirs[i]
			for (d.epoch == plaintext || d.epoch == handshake) && c.step(d) == moved {
				again, any = true, true
			}
		}
	}
	return any
}

// makeRoom gives up the direction that holds back more, if it is too much.
func (c *Conn) makeRoom() {
	held := c.dirs[0].held() + c.dirs[1].held()
	if held <= MaxHeld {
		return
	}
	d := &c.dirs[flow.Client]
	if c.dirs[flow.Server].held() > d.held() {
		d = &c.dirs[flow.Server]
	}
	what := "they were not asked for"
	switch {
	case d.waiting && held <= 2*MaxHeld && d.generation != c.keys.generation.Load():
		return // the keys may have come since it was asked for what it has
	case d.waiting:
		what = d.problem.String()
	case c.suite == nil:
		what = "the hello of the other side did not come"
	case d.epoch == plaintext:
		what = "the server's answer to 0-RTT data is not known"
	}
	c.fail(d, Problem{Reason: TooMuchHeld, What: fmt.Sprintf("more than %d bytes, as %s", MaxHeld, what)})
}

// Held is how many bytes are held back.
func (c *Conn) Held() int { return c.dirs[0].held() + c.dirs[1].held() }

// GiveUp lets go of what is held back; nothing more of the connection is read. Why is
// said in a few words.
func (c *Conn) GiveUp(why string) { c.failBoth(Problem{Reason: TooMuchHeld, What: why}) }

// fail gives up a direction; before the keys are agreed, both.
func (c *Conn) fail(d *direction, p Problem) {
	p.From = d.from
	if c.suite == nil {
		c.failBoth(p)
		return
	}
	d.fail(p)
}

func (c *Conn) failBoth(p Problem) {
	for i := range c.dirs {
		c.dirs[i].fail(p)
	}
}

func (d *direction) fail(p Problem) {
	if d.opaque {
		return
	}
	d.opaque, d.waiting, d.problem = true, false, p
	d.drop()
}
