// Package traffic makes up captures of TCP connections, to test and measure the
// reading of capture files with. The same [Traffic] gives the same bytes.
//
// Each connection opens, sends data in flights that are acknowledged a round
// trip later, loses a segment now and then, finds its window closed now and
// then, and ends with FINs. Many are open at a time, so that their packets mix
// as they do on a server.
package traffic

import (
	"encoding/binary"
	"io"
	"math/rand/v2"
)

// Traffic says what to make up.
type Traffic struct {
	Packets     int  // at the least; the last connections may add a few
	Connections int  // that share the packets evenly
	Open        int  // how many are open at a time
	Snap        int  // bytes kept of a packet
	LeftOpen    bool // no connection ends
}

// Write writes the traffic as a classic capture file of Ethernet frames.
func (t Traffic) Write(w io.Writer) error {
	out := newWriter(w, t.Snap)
	out.leftOpen = t.LeftOpen
	return out.write(t.Packets, t.Connections, t.Open)
}

// writer writes a classic capture file of Ethernet frames.
type writer struct {
	w        io.Writer
	snap     int
	leftOpen bool
	random   *rand.Rand
	now      uint64 // microseconds
	written  int
	frame    [16 + 1514]byte // the record's header and the frame
	err      error
}

func newWriter(w io.Writer, snap int) *writer {
	t := &writer{w: w, snap: snap, random: rand.New(rand.NewPCG(1, 2)), now: 1_700_000_000_000_000}
	var head [24]byte
	binary.LittleEndian.PutUint32(head[0:], 0xA1B2C3D4)
	binary.LittleEndian.PutUint16(head[4:], 2)
	binary.LittleEndian.PutUint16(head[6:], 4)
	binary.LittleEndian.PutUint32(head[16:], uint32(snap))
	binary.LittleEndian.PutUint32(head[20:], 1)
	_, t.err = w.Write(head[:])
	for i := range t.frame {
		t.frame[i] = byte(i * 7)
	}
	return t
}

// connection is where both of its ends stand.
type connection struct {
	number           int
	left             int // packets
	client, server   uint32
	una              uint32 // of the server's data
	flight           int
	stage            int
	lost             bool
	stamp, peerStamp uint32
	window           uint16
}

// write writes so many packets, of connections that share them evenly.
func (t *writer) write(packets, connections, open int) error {
	each := packets / connections
	active := make([]*connection, 0, open)
	next := 0
	for t.written < packets && t.err == nil {
		for len(active) < open && next < connections {
			active = append(active, &connection{number: next, left: each, client: t.random.Uint32(), server: t.random.Uint32(), window: 502})
			next++
		}
		if len(active) == 0 {
			break
		}
		i := t.random.IntN(len(active))
		c := active[i]
		t.now += uint64(1 + t.random.IntN(8))
		t.turn(c)
		if c.left <= 0 && (c.stage == ended || t.leftOpen) {
			active[i] = active[len(active)-1]
			active = active[:len(active)-1]
		}
	}
	return t.err
}

// ended is the stage of a connection after its FINs.
const ended = 3

const (
	fin = 1
	syn = 2
	psh = 8
	ack = 16

	mss = 1448
)

// turn writes what a connection does next: a few packets.
func (t *writer) turn(c *connection) {
	const fromClient, fromServer = true, false
	switch {
	case c.stage == 0:
		t.send(c, fromClient, syn, 0)
		c.client++
		c.stage++
	case c.stage == 1:
		t.send(c, fromServer, syn|ack, 0)
		c.server++
		c.una = c.server
		t.now += 300
		t.send(c, fromClient, ack, 0)
		t.send(c, fromClient, ack|psh, 200)
		c.client += 200
		c.stage++
	case c.left <= 3 && !t.leftOpen:
		t.send(c, fromServer, fin|ack, 0)
		c.server++
		t.send(c, fromClient, fin|ack, 0)
		c.client++
		t.send(c, fromServer, ack, 0)
		c.left, c.stage = 0, ended
	case c.flight > 0: // an ACK for two segments
		n := min(2, c.flight)
		c.flight -= n
		if c.lost {
			t.send(c, fromClient, ack, 0) // a duplicate
			if c.flight == 0 {
				held := c.server
				c.server = c.una
				t.send(c, fromServer, ack, mss)
				c.server, c.una, c.lost = held, held, false
			}
			return
		}
		c.una += uint32(n * mss)
		c.window = uint16(300 + t.random.IntN(200))
		if t.random.IntN(200) == 0 {
			c.window = 0
		}
		t.send(c, fromClient, ack, 0)
		if c.window == 0 {
			c.window = 502
			t.send(c, fromClient, ack, 0)
		}
	default: // a flight
		c.una = c.server
		n := 2 + t.random.IntN(9)
		c.lost = t.random.IntN(50) == 0
		for i := range n {
			if !(c.lost && i == 0) {
				t.send(c, fromServer, ack, mss)
			}
			c.server += mss
		}
		c.flight = n
	}
}

