package traffic

import (
	"bytes"
	"fmt"
	"io"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// HTTP2 says what connections of HTTP/2 without TLS to make up, as between a client
// that downloads and a server. All packets are kept whole.
type HTTP2 struct {
	Connections int // all of them open at a time
	Streams     int // of each connection, over its life
	Open        int // of these, how many are open at a time
	Body        int // bytes of DATA on each
}

// Write writes the traffic as a classic capture file of Ethernet frames.
func (h HTTP2) Write(w io.Writer) error {
	out := newWriter(w, 65535)
	var active []*multiplexed
	for i := range h.Connections {
		active = append(active, newMultiplexed(out, i, &h))
	}
	for len(active) > 0 && out.err == nil {
		i := out.random.IntN(len(active))
		out.now += uint64(1 + out.random.IntN(8))
		if !active[i].turn() {
			active[i] = active[len(active)-1]
			active = active[:len(active)-1]
		}
	}
	return out.err
}

// multiplexed is a connection with its streams.
type multiplexed struct {
	connection
	like   *HTTP2
	to     *writer
	out    [2]bytes.Buffer // what the client, and the server, has written and not sent
	framer [2]*http2.Framer
	block  bytes.Buffer
	names  [2]*hpack.Encoder
	begun  int // streams
	open   []*download
	owed   int // bytes that the client has received and not given back on the connection
}

// download is a stream.
type download struct {
	id         uint32
	left, owed int
}

const client, server = 0, 1

func newMultiplexed(to *writer, number int, like *HTTP2) *multiplexed {
	m := &multiplexed{like: like, to: to}
	m.connection = connection{number: number, client: to.random.Uint32(), server: to.random.Uint32(), window: 502}
	for side := range m.out {
		m.framer[side] = http2.NewFramer(&m.out[side], nil)
		m.names[side] = hpack.NewEncoder(&m.block)
	}
	return m
}

// turn does what comes next, and is false after the end.
func (m *multiplexed) turn() bool {
	switch {
	case m.stage == 0:
		m.begin()
	case m.begun < m.like.Streams && len(m.open) < m.like.Open:
		m.ask()
	case len(m.open) > 0:
		m.answer()
	default:
		m.left = 0
		m.to.turn(&m.connection) // the FINs
		return false
	}
	return true
}

// begin opens the connection.
func (m *multiplexed) begin() {
	m.to.send(&m.connection, true, syn, 0)
	m.client++
	m.stage++
	m.to.send(&m.connection, false, syn|ack, 0)
	m.server++
	m.una = m.server
	m.to.send(&m.connection, true, ack, 0)
	m.stage++
	m.out[client].WriteString(http2.ClientPreface)
	m.must(m.framer[client].WriteSettings())
	m.send(client)
	m.must(m.framer[server].WriteSettings())
	m.must(m.framer[server].WriteSettingsAck())
	m.send(server)
	m.must(m.framer[client].WriteSettingsAck())
	m.send(client)
}

// ask opens a stream.
func (m *multiplexed) ask() {
	s := &download{id: uint32(2*m.begun + 1), left: m.like.Body}
	m.begun++
	m.open = append(m.open, s)
	m.headers(client, s.id, true, ":method", "GET", ":scheme", "http", ":authority", "server", ":path", fmt.Sprintf("/part/%d", m.begun))
	m.send(client)
	m.headers(server, s.id, false, ":status", "200", "content-type", "application/octet-stream")
	m.send(server)
}

func (m *multiplexed) headers(side int, id uint32, end bool, fields ...string) {
	m.block.Reset()
	for i := 0; i < len(fields); i += 2 {
		m.must(m.names[side].WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]}))
	}
	m.must(m.framer[side].WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: m.block.Bytes(), EndHeaders: true, EndStream: end}))
}

// giveBack is how many bytes the client receives before it gives credit for them. With
// a frame it is less than the windows of 65,535 bytes, which are never shut.
const giveBack = 32 << 10

var zeros [16 << 10]byte

// answer sends a frame of DATA on some stream.
func (m *multiplexed) answer() {
	i := m.to.random.IntN(len(m.open))
	s := m.open[i]
	n := min(s.left, len(zeros))
	s.left, s.owed, m.owed = s.left-n, s.owed+n, m.owed+n
	m.must(m.framer[server].WriteData(s.id, s.left == 0, zeros[:n]))
	m.send(server)
	if s.left == 0 {
		m.open[i] = m.open[len(m.open)-1]
		m.open = m.open[:len(m.open)-1]
	} else if s.owed >= giveBack {
		m.must(m.framer[client].WriteWindowUpdate(s.id, uint32(s.owed)))
		s.owed = 0
	}
	if m.owed >= giveBack {
		m.must(m.framer[client].WriteWindowUpdate(0, uint32(m.owed)))
		m.owed = 0
	}
	m.send(client)
}

// send cuts what a side has written into segments. The other side acknowledges every
// second one, and the last.
func (m *multiplexed) send(side int) {
	own := &m.client
	if side == server {
		own = &m.server
	}
	for n := 1; m.out[side].Len() > 0; n++ {
		b := m.out[side].Next(mss)
		copy(m.to.frame[16+14+20+20+12:], b)
		m.to.send(&m.connection, side == client, ack|psh, len(b))
		*own += uint32(len(b))
		if n%2 == 0 || m.out[side].Len() == 0 {
			m.una = m.server
			m.to.send(&m.connection, side != client, ack, 0)
		}
	}
}

// must keeps the first error.
func (m *multiplexed) must(err error) {
	if m.to.err == nil {
		m.to.err = err
	}
}
