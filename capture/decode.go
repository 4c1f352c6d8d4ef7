package capture

import (
	"encoding/binary"
	"errors"
	"net/netip"

	"flowlab/flow"
	"flowlab/tcpwin"
)

// Why a packet gives no segment. They are values, and not made for each
// packet, so that a capture full of other traffic costs no memory.
var (
	// ErrNotTCP: the packet is whole enough to tell that it carries no TCP, or
	// no IP at all.
	ErrNotTCP = errors.New("not TCP over IP")
	// ErrFragment: an IP fragment other than the first, so without TCP header.
	ErrFragment = errors.New("IP fragment without a TCP header")
	// ErrTruncated: the capture kept too few bytes to hold the TCP header.
	ErrTruncated = errors.New("packet cut before the end of its TCP header")
	// ErrMalformed: the lengths in the packet's headers contradict each other.
	ErrMalformed = errors.New("malformed IP or TCP header")
)

// Protocol numbers (IPv4 protocol and IPv6 next header) that a segment can be
// behind: https://www.iana.org/assignments/protocol-numbers.
const (
	protoHopByHop    = 0
	protoTCP         = 6
	protoRouting     = 43
	protoFragment    = 44
	protoDestination = 60
)

// DecodeIP reads a packet that begins with its IPv4 or IPv6 header, and fills s
// with the TCP segment in it. Time and From are the caller's and stay as they
// are; after an error s is as it was. It allocates nothing and keeps no
// reference to data.
//
// wireLen is the packet's length on the wire, of which data may be only the
// beginning: the payload's length is the one that the IP header claims, so a
// packet cut by a snap length gives the same segment as the whole one, if its
// TCP header was kept. Only where the IP header leaves its length at 0, as with
// segmentation left to the network card and with jumbograms (RFC 2675), is it
// wireLen.
//
// The first of several IP fragments gives a segment of the bytes in that
// fragment; the others are [ErrFragment]. TCP options that contradict their own
// lengths end the options, but not the segment. Checksums are not looked at:
// the sender's own capture sees them before the network card fills them in.
func DecodeIP(data []byte, wireLen int, s *tcpwin.Segment) (flow.Tuple, error) {
	if len(data) == 0 {
		return flow.Tuple{}, ErrTruncated
	}
	switch data[0] >> 4 {
	case 4:
		return decodeIPv4(data, wireLen, s)
	case 6:
		return decodeIPv6(data, wireLen, s)
	}
	return flow.Tuple{}, ErrNotTCP
}

// decodeIPv4 reads a header of RFC 791 3.1.
func decodeIPv4(data []byte, wireLen int, s *tcpwin.Segment) (flow.Tuple, error) {
	if len(data) < 20 {
		return flow.Tuple{}, ErrTruncated
	}
	header := int(data[0]&0x0f) * 4
	total := int(binary.BigEndian.Uint16(data[2:]))
	if total == 0 {
		total = wireLen
	}
	switch offset := binary.BigEndian.Uint16(data[6:]) & 0x1fff; {
	case header < 20 || total < header:
		return flow.Tuple{}, ErrMalformed
	case data[9] != protoTCP:
		return flow.Tuple{}, ErrNotTCP
	case offset != 0:
		return flow.Tuple{}, ErrFragment
	case len(data) < header:
		return flow.Tuple{}, ErrTruncated
	}
	src := netip.AddrFrom4([4]byte(data[12:16]))
	dst := netip.AddrFrom4([4]byte(data[16:20]))
	return decodeTCP(data[header:], total-header, src, dst, s)
}

// decodeIPv6 reads a header of RFC 8200 3 and the extension headers after it.
func decodeIPv6(data []byte, wireLen int, s *tcpwin.Segment) (flow.Tuple, error) {
	const header = 40
	if len(data) < header {
		return flow.Tuple{}, ErrTruncated
	}
	left := int(binary.BigEndian.Uint16(data[4:])) // of the packet, after what is read
	if left == 0 {
		left = wireLen - header
	}
	src := netip.AddrFrom16([16]byte(data[8:24]))
	dst := netip.AddrFrom16([16]byte(data[24:40]))
	next, data := data[6], data[header:]
	for next != protoTCP {
		switch next {
		case protoHopByHop, protoRouting, protoFragment, protoDestination:
		default:
			return flow.Tuple{}, ErrNotTCP
		}
		if left < 8 { // no extension header is shorter
			return flow.Tuple{}, ErrMalformed
		}
		if len(data) < 8 {
			return flow.Tuple{}, ErrTruncated
		}
		size := 8 // a fragment header has no length field (RFC 8200 4.5)
		if next != protoFragment {
			size += int(data[1]) * 8
		} else if binary.BigEndian.Uint16(data[2:])&0xfff8 != 0 {
			return flow.Tuple{}, ErrFragment
		}
		if left < size {
			return flow.Tuple{}, ErrMalformed
		}
		if len(data) < size {
			return flow.Tuple{}, ErrTruncated
		}
		next, data, left = data[0], data[size:], left-size
	}
	return decodeTCP(data, left, src, dst, s)
}
