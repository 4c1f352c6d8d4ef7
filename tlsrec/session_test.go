package tlsrec

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	mathrand "math/rand/v2"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"flowlab/flow"
)

// chunk is what one write of an end put on the wire.
type chunk struct {
	from flow.Side
	b    []byte
}

// capture is what a passive observer has of a connection, and what its ends say
// that they sent.
type capture struct {
	mu     sync.Mutex
	chunks []chunk
	keyLog bytes.Buffer
	sent   [2]bytes.Buffer
}

func (c *capture) add(from flow.Side, b []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.chunks = append(c.chunks, chunk{from, bytes.Clone(b)})
}

// of returns all bytes of a side.
func (c *capture) of(from flow.Side) (all []byte) {
	for _, k := range c.chunks {
		if k.from == from {
			all = append(all, k.b...)
		}
	}
	return all
}

// keys returns the key log, as a file that is complete.
func (c *capture) keys() *Keys { return keysOf(c.keyLog.Bytes()) }

func keysOf(log []byte) *Keys {
	k := NewKeys()
	k.Write(log)
	k.Flush()
	return k
}

// records returns the records of a side, and where each begins.
func (c *capture) records(from flow.Side) (records [][]byte, at []int64) {
	b := c.of(from)
	for pos := int64(0); len(b) >= headerLen; {
		n := headerLen + readHeader(b).length
		records, at = append(records, b[:n]), append(at, pos)
		b, pos = b[n:], pos+int64(n)
	}
	return records, at
}

// wire is one end of a connection without limits, so that neither end waits for
// the other to read.
type wire struct {
	net.Conn
	from     flow.Side
	capture  *capture
	in, peer *queue
}

type queue struct {
	mu     sync.Mutex
	more   *sync.Cond
	b      bytes.Buffer
	closed bool
}

func newQueue() *queue {
	q := &queue{}
	q.more = sync.NewCond(&q.mu)
	return q
}

func (w *wire) Write(b []byte) (int, error) {
	w.capture.add(w.from, b)
	w.peer.mu.Lock()
	defer w.peer.mu.Unlock()
	w.peer.more.Broadcast()
	return w.peer.b.Write(b)
}

func (w *wire) Read(b []byte) (int, error) {
	w.in.mu.Lock()
	defer w.in.mu.Unlock()
	for w.in.b.Len() == 0 && !w.in.closed {
		w.in.more.Wait()
	}
	return w.in.b.Read(b)
}

func (w *wire) Close() error {
	for _, q := range []*queue{w.in, w.peer} {
		q.mu.Lock()
		q.closed = true
		q.more.Broadcast()
		q.mu.Unlock()
	}
	return nil
}

func (w *wire) SetDeadline(time.Time) error      { return nil }
func (w *wire) SetReadDeadline(time.Time) error  { return nil }
func (w *wire) SetWriteDeadline(time.Time) error { return nil }

// turn is one message of an application.
type turn struct {
	from flow.Side
	n    int
}

// turns are messages of many sizes, some over several records.
var turns = []turn{
	{flow.Client, 1}, {flow.Server, 100}, {flow.Client, 5000}, {flow.Server, 70_000},
	{flow.Server, 16_384}, {flow.Client, 16_385}, {flow.Client, 3}, {flow.Server, 1},
}

// converse has crypto/tls on both sides exchange messages, and close in order.
func converse(t testing.TB, client, server *tls.Config, turns []turn) *capture {
	t.Helper()
	c := &capture{}
	toClient, toServer := newQueue(), newQueue()
	client = client.Clone()
	client.KeyLogWriter, client.InsecureSkipVerify = &c.keyLog, true
	ends := [2]*tls.Conn{
		tls.Client(&wire{from: flow.Client, capture: c, in: toClient, peer: toServer}, client),
		tls.Server(&wire{from: flow.Server, capture: c, in: toServer, peer: toClient}, server),
	}
	shook := make(chan error, 1)
	go func() { shook <- ends[flow.Server].Handshake() }()
	if err := ends[flow.Client].Handshake(); err != nil {
		t.Fatal("client: ", err)
	}
	if err := <-shook; err != nil {
		t.Fatal("server: ", err)
	}
	random := mathrand.New(mathrand.NewPCG(1, 2))
	for _, turn := range turns {
		b := make([]byte, turn.n)
		for i := range b {
			b[i] = byte(random.Uint32())
		}
		c.sent[turn.from].Write(b)
		if _, err := ends[turn.from].Write(b); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, turn.n)
		if _, err := io.ReadFull(ends[turn.from.Peer()], got); err != nil || !bytes.Equal(got, b) {
			t.Fatalf("%d bytes of the %v: %v", turn.n, turn.from, err)
		}
	}
	ends[flow.Client].CloseWrite()
	ends[flow.Server].Read(make([]byte, 1))
	ends[flow.Server].Close()
	ends[flow.Client].Close()
	return c
}

