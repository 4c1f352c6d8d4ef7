package main

import (
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"flowlab/capture"
	"flowlab/flow"
)

// captureKinds are the captures that the command capture makes. Each is the
// same whenever and wherever it is made.
var captureKinds = map[string]func(*making){
	"stall":   (*making).stall,
	"many":    (*making).many,
	"unread":  (*making).unread,
	"waiting": (*making).waiting,
	"healthy": func(m *making) { m.transfer(49152, 40) },
	"long": func(m *making) {
		for i := range 100 {
			m.transfer(uint16(50000+i), 80)
		}
	},
	"udp":  func(m *making) { m.foreign(17) },
	"none": func(*making) {},
}

// makeCapture, as capture KIND FILE [FROM TO], writes a made-up capture, or only
// its packets from one number up to another.
func makeCapture(ts *testscript.TestScript, _ bool, args []string) {
	from, to := 1, 0
	if len(args) == 4 {
		from, to = number(ts, args[2]), number(ts, args[3])
	}
	ts.Check(saveCapture(args[0], ts.MkAbs(args[1]), from, to))
}

// saveCapture writes a capture of a kind: of its packets those from one number to
// another, or to the last where that is 0 or more than there are.
func saveCapture(kind, path string, from, to int) error {
	m := &making{now: flow.FromTime(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))}
	captureKinds[kind](m)
	if to == 0 || to > len(m.packets) {
		to = len(m.packets)
	}
	file, err := capture.Create(path, []capture.Interface{{Name: "eth0", LinkType: capture.RawIP}}, capture.FileOptions{})
	if err != nil {
		return err
	}
	for _, p := range m.packets[from-1 : to] {
		if err := file.Write(p, ""); err != nil {
			return errors.Join(err, file.Close())
		}
	}
	return file.Close()
}

// cut FROM BYTES TO copies the beginning of a file: so many bytes, or all but
// so many where the number is negative.
func cut(ts *testscript.TestScript, _ bool, args []string) {
	data, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	n := number(ts, args[1])
	if n < 0 {
		n += len(data)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), data[:n], 0o666))
}

// damage FILE N gives the N-th block of a pcapng file an impossible length.
func damage(ts *testscript.TestScript, _ bool, args []string) {
	data, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	at := uint32(0)
	for range number(ts, args[1]) - 1 {
		at += binary.LittleEndian.Uint32(data[at+4:])
	}
	copy(data[at+4:], "\xff\xff\xff\xff")
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), data, 0o666))
}

// compress FILE writes FILE.gz.
func compress(ts *testscript.TestScript, _ bool, args []string) {
	from, err := os.Open(ts.MkAbs(args[0]))
	ts.Check(err)
	defer from.Close()
	to, err := os.Create(ts.MkAbs(args[0] + ".gz"))
	ts.Check(err)
	defer to.Close()
	w := gzip.NewWriter(to)
	_, err = io.Copy(w, from)
	ts.Check(err)
	ts.Check(w.Close())
}

func number(ts *testscript.TestScript, text string) int {
	n, err := strconv.Atoi(text)
	ts.Check(err)
	return n
}

// making is a capture under construction: raw IPv4 packets on one interface,
// near the client.
type making struct {
	now     flow.Time
	packets []capture.Packet
}

func (m *making) wait(d time.Duration) { m.now = m.now.Add(d) }

// made is a connection from 192.0.2.1 to 192.0.2.2:9 under construction.
type made struct {
	*making
	port uint16
	next [2]uint32 // sequence numbers by side
}

const (
	madeFIN, madeSYN, madePSH, madeACK = 1, 2, 8, 16

	madeMSS    = 1000
	madeWindow = 10 * madeMSS
	madeRTT    = 20 * time.Millisecond
)

// open opens a connection.
func (m *making) open(port uint16) *made {
	c := &made{making: m, port: port, next: [2]uint32{1000, 2000}}
	c.send(flow.Client, madeSYN, madeWindow, 0)
	c.wait(madeRTT)
	c.send(flow.Server, madeSYN|madeACK, madeWindow, 0)
	c.wait(10 * time.Microsecond)
	c.send(flow.Client, madeACK, madeWindow, 0)
	return c
}

// close ends a connection from both sides.
func (c *made) close() {
	c.send(flow.Client, madeFIN|madeACK, madeWindow, 0)
	c.wait(madeRTT)
	c.send(flow.Server, madeFIN|madeACK, madeWindow, 0)
	c.wait(10 * time.Microsecond)
	c.send(flow.Client, madeACK, madeWindow, 0)
}

