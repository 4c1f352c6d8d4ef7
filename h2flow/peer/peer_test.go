package peer

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"flowlab/flow"

	"golang.org/x/net/http2"
)

const patience = 10 * time.Second

// tape keeps the records of a side's frames.
type tape struct {
	mu      sync.Mutex
	records []FrameRecord
	moved   chan struct{}
}

func (p *tape) add(r FrameRecord) {
	p.mu.Lock()
	p.records = append(p.records, r)
	p.mu.Unlock()
	select {
	case p.moved <- struct{}{}:
	default:
	}
}

func (p *tape) all() []FrameRecord {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]FrameRecord(nil), p.records...)
}

// end is a side under test.
type end struct {
	*Conn
	*tape
	ended chan error
}

// run starts a side on a connection; the end of the test ends it.
func run(t testing.TB, side flow.Side, conn net.Conn, config Config, handler Handler) *end {
	t.Helper()
	e := &end{tape: &tape{moved: make(chan struct{}, 1)}, ended: make(chan error, 1)}
	config.OnFrame = e.tape.add
	c, err := New(side, conn, config, handler)
	if err != nil {
		t.Fatal(err)
	}
	e.Conn = c
	go func() { e.ended <- c.Run(context.Background()) }()
	t.Cleanup(c.Close)
	return e
}

// network makes a connection.
type network func(testing.TB) (client, server net.Conn)

// networks are what the tests run over: TCP, which buffers, and a pipe, which does not.
var networks = map[string]network{
	"tcp":  loopback,
	"pipe": func(testing.TB) (client, server net.Conn) { return net.Pipe() },
}

// loopback is a TCP connection.
func loopback(t testing.TB) (client, server net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	accepted := make(chan net.Conn, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			t.Error(err)
		}
		accepted <- c
	}()
	client, err = net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return client, <-accepted
}

// pair is a client and a server over a network.
func pair(t testing.TB, n network, client, server Config, handler Handler) (c, s *end) {
	t.Helper()
	near, far := n(t)
	c, s = run(t, flow.Client, near, client, nil), run(t, flow.Server, far, server, handler)
	<-c.Ready()
	<-s.Ready()
	return c, s
}

// until waits for an account of which ok is true.
func (e *end) until(t testing.TB, what string, ok func(Account) bool) Account {
	t.Helper()
	limit := time.After(patience)
	for {
		a := e.Account()
		if ok(a) {
			return a
		}
		select {
		case <-e.moved:
		case <-time.After(5 * time.Millisecond): // an application may read without a frame
		case <-limit:
			t.Fatalf("no %s after %v; account %+v", what, patience, a)
		}
	}
}

// sent waits until so many bytes of DATA were sent, and then for quiet; more must not come.
func (e *end) sent(t testing.TB, other *end, bytes int64) {
	t.Helper()
	e.until(t, "DATA", func(a Account) bool { return a.Send.Conn.Bytes >= bytes })
	quiet(t, e, other)
	if n := e.Account().Send.Conn.Bytes; n != bytes {
		t.Fatalf("sent %d bytes, want %d", n, bytes)
	}
}

// ping flushes both directions.
func (e *end) ping(t testing.TB) time.Duration {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	took, err := e.Ping(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return took
}

// quiet waits until both sides have processed all that the other one sent, and neither
// sends more than PING.
func quiet(t testing.TB, a, b *end) {
	t.Helper()
	for start := time.Now(); time.Since(start) < patience; {
		before := a.Account()
		a.ping(t)
		b.ping(t)
		x, y := a.Account(), b.Account()
		if x.Send.Frames == before.Send.Frames+2 && x.Receive.Frames == before.Receive.Frames+2 &&
			x.Send.Frames == y.Receive.Frames && x.Receive.Frames == y.Send.Frames {
			return
		}
	}
	t.Fatalf("not quiet after %v", patience)
}

func (e *end) mustOpen(t testing.TB, body Source) *Stream {
	t.Helper()
	s, err := e.Open(Request{Method: "POST", Path: "/", Authority: "test", Body: body})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// wait waits for a channel to be closed.
func wait(t testing.TB, what string, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(patience):
		t.Fatalf("no %s after %v", what, patience)
	}
}

func set(id http2.SettingID, value uint32) []http2.Setting {
	return []http2.Setting{{ID: id, Val: value}}
}

func initial(bytes uint32) []http2.Setting { return set(http2.SettingInitialWindowSize, bytes) }

func streams(n uint32) []http2.Setting { return set(http2.SettingMaxConcurrentStreams, n) }
