package nginx

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"flowlab/peers/story"
	"flowlab/tcpwin/endpoint"
)

// part is a transfer through nginx whose consumer reads nothing until the producer feels
// something, or has written all.
type part struct {
	path   string // of the request
	upload bool   // the client produces, not the origin
	total  int64  // bytes of the body

	client, origin net.Conn
	accepted       chan error // once the origin has its connection
	producer       *endpoint.Sender

	// What came of it.
	hidden    int64         // bytes of the body that are written and not read
	felt      bool          // the producer waits in a write
	took      time.Duration // until it did, or had written all
	at        places        // of what is hidden, if it did
	connected int64         // bytes that were written when nginx connected to the origin
	arrived   int64         // bytes of the body, in the end
	port      uint16        // of the client of the producer's connection
}

const (
	// feels is for how long a write has to take for the producer to feel something: longer
	// than a disk lets nginx wait.
	feels = 1500 * time.Millisecond
	look  = 20 * time.Millisecond
	// offered is how fast the producer writes, in bytes a second: not faster than is surely
	// captured.
	offered = 128 << 20
	piece   = 4 << 10 // bytes of a write; some of the one under way may be accepted
)

// run transfers.
func (p *part) run(ctx context.Context, s *story.Stage, front uint16, origins *net.TCPListener) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if err := p.request(ctx, front); err != nil {
		return err
	}
	defer p.client.Close()
	p.listen(ctx, s, origins)
	over := make(chan error, 1)
	if err := p.produce(ctx, over); err != nil {
		return err
	}
	if err := p.wait(ctx); err != nil {
		return err
	}
	if p.felt {
		var err error
		if p.at, err = p.find(front, uint16(origins.Addr().(*net.TCPAddr).Port)); err != nil {
			return err
		}
	}
	p.producer.SetChunk(64 << 10) // nothing more is measured
	if err := p.consume(ctx); err != nil {
		return err
	}
	return <-over
}

// request connects to nginx, and asks.
func (p *part) request(ctx context.Context, front uint16) error {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", front))
	if err != nil {
		return fmt.Errorf("connect to nginx: %w", err)
	}
	p.client = conn
	context.AfterFunc(ctx, func() { conn.Close() })
	if err := bound(conn); err != nil {
		return err
	}
	head := "GET " + p.path + " HTTP/1.1\r\nHost: origin\r\nConnection: close\r\n\r\n"
	if p.upload {
		head = fmt.Sprintf("POST %s HTTP/1.1\r\nHost: origin\r\nContent-Length: %d\r\nConnection: close\r\n\r\n", p.path, p.total)
	}
	if _, err := io.WriteString(conn, head); err != nil {
		return fmt.Errorf("ask nginx: %w", err)
	}
	return nil
}

// bound gives a connection buffers of a fixed size.
func bound(conn net.Conn) error {
	c := conn.(*net.TCPConn)
	if err := c.SetReadBuffer(socketBuffer); err != nil {
		return fmt.Errorf("set the receive buffer: %w", err)
	}
	if err := c.SetWriteBuffer(socketBuffer); err != nil {
		return fmt.Errorf("set the send buffer: %w", err)
	}
	return nil
}

// listen takes the connection of nginx to the origin, when it comes.
func (p *part) listen(ctx context.Context, s *story.Stage, origins *net.TCPListener) {
	p.accepted = make(chan error, 1)
	go func() {
		conn, err := origins.AcceptTCP()
		if err == nil {
			p.origin = conn
			s.AtEnd(func() { conn.Close() })
			context.AfterFunc(ctx, func() { conn.Close() })
			err = bound(conn)
		}
		p.accepted <- err
	}()
}

// produce starts the producer, at the client or at the origin.
func (p *part) produce(ctx context.Context, over chan<- error) error {
	from := p.client
	p.port = uint16(from.LocalAddr().(*net.TCPAddr).Port)
	if !p.upload {
		if err := <-p.accepted; err != nil {
			return fmt.Errorf("wait for nginx at the origin: %w", err)
		}
		from = p.origin
		p.port = uint16(from.RemoteAddr().(*net.TCPAddr).Port)
		if _, err := http.ReadRequest(bufio.NewReader(from)); err != nil {
			return fmt.Errorf("read the request at the origin: %w", err)
		}
		if _, err := fmt.Fprintf(from, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", p.total); err != nil {
			return fmt.Errorf("answer nginx: %w", err)
		}
	}
	// Without CloseWrite: nginx takes a client that half-closes for one that has gone.
	p.producer = endpoint.NewSender(struct{ net.Conn }{from}, offered, piece, p.total)
	go func() { over <- p.producer.Run(ctx) }()
	return nil
}

// wait waits until the producer feels something or has written all.
func (p *part) wait(ctx context.Context) error {
	begun := time.Now()
	accepted := p.accepted
	if !p.upload {
		accepted = nil
	}
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		sent := p.producer.Account()
		if p.felt = sent.Writing > feels; p.felt || sent.Written == p.total {
			p.hidden, p.took = sent.Written, time.Since(begun)-sent.Writing
			break
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-accepted:
			if err != nil {
				return fmt.Errorf("wait for nginx at the origin: %w", err)
			}
			p.connected, accepted = p.producer.Account().Written, nil
		case <-tick.C:
		}
	}
	if accepted == nil {
		return nil
	}
	if err := <-accepted; err != nil {
		return fmt.Errorf("wait for nginx at the origin: %w", err)
	}
	p.connected = p.producer.Account().Written
	return nil
}

// consume reads all of the body, at the origin or at the client.
func (p *part) consume(ctx context.Context) (err error) {
	if p.upload {
		request, err := http.ReadRequest(bufio.NewReader(p.origin))
		if err != nil {
			return fmt.Errorf("read the request at the origin: %w", err)
		}
		if p.arrived, err = io.Copy(io.Discard, request.Body); err != nil {
			return fmt.Errorf("read the body at the origin: %w", err)
		}
		if _, err := io.WriteString(p.origin, "HTTP/1.1 204 No Content\r\n\r\n"); err != nil {
			return fmt.Errorf("answer nginx: %w", err)
		}
	}
	answer, err := http.ReadResponse(bufio.NewReader(p.client), nil)
	if err != nil {
		return fmt.Errorf("read the answer of nginx: %w", err)
	}
	defer answer.Body.Close()
	n, err := io.Copy(io.Discard, answer.Body)
	if err != nil {
		return fmt.Errorf("read the body of the answer: %w", err)
	}
	p.arrived += n
	return ctx.Err()
}
