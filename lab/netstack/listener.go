package netstack

import (
	"errors"
	"net"
	"net/netip"
	"sync"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/waiter"
)

// Listener accepts connections to a port, on all of its host's addresses.
type Listener struct {
	host  *Host
	ep    tcpip.Endpoint
	queue *waiter.Queue
	addr  netip.AddrPort
	once  sync.Once
	done  chan struct{}
}

var _ net.Listener = (*Listener)(nil)

// backlog is how many connections may wait to be accepted.
const backlog = 4096

// Listen opens a port; 0 is any that is free. The error is a [*net.OpError],
// for example if the port is in use.
func (h *Host) Listen(port uint16) (*Listener, error) {
	// A socket for IPv6 takes IPv4 connections too.
	protocol, any := h.first, netip.IPv4Unspecified()
	if h.both {
		protocol = header.IPv6ProtocolNumber
	}
	if protocol == header.IPv6ProtocolNumber {
		any = netip.IPv6Unspecified()
	}
	addr := netip.AddrPortFrom(any, port)
	fail := func(err tcpip.Error) (*Listener, error) {
		return nil, &net.OpError{Op: "listen", Net: "tcp", Addr: tcpAddr(addr), Err: errors.New(err.String())}
	}
	queue := new(waiter.Queue)
	ep, err := h.stack.NewEndpoint(tcp.ProtocolNumber, protocol, queue)
	if err != nil {
		return fail(err)
	}
	if err := ep.Bind(tcpip.FullAddress{Port: port}); err != nil {
		ep.Close()
		return fail(err)
	}
	if err := ep.Listen(backlog); err != nil {
		ep.Close()
		return fail(err)
	}
	if local, err := ep.GetLocalAddress(); err == nil {
		addr = netip.AddrPortFrom(any, local.Port)
	}
	return &Listener{host: h, ep: ep, queue: queue, addr: addr, done: make(chan struct{})}, nil
}

// Accept waits for a connection, and returns it as a [*Conn]. After Close the
// error is [net.ErrClosed].
func (l *Listener) Accept() (net.Conn, error) {
	entry, ready := waiter.NewChannelEntry(waiter.ReadableEvents | waiter.EventHUp | waiter.EventErr)
	l.queue.EventRegister(&entry)
	defer l.queue.EventUnregister(&entry)
	for {
		select {
		case <-l.done:
			return nil, l.fail(net.ErrClosed)
		default:
		}
		ep, queue, err := l.ep.Accept(nil)
		switch err.(type) {
		case nil:
			return l.host.newConn(ep, queue), nil
		case *tcpip.ErrWouldBlock:
		default:
			return nil, l.fail(errors.New(err.String()))
		}
		select {
		case <-ready:
		case <-l.done:
		}
	}
}

func (l *Listener) fail(err error) error {
	return &net.OpError{Op: "accept", Net: "tcp", Addr: l.Addr(), Err: err}
}

// Close stops listening. Connections that were accepted stay open; those that
// were not are reset.
func (l *Listener) Close() error {
	l.once.Do(func() {
		close(l.done)
		l.ep.Close()
	})
	return nil
}

// Addr is the port, on the unspecified address.
func (l *Listener) Addr() net.Addr { return tcpAddr(l.addr) }