// transfer is a connection that sends so many segments, in flights that leave
// room in the window.
func (m *making) transfer(port uint16, segments int) {
	c := m.open(port)
	for ; segments > 0; segments -= 4 {
		for range 4 {
			c.wait(50 * time.Microsecond)
			c.send(flow.Client, madeACK, madeWindow, madeMSS)
		}
		c.wait(madeRTT)
		c.send(flow.Server, madeACK, madeWindow, 0)
		c.wait(10 * time.Microsecond)
	}
	c.close()
}

// stall is a connection whose server stops reading for a second, with a packet
// without TCP and a fragment before it.
func (m *making) stall() {
	m.foreign(17)
	m.fragment()
	c := m.open(49152)
	flight := func(segments int) {
		for range segments {
			c.wait(50 * time.Microsecond)
			c.send(flow.Client, madeACK, madeWindow, madeMSS)
		}
		c.wait(madeRTT)
	}
	for range 5 {
		flight(4)
		c.send(flow.Server, madeACK, madeWindow, 0)
		c.wait(10 * time.Microsecond)
	}
	flight(10)
	c.send(flow.Server, madeACK, 0, 0)
	for _, pause := range []int{200, 300, 500} {
		c.wait(time.Duration(pause) * time.Millisecond)
		c.next[flow.Client]--
		c.send(flow.Client, madeACK, madeWindow, 0) // as Linux probes
		c.next[flow.Client]++
		c.wait(madeRTT)
		c.send(flow.Server, madeACK, 0, 0)
	}
	c.wait(40 * time.Millisecond)
	c.send(flow.Server, madeACK, madeWindow, 0)
	c.wait(10 * time.Microsecond)
	flight(10)
	c.send(flow.Server, madeACK|madePSH, madeWindow, 5)
	c.wait(10 * time.Microsecond)
	c.send(flow.Client, madeACK, madeWindow, 0)
	c.close()
}

// many is the stall, and then thirty short healthy connections.
func (m *making) many() {
	m.stall()
	for i := range 30 {
		m.transfer(uint16(50000+i), 8+4*(i%4))
	}
}

// foreign adds a packet of another protocol.
func (m *making) foreign(protocol byte) {
	p := make([]byte, 40)
	p[0], p[8], p[9] = 0x45, 64, protocol
	binary.BigEndian.PutUint16(p[2:], uint16(len(p)))
	m.add(p)
}

// fragment adds a later fragment of a TCP packet.
func (m *making) fragment() {
	p := make([]byte, 40)
	p[0], p[7], p[8], p[9] = 0x45, 100, 64, 6
	binary.BigEndian.PutUint16(p[2:], uint16(len(p)))
	m.add(p)
}

// send adds a segment with so many bytes of payload.
func (c *made) send(from flow.Side, flags byte, window uint16, payload int) {
	options := []byte{}
	if flags&madeSYN != 0 {
		options = []byte{2, 4, madeMSS >> 8, madeMSS & 0xFF, 1, 3, 3, 0}
	}
	p := make([]byte, 20+20+len(options)+payload)
	p[0], p[8], p[9] = 0x45, 64, 6
	binary.BigEndian.PutUint16(p[2:], uint16(len(p)))
	client, server := []byte{192, 0, 2, 1}, []byte{192, 0, 2, 2}
	tcp := p[20:]
	ports := [2]uint16{c.port, 9}
	if from == flow.Server {
		client, server = server, client
	}
	copy(p[12:], client)
	copy(p[16:], server)
	binary.BigEndian.PutUint16(tcp[0:], ports[from])
	binary.BigEndian.PutUint16(tcp[2:], ports[from.Peer()])
	binary.BigEndian.PutUint32(tcp[4:], c.next[from])
	if flags&madeACK != 0 {
		binary.BigEndian.PutUint32(tcp[8:], c.next[from.Peer()])
	}
	tcp[12], tcp[13] = byte(20+len(options))/4<<4, flags
	binary.BigEndian.PutUint16(tcp[14:], window)
	copy(tcp[20:], options)
	c.next[from] += uint32(payload)
	if flags&(madeSYN|madeFIN) != 0 {
		c.next[from]++
	}
	c.add(p)
}

func (m *making) add(data []byte) {
	m.packets = append(m.packets, capture.Packet{Time: m.now, Data: data, Length: len(data)})
}