// reading is what a Conn made of a connection.
type reading struct {
	conn  *Conn
	truth *capture // if it is there, only what its ends sent may be read
	plain [2][]byte
	early [2]int // how many bytes of it are 0-RTT data
	lost  [2]int // how many pieces say that something before them is lost
	last  [2]int64
}

// drain asks for what there is.
func (r *reading) drain(t testing.TB) {
	t.Helper()
	for _, side := range []flow.Side{flow.Client, flow.Server} {
		for p, ok := r.conn.Next(side); ok; p, ok = r.conn.Next(side) {
			if p.Start < r.last[side] || p.End <= p.Start || len(p.Data) == 0 || int64(len(p.Data)) > p.End-p.Start {
				t.Fatalf("%v: %d bytes of a record at %d to %d, after one that ends at %d", side, len(p.Data), p.Start, p.End, r.last[side])
			}
			if r.truth != nil && !bytes.Contains(r.truth.sent[side].Bytes(), p.Data) {
				t.Fatalf("%v: what is read at %d was not sent", side, p.Start)
			}
			r.last[side] = p.End
			r.plain[side] = append(r.plain[side], p.Data...)
			if p.Early {
				r.early[side] += len(p.Data)
			}
			if p.Lost {
				r.lost[side]++
			}
		}
	}
}

// feed writes chunks, in pieces of up to most bytes.
func (r *reading) feed(t testing.TB, chunks []chunk, most int) *reading {
	t.Helper()
	random := mathrand.New(mathrand.NewPCG(3, uint64(most)))
	for _, k := range chunks {
		for b := k.b; len(b) > 0; {
			n := min(1+random.IntN(most), len(b))
			r.conn.Write(k.from, b[:n])
			b = b[n:]
			r.drain(t)
		}
	}
	return r
}

func read(t testing.TB, k *Keys, chunks []chunk) *reading {
	t.Helper()
	return (&reading{conn: NewConn(k)}).feed(t, chunks, 1<<20)
}

// whole fails unless all that the ends sent was read.
func (r *reading) whole(t testing.TB, c *capture) {
	t.Helper()
	for _, side := range []flow.Side{flow.Client, flow.Server} {
		r.wholeSide(t, c, side)
	}
}

func (r *reading) wholeSide(t testing.TB, c *capture, side flow.Side) {
	t.Helper()
	if want := c.sent[side].Bytes(); !bytes.Equal(r.plain[side], want) {
		t.Errorf("%v: %d bytes are read, of %d; %v: %v", side, len(r.plain[side]), len(want), r.conn.State(side), r.conn.Problem(side))
	}
	if r.lost[side] > 0 {
		t.Errorf("%v: %d pieces say that something is lost", side, r.lost[side])
	}
}

// bySide returns the chunks with all those of one side first.
func (c *capture) bySide(first flow.Side) (chunks []chunk) {
	for _, side := range []flow.Side{first, first.Peer()} {
		for _, k := range c.chunks {
			if k.from == side {
				chunks = append(chunks, k)
			}
		}
	}
	return chunks
}

// checkAll reads a capture in pieces of several sizes, and in several orders of
// the two sides.
func checkAll(t *testing.T, c *capture) *Conn {
	t.Helper()
	var last *Conn
	for _, most := range []int{1, 7, 1500, 1 << 20} {
		r := (&reading{conn: NewConn(c.keys())}).feed(t, c.chunks, most)
		r.whole(t, c)
		last = r.conn
		if t.Failed() {
			t.Fatalf("in pieces of up to %d bytes", most)
		}
	}
	for _, first := range []flow.Side{flow.Client, flow.Server} {
		r := (&reading{conn: NewConn(c.keys())}).feed(t, c.bySide(first), 3000)
		r.whole(t, c)
		if t.Failed() {
			t.Fatalf("with all of the %v first", first)
		}
	}
	for _, side := range []flow.Side{flow.Client, flow.Server} {
		if s := last.State(side); s != Decrypting {
			t.Errorf("%v: %v, want to be decrypting", side, s)
		}
	}
	return last
}

// certificates holds one of each kind.
var certificates = sync.OnceValue(func() (all [2]tls.Certificate) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	for i, key := range []crypto.Signer{rsaKey, ecKey} {
		template := &x509.Certificate{
			SerialNumber: big.NewInt(1),
			Subject:      pkix.Name{CommonName: "flowlab.test"},
			DNSNames:     []string{"flowlab.test"},
			NotAfter:     time.Now().Add(time.Hour),
		}
		der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
		if err != nil {
			panic(err)
		}
		all[i] = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	}
	return all
})

func serverConfig() *tls.Config {
	all := certificates()
	return &tls.Config{Certificates: slices.Clone(all[:]), NextProtos: []string{"h2"}}
}

func clientConfig() *tls.Config {
	return &tls.Config{ServerName: "flowlab.test", NextProtos: []string{"h2", "http/1.1"}}
}
