package netstack

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"flowlab/flow"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/waiter"
)

// Conn is one end of a TCP connection. It is a [net.Conn] as package net's is,
// with the same rules for deadlines and concurrent calls, and it knows the
// truth about its sender.
type Conn struct {
	host  *Host
	ep    tcpip.Endpoint
	queue *waiter.Queue
	tcp   *gonet.TCPConn // reads
	track *track
	local net.Addr
	peer  net.Addr

	writing       sync.Mutex // one Write at a time
	writeDeadline *deadline
	once          sync.Once
	closed        chan struct{}
}

var _ net.Conn = (*Conn)(nil)

// newConn makes the connection of an endpoint that is connected.
func (h *Host) newConn(ep tcpip.Endpoint, queue *waiter.Queue) *Conn {
	tuple, _ := endsOf(ep)
	t := h.tracks.get(tuple)
	if t == nil { // it was reset meanwhile
		t = h.newTrack(tuple)
	}
	t.bind(ep)
	c := &Conn{
		host:          h,
		ep:            ep,
		queue:         queue,
		tcp:           gonet.NewTCPConn(queue, ep),
		track:         t,
		local:         tcpAddr(tuple.Src.AddrPort()),
		peer:          tcpAddr(tuple.Dst.AddrPort()),
		writeDeadline: newDeadline(),
		closed:        make(chan struct{}),
	}
	over := func(waiter.EventMask) {
		t.tell(func(now flow.Time, truth *truth) { truth.end(now) })
		h.tracks.remove(tuple, t)
	}
	entry := waiter.NewFunctionEntry(waiter.EventHUp, over)
	queue.EventRegister(&entry)
	switch tcp.EndpointState(ep.State()) {
	case tcp.StateClose, tcp.StateError, tcp.StateTimeWait:
		over(waiter.EventHUp) // before it could be registered
	}
	h.applyWindow(ep)
	return c
}

// Read reads what has come, and waits for the first byte of it. Its error is
// [io.EOF] after the other side has finished.
func (c *Conn) Read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	n, err := c.tcp.Read(b)
	if err == nil || err == io.EOF && !c.isClosed() {
		return n, err
	}
	var timeout net.Error
	switch {
	case c.isClosed():
		err = net.ErrClosed
	case errors.As(err, &timeout) && timeout.Timeout():
		err = os.ErrDeadlineExceeded
	default:
		var op *net.OpError
		if errors.As(err, &op) {
			err = op.Err
		}
	}
	return n, c.fail("read", err)
}

// writeChunk is how many bytes the stack is given at a time, so that what it
// sends meanwhile is never far ahead of the account.
const writeChunk = 256 << 10

// Write sends b. It waits while the send buffer is full, and returns early,
// with the number of bytes taken, if the deadline passes, the connection is
// closed or fails.
func (c *Conn) Write(b []byte) (int, error) {
	c.writing.Lock()
	defer c.writing.Unlock()
	entry, room := waiter.NewChannelEntry(waiter.WritableEvents | waiter.EventErr | waiter.EventHUp)
	c.queue.EventRegister(&entry)
	defer c.queue.EventUnregister(&entry)
	written := 0
	for {
		select {
		case <-c.closed:
			return written, c.fail("write", net.ErrClosed)
		case <-c.writeDeadline.wait():
			return written, c.fail("write", os.ErrDeadlineExceeded)
		default:
		}
		if written == len(b) {
			return written, nil
		}
		n, err := c.offer(b[written:min(len(b), written+writeChunk)])
		written += n
		switch err.(type) {
		case nil:
		case *tcpip.ErrWouldBlock:
			c.await(room)
		default:
			return written, c.fail("write", errors.New(err.String()))
		}
	}
}

// offer gives bytes to the stack, which takes some or all of them and may send
// them at once.
func (c *Conn) offer(b []byte) (int, tcpip.Error) {
	c.track.tell(func(now flow.Time, truth *truth) { truth.ask(now, len(b)) })
	var left bytes.Reader
	left.Reset(b)
	n, err := c.ep.Write(&left, tcpip.WriteOptions{})
	if rest := len(b) - int(n); rest > 0 {
		c.track.tell(func(now flow.Time, truth *truth) { truth.refuse(now, rest) })
	}
	return int(n), err
}

// await waits for room in the send buffer, or for a reason to give up.
func (c *Conn) await(room <-chan struct{}) {
	c.track.tell(func(now flow.Time, truth *truth) { truth.block(now, true) })
	select {
	case <-room:
	case <-c.closed:
	case <-c.writeDeadline.wait():
	}
	c.track.tell(func(now flow.Time, truth *truth) { truth.block(now, false) })
}

// CloseWrite sends FIN after what was written; reading goes on.
func (c *Conn) CloseWrite() error {
	if err := c.ep.Shutdown(tcpip.ShutdownWrite); err != nil {
		return c.fail("close", errors.New(err.String()))
	}
	return nil
}

// Close ends the connection. What was written is still sent, by the stack, and
// waiting calls return [net.ErrClosed]. Closing twice is fine.
func (c *Conn) Close() error {
	c.once.Do(func() {
		close(c.closed)
		c.ep.Close()
		c.tcp.SetReadDeadline(time.Unix(1, 0)) // wakes a Read that waits
	})
	return nil
}

// SetNoDelay(false) turns Nagle's algorithm on (RFC 896, RFC 9293 3.7.4); it is
// off at first, as in package net.
func (c *Conn) SetNoDelay(noDelay bool) {
	c.track.tell(func(now flow.Time, truth *truth) { truth.setNagle(now, !noDelay) })
	c.ep.SocketOptions().SetDelayOption(!noDelay)
}

// Limits tells for how long this end's sender has been held by each cause, up
// to now: from the first SYN until its FIN was acknowledged, or the connection
// reset. now is an instant of the wire's clock; one before the last event of
// the connection counts as that.
func (c *Conn) Limits(now flow.Time) flow.Limits {
	c.track.mu.Lock()
	defer c.track.mu.Unlock()
	return c.track.truth.limitsAt(now)
}

// Blocked tells for how long writes have waited for room in the send buffer, in
// total.
func (c *Conn) Blocked() time.Duration {
	c.track.mu.Lock()
	defer c.track.mu.Unlock()
	return c.track.truth.blockedAt(c.host.wire.Now())
}

// ReceiveQueue tells how many bytes wait for the application to read them.
func (c *Conn) ReceiveQueue() int {
	n, err := c.ep.GetSockOptInt(tcpip.ReceiveQueueSizeOption)
	if err != nil {
		return 0 // closed: nothing can be read any more
	}
	return n
}

// LocalAddr is this end's address.
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr is the other end's address.
func (c *Conn) RemoteAddr() net.Addr { return c.peer }

// SetDeadline sets the read and the write deadline.
func (c *Conn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// SetReadDeadline makes reads that wait at t fail with
// [os.ErrDeadlineExceeded]; the zero time is never.
func (c *Conn) SetReadDeadline(t time.Time) error {
	if c.isClosed() {
		return c.fail("set", net.ErrClosed)
	}
	return c.tcp.SetReadDeadline(t)
}

// SetWriteDeadline does so for writes.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	if c.isClosed() {
		return c.fail("set", net.ErrClosed)
	}
	c.writeDeadline.set(t)
	return nil
}

func (c *Conn) isClosed() bool {
	select {
	case <-c.closed:
		return true
	default:
		return false
	}
}

func (c *Conn) fail(op string, err error) error {
	return &net.OpError{Op: op, Net: "tcp", Source: c.local, Addr: c.peer, Err: err}
}
