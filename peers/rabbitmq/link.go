// A link's credit, from the frames of its connection.

package rabbitmq

import (
	"net"
	"sync"
)

// link counts what a receiver allows and what it is sent, in AMQP 1.0's words: a sender may
// send up to the delivery-count plus the link-credit of the latest flow (2.6.7).
type link struct {
	mu        sync.Mutex
	begun     bool
	first     uint32 // delivery-count of the first flow
	allowed   uint32 // deliveries since then
	delivered uint32
	flows     int  // that gave credit
	beyond    bool // a delivery came without credit
	err       error
}

// tap returns a connection whose frames are counted as they are read and written.
func (l *link) tap(c net.Conn) net.Conn {
	return &tapped{
		Conn: c, link: l,
		sent: frames{say: l.flow}, received: frames{say: l.transfer},
	}
}

// flow is a flow of the receiver.
func (l *link) flow(p performative) {
	if p.code != flowCode || !p.hasCredit {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.begun {
		l.begun, l.first = true, p.deliveryCount
	}
	l.allowed = p.deliveryCount - l.first + p.credit // modulo 2^32, RFC 1982
	l.flows++
}

// transfer is one of the sender.
func (l *link) transfer(p performative) {
	if p.code != transferCode || p.more {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.delivered++
	l.beyond = l.beyond || int32(l.allowed-l.delivered) < 0
}

// count is what was seen up to now.
func (l *link) count() (allowed, delivered, flows int, beyond bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return int(l.allowed), int(l.delivered), l.flows, l.beyond
}

// unread is why frames are not read any more, nil if they are.
func (l *link) unread() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// failed notes that frames cannot be read.
func (l *link) failed(err error) {
	if err == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.err = err
}

// tapped is a connection with its frames told. A client has one reader and one writer.
type tapped struct {
	net.Conn
	link           *link
	sent, received frames
}

func (t *tapped) Read(p []byte) (int, error) {
	n, err := t.Conn.Read(p)
	t.received.feed(p[:n])
	t.link.failed(t.received.err)
	return n, err
}

// Write counts before it writes: what the other side does for it comes later.
func (t *tapped) Write(p []byte) (int, error) {
	t.sent.feed(p)
	t.link.failed(t.sent.err)
	return t.Conn.Write(p)
}
