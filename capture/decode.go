package capture

import (
	"encoding/binary"
	"errors"

	"flowlab/flow"
	"flowlab/tcpwin"
)

// Why a packet gives no segment. They are values, and not made for each
// packet, so that a capture full of other traffic costs no memory.
var (
	// ErrNotTCP: the packet is whole enough to tell that it carries no TCP that
	// [Decoder] could reach, or no IP at all.
	ErrNotTCP = errors.New("not TCP over IP")
	// ErrFragment: a part of an IP packet that carries TCP, or a tunnel in
	// which it may be. Fragments are not put together.
	ErrFragment = errors.New("IP fragment")
	// ErrTruncated: the capture kept too few bytes to reach the TCP header and hold
	// it up to its options.
	ErrTruncated = errors.New("packet cut before the options of its TCP header")
	// ErrMalformed: the lengths in the packet's headers contradict each other.
	ErrMalformed = errors.New("malformed header")
	// ErrLinkType: packets of this link type are not decoded.
	ErrLinkType = errors.New("link type that is not decoded")
)

// Decoder finds the TCP segment in a packet. Its zero value is ready. It is not
// safe for use by several goroutines at once; give each its own.
type Decoder struct{}

// Decode reads a packet that begins as link says, and fills s with the TCP
// segment in it; the tuple is where the segment comes from and goes to. Time
// and From of s are the caller's and stay as they are; after an error s is as
// it was. It keeps no reference to data. Only 802.11 and PFLog, which gopacket
// takes apart, cost allocations.
//
// wireLen is the packet's length on the wire, of which data may be only the
// beginning: lengths come from the headers, so a packet cut by a snap length
// gives the same segment as the whole one, if its TCP header was kept. The
// payload ends where the IP header says, or before if a header around it (a
// tunnel's, PPPoE's, 802.3's) or the frame itself ends earlier. Only where the
// IP header leaves its length at 0, as with segmentation left to the network
// card and with jumbograms (RFC 2675), it ends with what is around it.
//
// The way to the segment may lead through VLAN tags, MPLS, PPPoE, LLC with
// SNAP, IPv6 extension headers, the authentication header, and tunnels: IP in
// IP, GRE, ERSPAN, VXLAN and Geneve at their registered UDP ports. It is the
// innermost segment that counts. One that is quoted in an ICMP error is none.
//
// TCP options end where their lengths contradict each other or the header, or
// where the capture did not keep them; the segment stays good. The Scale of a
// SYN that was cut before a window scale is -2: neither known nor absent.
// Checksums are not looked at: the sender's own capture sees them before the
// network card fills them in.
func (d *Decoder) Decode(link LinkType, data []byte, wireLen int, s *tcpwin.Segment) (t flow.Tuple, err error) {
	// Most packets are of one of these forms, and decoded here; what is not is
	// walked through, header by header, to the same result.
	ip, etherType := 0, uint16(0)
	switch {
	case link == Ethernet && len(data) >= 18:
		ip, etherType = 14, binary.BigEndian.Uint16(data[12:])
		if etherType == etherVLAN {
			ip, etherType = 18, binary.BigEndian.Uint16(data[16:])
		}
	case link == LinuxCooked && len(data) >= 16:
		ip, etherType = 16, binary.BigEndian.Uint16(data[14:])
	case link == LinuxCooked2 && len(data) >= 20:
		ip, etherType = 20, binary.BigEndian.Uint16(data)
	case link == Null && len(data) >= 4 && binary.LittleEndian.Uint32(data) == familyIPv4:
		ip, etherType = 4, etherIPv4
	case link == RawIP && len(data) > 0 && data[0]>>4 == 4:
		etherType = etherIPv4
	case link == RawIP && len(data) > 0 && data[0]>>4 == 6:
		etherType = etherIPv6
	}
	left := max(wireLen, len(data)) - ip
	switch h := data[ip:]; {
	case etherType == etherIPv4 && len(h) >= 40 && h[0] == 0x45 && h[9] == protoTCP && h[6]&0x3f|h[7] == 0:
		if total := int(binary.BigEndian.Uint16(h[2:])); total != 0 {
			left = min(left, total)
		}
		if err := decodeTCP(h[20:], left-20, s); err != nil {
			return t, err
		}
		s.IPID = binary.BigEndian.Uint16(h[4:])
		s.Payload += uint16(ip + 20)
		putIPv4(&t, (*[24]byte)(h))
		return t, nil
	case etherType == etherIPv6 && len(h) >= 60 && h[0]>>4 == 6 && h[6] == protoTCP:
		if payload := int(binary.BigEndian.Uint16(h[4:])); payload != 0 {
			left = min(left, 40+payload)
		}
		if err := decodeTCP(h[40:], left-40, s); err != nil {
			return t, err
		}
		s.IPID = 0
		s.Payload += uint16(ip + 40)
		putIPv6(&t, (*[44]byte)(h))
		return t, nil
	}
	return walk(link, data, wireLen, s)
}

// DecodeIP is [Decoder.Decode] of a packet of the link type [RawIP], as the lab
// has them.
func DecodeIP(data []byte, wireLen int, s *tcpwin.Segment) (flow.Tuple, error) {
	return new(Decoder).Decode(RawIP, data, wireLen, s)
}

// Payload is what was kept of the payload of a segment that was decoded from data.
func Payload(data []byte, s *tcpwin.Segment) []byte {
	if int(s.Payload) >= len(data) {
		return nil
	}
	b := data[s.Payload:]
	return b[:min(len(b), s.Len)]
}
