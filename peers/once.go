package peers

import (
	"net"
	"sync"
)

// Once returns a listener that accepts one connection, which is there already, and none
// after it until it is closed.
func Once(c net.Conn) net.Listener {
	l := &once{conns: make(chan net.Conn, 1), addr: c.LocalAddr(), closed: make(chan struct{})}
	l.close = sync.OnceFunc(func() { close(l.closed) })
	l.conns <- c
	return l
}

type once struct {
	conns  chan net.Conn
	addr   net.Addr
	closed chan struct{}
	close  func()
}

func (l *once) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *once) Close() error {
	l.close()
	return nil
}

func (l *once) Addr() net.Addr { return l.addr }
