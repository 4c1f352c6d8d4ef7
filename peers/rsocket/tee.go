package rsocket

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
)

// tee passes connections on to a server, and reads their frames before it does.
type tee struct {
	listener net.Listener
	server   string
	working  sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	conns   []net.Conn
	credits *Credits // of the latest connection
	err     error    // the first thing that went wrong
}

// newTee listens on a port.
func newTee(port uint16, server string) (*tee, error) {
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return nil, fmt.Errorf("listen between client and server: %w", err)
	}
	t := &tee{listener: l, server: server, credits: NewCredits()}
	t.working.Go(t.accept)
	return t, nil
}

// accept takes one connection after the other.
func (t *tee) accept() {
	for {
		client, err := t.listener.Accept()
		if err != nil {
			return // it is closed
		}
		server, err := net.Dial("tcp", t.server)
		if err != nil {
			client.Close()
			t.fail(fmt.Errorf("pass a client on: %w", err))
			continue
		}
		credits, ok := t.begin(client, server)
		if !ok {
			return
		}
		t.working.Go(func() { t.pass(server, client, Client, credits) })
		t.working.Go(func() { t.pass(client, server, Server, credits) })
	}
}

// begin begins an account for a connection; false if the tee is closed.
func (t *tee) begin(conns ...net.Conn) (*Credits, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.conns = append(t.conns, conns...)
	if t.closed {
		for _, c := range conns {
			c.Close()
		}
	}
	t.credits = NewCredits()
	return t.credits, !t.closed
}

// pass passes on what a side sends. The end of one direction is that of both.
func (t *tee) pass(to, from net.Conn, side Side, credits *Credits) {
	defer to.Close()
	defer from.Close()
	var frames Reader
	data := make([]byte, 64<<10)
	for {
		n, err := from.Read(data)
		if n > 0 {
			t.mu.Lock()
			reading := frames.Read(data[:n], func(f Frame) { credits.Enter(side, f) })
			t.mu.Unlock()
			if reading != nil {
				t.fail(fmt.Errorf("read frames: %w", reading))
				return
			}
			if _, err := to.Write(data[:n]); err != nil {
				return // the other side has gone
			}
		}
		if err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) {
				t.fail(fmt.Errorf("read from one side: %w", err))
			}
			return
		}
	}
}

func (t *tee) fail(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err == nil && !t.closed {
		t.err = err
	}
}

// account is what has passed in the latest connection: credit, messages, and messages
// without credit; and the first thing that went wrong.
func (t *tee) account() (given, payloads, over int64, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.credits.Given(), t.credits.Payloads(), t.credits.Over(), t.err
}

// close closes all connections, and waits for its goroutines.
func (t *tee) close() {
	t.listener.Close()
	t.mu.Lock()
	t.closed = true
	for _, c := range t.conns {
		c.Close()
	}
	t.mu.Unlock()
	t.working.Wait()
}
