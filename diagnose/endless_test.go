package diagnose

import (
	"encoding/binary"
	"runtime"
	"testing"
	"time"

	"flowlab/capture"
	"flowlab/flow"
	"flowlab/tcpwin"
)

// crowd feeds an endless analysis with packets of many connections.
type crowd struct {
	*Analysis
	ended []*View
	frame [40]byte
}

func newCrowd(most int) *crowd {
	c := new(crowd)
	c.Analysis = NewEndless(most, func(v *View) { c.ended = append(c.ended, v) })
	return c
}

// send enters a segment of the nth pair of ends, from the client or to it.
func (c *crowd) send(n int, from flow.Side, at flow.Time, flags tcpwin.Flags, seq, ack flow.Seq, length int) {
	p := c.frame[:]
	clear(p)
	p[0], p[9] = 0x45, 6
	binary.BigEndian.PutUint16(p[2:], uint16(40+length))
	client, server := p[12:16], p[16:20]
	ports := [2]int{20, 22}
	if from == flow.Server {
		client, server, ports = server, client, [2]int{22, 20}
	}
	copy(client, []byte{10, byte(n >> 16), byte(n >> 8), byte(n)})
	copy(server, []byte{10, 255, 0, 1})
	binary.BigEndian.PutUint16(p[ports[0]:], uint16(40000))
	binary.BigEndian.PutUint16(p[ports[1]:], 443)
	binary.BigEndian.PutUint32(p[24:], uint32(seq))
	binary.BigEndian.PutUint32(p[28:], uint32(ack))
	p[32], p[33] = 0x50, byte(flags)
	binary.BigEndian.PutUint16(p[34:], 5000)
	c.Observe(capture.RawIP, capture.Packet{Time: at, Data: p, Length: 40 + length})
}

// opens is the handshake of the nth pair.
func (c *crowd) opens(n int, at flow.Time, isn flow.Seq) {
	c.send(n, flow.Client, at, tcpwin.SYN, isn, 0, 0)
	c.send(n, flow.Server, at+1, tcpwin.SYN|tcpwin.ACK, isn*3, isn+1, 0)
	c.send(n, flow.Client, at+2, tcpwin.ACK, isn+1, isn*3+1, 0)
}

// talks is a connection that is opened, carries 100 bytes and is closed.
func (c *crowd) talks(n int, at flow.Time, isn flow.Seq) {
	c.opens(n, at, isn)
	c.send(n, flow.Client, at+3, tcpwin.ACK|tcpwin.PSH, isn+1, isn*3+1, 100)
	c.send(n, flow.Client, at+4, tcpwin.ACK|tcpwin.FIN, isn+101, isn*3+1, 0)
	c.send(n, flow.Server, at+5, tcpwin.ACK|tcpwin.FIN, isn*3+1, isn+102, 0)
	c.send(n, flow.Client, at+6, tcpwin.ACK, isn+102, isn*3+2, 0)
}

func TestEndlessForgets(t *testing.T) {
	c := newCrowd(100)
	c.talks(1, at(0), 1000)
	c.opens(2, at(0), 1000)
	c.send(3, flow.Client, at(0), tcpwin.SYN, 1000, 0, 0)
	check := func(when time.Duration, kept, ended int) {
		t.Helper()
		c.Sweep(at(when))
		if len(c.Connections()) != kept || len(c.ended) != ended {
			t.Errorf("after %v %d connections are kept and %d ended, want %d and %d", when, len(c.Connections()), len(c.ended), kept, ended)
		}
	}
	check(time.Second, 3, 0)
	check(3*time.Second, 2, 1)
	c.send(1, flow.Client, at(4*time.Second), tcpwin.ACK, 1102, 3002, 0)
	if c.Late != 1 || c.Begun != 3 {
		t.Errorf("%d late segments and %d connections, want 1 and 3", c.Late, c.Begun)
	}
	check(140*time.Second, 1, 2) // one was never answered, and one is open
	c.talks(1, at(150*time.Second), 9000)
	check(160*time.Second, 1, 3)
	c.End(at(161 * time.Second))
	if len(c.Connections()) != 0 || len(c.ended) != 4 || c.Begun != 4 {
		t.Errorf("at the end %d kept, %d ended, %d begun; want 0, 4, 4", len(c.Connections()), len(c.ended), c.Begun)
	}
	if v := c.ended[0]; v.Number != 1 || v.Directions[flow.Client].Bytes != 100 || !v.Handshake {
		t.Errorf("connection %d has %d bytes, handshake %v; want 1, 100, true", v.Number, v.Directions[flow.Client].Bytes, v.Handshake)
	}
}

// Where there are too many, those that were silent for the longest go.
// The ends of a connection that is over, or was cut off, are used by another at once,
// and the analysis ends before it was swept.
func TestEndlessHandsOnOnce(t *testing.T) {
	c := newCrowd(100)
	c.talks(1, at(0), 1000)
	c.talks(1, at(time.Second), 500_000)
	c.opens(1, at(1100*time.Millisecond), 900_000)
	c.Advance(at(1200 * time.Millisecond))
	c.End(at(1300 * time.Millisecond))
	if len(c.ended) != 3 || c.Begun != 3 {
		t.Fatalf("%d ended of %d begun, want 3 of 3", len(c.ended), c.Begun)
	}
	for i, v := range c.ended {
		if v.Number != i+1 || !v.Handshake {
			t.Errorf("connection %d, handshake seen %v, ended as the %dth", v.Number, v.Handshake, i+1)
		}
	}
}

func TestEndlessKeepsTheLoud(t *testing.T) {
	c := newCrowd(32)
	for n := range 40 {
		c.opens(n, at(time.Duration(n)*time.Millisecond), 1000)
	}
	c.send(0, flow.Client, at(time.Second), tcpwin.ACK|tcpwin.PSH, 1001, 3001, 10)
	c.Sweep(at(2 * time.Second))
	if n := len(c.Connections()); n != 30 { // 8 too many, and a sixteenth of 32
		t.Errorf("%d are kept, want 30", n)
	}
	if first := c.Connections()[0]; first.Number != 1 {
		t.Errorf("the first that is kept is %d, want 1, which has spoken since", first.Number)
	}
	for _, v := range c.ended {
		if v.Number == 1 {
			t.Error("connection 1 was forgotten")
		}
	}
}

// TestEndlessMemory has a connection begin and end each millisecond for ten
// minutes: what is kept must not grow.
func TestEndlessMemory(t *testing.T) {
	c := newCrowd(1000)
	c.endless.ended = func(*View) {}
	var sizes []int64
	const minute = 60_000
	for n := range 10 * minute {
		now := at(time.Duration(n) * time.Millisecond)
		c.talks(n, now, flow.Seq(n))
		if n%1000 == 0 {
			c.Sweep(now)
		}
		if n%minute == minute-1 {
			sizes = append(sizes, heap()/1024)
		}
	}
	runtime.KeepAlive(c)
	t.Logf("after each minute, in KiB: %d", sizes)
	if c.Begun != 10*minute || c.Late != 0 {
		t.Errorf("%d begun and %d late, want %d and 0", c.Begun, c.Late, 10*minute)
	}
	// The graves of two minutes are dug in the first four.
	if last := sizes[len(sizes)-1]; last > sizes[4]+sizes[4]/4 {
		t.Errorf("%d KiB after ten minutes, %d after five", last, sizes[4])
	}
}
