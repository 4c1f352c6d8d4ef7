package kernel

import (
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"flowlab/flow"
)

// Conn is one end of a TCP connection. It is a connection of package net that
// knows the truth about its sender.
type Conn struct {
	*net.TCPConn
	host  *Host
	raw   syscall.RawConn
	tuple flow.Tuple // of what it sends

	mu      sync.Mutex
	account account
	buffer  buffer
}

// newConn makes the connection of a socket that is connected, and was opened at
// an instant of the wire's clock.
func (h *Host) newConn(tcp *net.TCPConn, begun flow.Time) (*Conn, error) {
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nil, err
	}
	c := &Conn{TCPConn: tcp, host: h, raw: raw, tuple: flow.Tuple{
		Src: endpointOf(tcp.LocalAddr()), Dst: endpointOf(tcp.RemoteAddr()),
	}}
	c.account.open(begun, h.wire.Now())
	c.buffer.room = h.room
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.conns == nil {
		tcp.Close()
		return nil, net.ErrClosed
	}
	if err := c.setWindow(h.window); err != nil {
		tcp.Close()
		return nil, err
	}
	h.conns[c.tuple] = c
	return c, nil
}

func endpointOf(a net.Addr) flow.Endpoint {
	to := a.(*net.TCPAddr).AddrPort()
	return flow.EndpointOf(netip.AddrPortFrom(to.Addr().Unmap(), to.Port()))
}

func (c *Conn) setWindow(window int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.buffer.window = window
	return onDescriptor(c.raw, c.buffer.set)
}

// Read reads what has come; see [net.TCPConn].
func (c *Conn) Read(b []byte) (int, error) {
	if !c.host.delayed.Load() || len(b) == 0 {
		return c.TCPConn.Read(b)
	}
	// The kernel acknowledges what a reader has read, unless it takes the reader
	// for one that answers (ICSK_ACK_PUSHED in tcp_cleanup_rbuf). It stops
	// doing so once an ACK was delayed in vain: so it is told each time.
	var n int
	var err error
	failed := c.raw.Read(func(fd uintptr) bool {
		if err = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_QUICKACK, 0); err != nil {
			return true
		}
		for n, err = unix.Read(int(fd), b); err == unix.EINTR; n, err = unix.Read(int(fd), b) {
		}
		return err != unix.EAGAIN
	})
	switch {
	case failed != nil:
		return 0, failed
	case err != nil:
		return 0, &net.OpError{Op: "read", Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: os.NewSyscallError("read", err)}
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}

// Write sends b; see [net.TCPConn].
func (c *Conn) Write(b []byte) (int, error) {
	n, err := c.TCPConn.Write(b)
	c.note()
	return n, err
}

// SetNoDelay(false) turns Nagle's algorithm on (RFC 896, RFC 9293 3.7.4); it is
// off at first, as package net has it.
func (c *Conn) SetNoDelay(noDelay bool) {
	if c.TCPConn.SetNoDelay(noDelay) == nil {
		c.mu.Lock()
		c.account.nagle = !noDelay
		c.mu.Unlock()
		c.note()
	}
}

// Limits tells for how long this end's sender has been held by each cause, up to
// now, an instant of the wire's clock: from when it was dialed or accepted until
// its FIN was acknowledged, or the connection closed. See the package comment.
func (c *Conn) Limits(now flow.Time) flow.Limits {
	c.noteAt(now)
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.account.limits
}

// ReceiveQueue tells how many bytes wait for the application to read them.
func (c *Conn) ReceiveQueue() (bytes int) {
	_ = onDescriptor(c.raw, func(fd int) (err error) {
		bytes, err = unix.IoctlGetInt(fd, unix.SIOCINQ)
		return err
	}) // 0 once it is closed: nothing can be read any more
	return bytes
}

// Close ends the connection. What was written is still sent, as long as the host
// is there, and waiting calls return [net.ErrClosed].
func (c *Conn) Close() error {
	c.note()
	c.SetLinger(-1) // so that closing does not reset it
	return c.end()
}

// reset ends the connection at once.
func (c *Conn) reset() {
	c.note()
	c.end()
}

func (c *Conn) end() error {
	h := c.host
	h.mu.Lock()
	if h.conns[c.tuple] == c {
		delete(h.conns, c.tuple)
	}
	h.mu.Unlock()
	return c.TCPConn.Close()
}

// noteSent enters what the kernel says, unless it was asked a moment ago: most
// of what it sends it does when a packet came or the application wrote, and is
// asked then.
func (c *Conn) noteSent() {
	now := c.host.wire.Now()
	c.mu.Lock()
	lately := now.Sub(c.account.at) < time.Millisecond
	c.mu.Unlock()
	if !lately {
		c.noteAt(now)
	}
}

// note enters what the kernel says of the connection now.
func (c *Conn) note() { c.noteAt(c.host.wire.Now()) }

func (c *Conn) noteAt(now flow.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.account.over {
		return
	}
	_ = onDescriptor(c.raw, func(fd int) error {
		info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
		if err != nil {
			return err
		}
		c.account.note(now, sampleOf(info))
		return c.buffer.note(fd, info)
	}) // closed: what is known stays
}
