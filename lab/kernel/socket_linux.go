package kernel

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// Listener accepts connections to a port, on all of its host's addresses.
type Listener struct {
	*net.TCPListener
	host *Host
}

// Listen opens a port; 0 is any that is free. The error is a [*net.OpError],
// for example if the port is in use.
func (h *Host) Listen(port uint16) (*Listener, error) {
	config := net.ListenConfig{Control: h.control, KeepAlive: -1}
	config.SetMultipathTCP(false)
	var l net.Listener
	err := h.space.inside(func() (err error) {
		l, err = config.Listen(h.closed, "tcp", netip.AddrPortFrom(h.any(), port).String())
		return err
	})
	if err != nil {
		return nil, err
	}
	context.AfterFunc(h.closed, func() { l.Close() })
	return &Listener{l.(*net.TCPListener), h}, nil
}

// Accept waits for a connection, and returns it as a [*Conn]. After Close, or
// that of its host, the error is [net.ErrClosed].
func (l *Listener) Accept() (net.Conn, error) {
	c, err := l.TCPListener.AcceptTCP()
	if err != nil {
		return nil, err
	}
	conn, err := l.host.newConn(c, l.host.wire.Now())
	if err != nil {
		return nil, err
	}
	return conn, nil
}

// Dial opens a connection; it waits for the handshake. The error is a
// [*net.OpError]: of ctx if it ends before, or that the other side refuses the
// connection or does not answer, or that the host is closed meanwhile.
func (h *Host) Dial(ctx context.Context, to netip.AddrPort) (*Conn, error) {
	// Package net would end it by ctx's deadline a moment before ctx itself ends.
	dialing, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, cancel)()
	defer context.AfterFunc(h.closed, cancel)()
	dialer := net.Dialer{Control: h.control, KeepAlive: -1}
	dialer.SetMultipathTCP(false)
	begun := h.wire.Now()
	var c net.Conn
	err := h.space.inside(func() (err error) {
		c, err = dialer.DialContext(dialing, "tcp", to.String())
		return err
	})
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: net.TCPAddrFromAddrPort(to), Err: ctx.Err()}
	case err != nil:
		return nil, err
	}
	return h.newConn(c.(*net.TCPConn), begun)
}

// control sets up a socket before it connects or listens.
func (h *Host) control(_, _ string, c syscall.RawConn) error {
	return onDescriptor(c, func(fd int) error {
		// Whoever ends the process with a connection open resets it, and nothing
		// of it stays behind; see Conn.Close.
		linger := unix.Linger{Onoff: 1}
		return errors.Join(
			os.NewSyscallError("setsockopt", unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &linger)),
			os.NewSyscallError("setsockopt", unix.SetsockoptString(fd, unix.IPPROTO_TCP, unix.TCP_CONGESTION, h.options.CongestionControl)),
			os.NewSyscallError("setsockopt", unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUFFORCE, h.options.SendBuffer)),
		)
	})
}

// onDescriptor calls f with the descriptor of a socket or file.
func onDescriptor(c syscall.RawConn, f func(fd int) error) error {
	var err error
	if failed := c.Control(func(fd uintptr) { err = f(int(fd)) }); failed != nil {
		return failed
	}
	return err
}