// send writes one packet of so many payload bytes.
func (t *writer) send(c *connection, fromClient bool, flags byte, payload int) {
	f := t.frame[16:]
	options := 12
	if flags&syn != 0 {
		options = 20
	}
	clientPort, serverPort := uint16(1024+c.number%60000), uint16(9000)
	clientAddr := [4]byte{10, 1, byte(c.number / 60000 / 250), byte(c.number / 60000 % 250)}
	serverAddr := [4]byte{10, 2, 0, byte(c.number % 7)}
	header := 14 + 20 + 20 + options
	clear(f[:header])
	copy(f, []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0})
	ip := f[14:]
	ip[0], ip[8], ip[9] = 0x45, 64, 6
	binary.BigEndian.PutUint16(ip[2:], uint16(20+20+options+payload))
	binary.BigEndian.PutUint16(ip[4:], uint16(t.written))
	tcp := ip[20:]
	seq, acked, window := c.server, c.client, uint16(500)
	stamp, echo := &c.peerStamp, &c.stamp
	from, to := serverAddr, clientAddr
	binary.BigEndian.PutUint16(tcp[0:], serverPort)
	binary.BigEndian.PutUint16(tcp[2:], clientPort)
	if fromClient {
		seq, acked, window = c.client, c.una, c.window
		if c.stage < 2 {
			acked = c.server
		}
		if flags&fin != 0 {
			acked = c.server
		}
		stamp, echo = &c.stamp, &c.peerStamp
		from, to = clientAddr, serverAddr
		binary.BigEndian.PutUint16(tcp[0:], clientPort)
		binary.BigEndian.PutUint16(tcp[2:], serverPort)
	}
	if flags&ack == 0 {
		acked = 0
	}
	copy(ip[12:], from[:])
	copy(ip[16:], to[:])
	binary.BigEndian.PutUint32(tcp[4:], seq)
	binary.BigEndian.PutUint32(tcp[8:], acked)
	tcp[12], tcp[13] = byte((20+options)/4)<<4, flags
	if flags&syn != 0 {
		window = 64240
	}
	binary.BigEndian.PutUint16(tcp[14:], window)
	*stamp = uint32(t.now / 1000)
	o := tcp[20:]
	if flags&syn != 0 {
		copy(o, []byte{2, 4, 5, 180, 4, 2, 8, 10})
		binary.BigEndian.PutUint32(o[8:], *stamp)
		binary.BigEndian.PutUint32(o[12:], *echo)
		copy(o[16:], []byte{1, 3, 3, 7})
	} else {
		copy(o, []byte{1, 1, 8, 10})
		binary.BigEndian.PutUint32(o[4:], *stamp)
		binary.BigEndian.PutUint32(o[8:], *echo)
	}
	t.record(header + payload)
	c.left--
	t.now++
}

// record writes the frame that was put together.
func (t *writer) record(length int) {
	kept := min(length, t.snap)
	h := t.frame[:16]
	binary.LittleEndian.PutUint32(h[0:], uint32(t.now/1_000_000))
	binary.LittleEndian.PutUint32(h[4:], uint32(t.now%1_000_000))
	binary.LittleEndian.PutUint32(h[8:], uint32(kept))
	binary.LittleEndian.PutUint32(h[12:], uint32(length))
	if t.err == nil {
		_, t.err = t.w.Write(t.frame[:16+kept])
	}
	t.written++
}
