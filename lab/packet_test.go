package lab

import (
	"encoding/binary"
	"net/netip"
	"testing"

	"flowlab/flow"
	"flowlab/tcpwin"
)

var (
	addrA = netip.MustParseAddr("10.0.0.1")
	addrB = netip.MustParseAddr("10.0.0.2")
	addrC = netip.MustParseAddr("fd00::3")
)

// udp makes an IPv4 packet of the given size that is not TCP; id tells it apart.
func udp(src, dst netip.Addr, size int, id uint16) []byte {
	p := make([]byte, size)
	p[0] = 0x45
	binary.BigEndian.PutUint16(p[2:], uint16(size))
	binary.BigEndian.PutUint16(p[4:], id)
	p[9] = 17
	copy(p[12:], src.AsSlice())
	copy(p[16:], dst.AsSlice())
	return p
}

func idOf(p []byte) int { return int(binary.BigEndian.Uint16(p[4:])) }

// segment makes an IPv4 packet with a TCP segment from port 1 or 2 of a to the
// other one of b.
type segment struct {
	src    netip.Addr
	seq    flow.Seq
	ack    flow.Seq
	flags  tcpwin.Flags // ACK is added
	window uint16
	length int
}

func (s segment) packet() []byte {
	dst, sport, dport := addrB, uint16(1), uint16(2)
	if s.src == addrB {
		dst, sport, dport = addrA, 2, 1
	}
	p := udp(s.src, dst, 40+s.length, 0)
	p[9] = 6
	binary.BigEndian.PutUint16(p[20:], sport)
	binary.BigEndian.PutUint16(p[22:], dport)
	binary.BigEndian.PutUint32(p[24:], uint32(s.seq))
	binary.BigEndian.PutUint32(p[28:], uint32(s.ack))
	p[32] = 5 << 4
	p[33] = byte(s.flags | tcpwin.ACK)
	binary.BigEndian.PutUint16(p[34:], s.window)
	return p
}

// inbox attaches a host whose packets come out of the channel.
func inbox(t *testing.T, w *Wire, name string, addrs ...netip.Addr) (*Port, <-chan []byte) {
	t.Helper()
	in := make(chan []byte, 10_000)
	p, err := w.Attach(name, addrs, func(packet []byte) { in <- packet })
	if err != nil {
		t.Fatal(err)
	}
	return p, in
}

// newWire makes a wire that is closed with the test.
func newWire(t *testing.T, seed uint64) *Wire {
	t.Helper()
	w := NewWire(seed)
	t.Cleanup(w.Close)
	return w
}
