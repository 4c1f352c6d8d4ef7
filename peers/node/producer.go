package node

import (
	"context"
	"fmt"
	"net"

	"flowlab/peers/story"
	"flowlab/tcpwin/endpoint"
)

// producer writes to the connection whose other end node has.
type producer struct {
	*endpoint.Sender
	conn net.Conn
	stop context.CancelFunc
	over chan error
}

// connect makes a connection that is watched, and starts node with one end of it and a
// producer with the other.
func connect(ctx context.Context, s *story.Stage, mode string) (*producer, *program, *story.Watched, error) {
	port, err := s.Port()
	if err != nil {
		return nil, nil, nil, err
	}
	watched, err := s.Watch("node", port)
	if err != nil {
		return nil, nil, nil, err
	}
	near, far, err := pair(ctx, port)
	if err != nil {
		return nil, nil, nil, err
	}
	s.AtEnd(func() { near.Close() })
	node, err := start(s, mode, far)
	if err != nil {
		return nil, nil, nil, err
	}
	if err := node.begun(ctx); err != nil {
		return nil, nil, nil, err
	}
	p := &producer{Sender: endpoint.NewSender(near, offered, 16<<10, 0), conn: near, over: make(chan error, 1)}
	ctx, p.stop = context.WithCancel(ctx)
	s.AtEnd(p.stop)
	go func() { p.over <- p.Run(ctx) }()
	return p, node, watched, nil
}

// pair returns both ends of a connection to a port.
func pair(ctx context.Context, port uint16) (near, far *net.TCPConn, err error) {
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: int(port)})
	if err != nil {
		return nil, nil, fmt.Errorf("listen for the producer: %w", err)
	}
	defer l.Close()
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", l.Addr().String())
	if err != nil {
		return nil, nil, fmt.Errorf("connect the producer: %w", err)
	}
	near = conn.(*net.TCPConn)
	if err := near.SetWriteBuffer(socketBuffer); err != nil {
		near.Close()
		return nil, nil, fmt.Errorf("set the send buffer: %w", err)
	}
	far, err = l.AcceptTCP()
	if err != nil {
		near.Close()
		return nil, nil, fmt.Errorf("accept the producer: %w", err)
	}
	return near, far, nil
}

// end stops the producer, and half-closes: all that it wrote is to be taken.
func (p *producer) end() error {
	p.stop()
	if err := <-p.over; err != nil {
		return err
	}
	return p.conn.(*net.TCPConn).CloseWrite()
}
