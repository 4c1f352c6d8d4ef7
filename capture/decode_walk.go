package capture

import (
	"encoding/binary"

	"flowlab/flow"
	"flowlab/tcpwin"
)

// header is the kind of header that comes next in a packet.
type header uint8

const (
	headerOther header = iota // nothing that leads to a segment

	headerEthernet
	headerVLAN
	headerLLC
	headerMPLS
	headerPPPoE
	headerHDLC
	headerPPP

	headerIP // of the version that it has
	headerIPv4
	headerIPv6
	headerExtension
	headerFragment
	headerAuthentication

	headerUDP
	headerVXLAN
	headerGeneve
	headerGRE
	headerERSPAN

	headerTCP
)

// rest is what is not yet read of a packet.
type rest struct {
	data   []byte // what was kept of it
	left   int    // its bytes on the wire, at least as many
	source []byte // the packet from its innermost IP header on
}

// has tells why the next n bytes cannot be read.
func (r *rest) has(n int) error {
	switch {
	case r.left < n:
		return ErrMalformed
	case len(r.data) < n:
		return ErrTruncated
	}
	return nil
}

// skip takes n bytes away.
func (r *rest) skip(n int) error {
	if err := r.has(n); err != nil {
		return err
	}
	r.data, r.left = r.data[n:], r.left-n
	return nil
}

// end takes away what is after the next n bytes, if anything.
func (r *rest) end(n int) {
	r.left = min(r.left, n)
	r.data = r.data[:min(len(r.data), r.left)]
}

// place is where what is not read begins in data. Where a header was taken apart by
// gopacket, which may have copied it, it is the end of data.
func (r *rest) place(data []byte) uint16 {
	at := cap(data) - cap(r.data)
	if at < 0 || at >= len(data) || &data[at] != &r.data[0] {
		at = len(data)
	}
	return uint16(at)
}

// walk goes through all headers of a packet to its TCP segment. Each has at
// least one byte, so it ends.
func walk(link LinkType, data []byte, wireLen int, s *tcpwin.Segment) (flow.Tuple, error) {
	r := rest{data: data, left: max(wireLen, len(data))}
	next, err := r.link(link)
	for err == nil {
		switch next {
		case headerOther:
			return flow.Tuple{}, ErrNotTCP
		case headerEthernet:
			next, err = r.ethernet()
		case headerVLAN:
			next, err = r.vlan()
		case headerLLC:
			next, err = r.llc()
		case headerMPLS:
			next, err = r.mpls()
		case headerPPPoE:
			next, err = r.pppoe()
		case headerHDLC:
			next, err = r.hdlc()
		case headerPPP:
			next, err = r.ppp()
		case headerIP:
			next, err = r.ip()
		case headerIPv4:
			next, err = r.ipv4()
		case headerIPv6:
			next, err = r.ipv6()
		case headerExtension:
			next, err = r.extension()
		case headerFragment:
			next, err = r.fragment()
		case headerAuthentication:
			next, err = r.authentication()
		case headerUDP:
			next, err = r.udp()
		case headerVXLAN:
			next, err = headerEthernet, r.skip(8) // RFC 7348 5
		case headerGeneve:
			next, err = r.geneve()
		case headerGRE:
			next, err = r.gre()
		case headerERSPAN:
			next, err = r.erspan()
		case headerTCP:
			if err := decodeTCP(r.data, r.left, s); err != nil {
				return flow.Tuple{}, err
			}
			s.IPID = r.id()
			s.Payload += r.place(data)
			return r.tuple(), nil
		}
	}
	return flow.Tuple{}, err
}

// id reads the identification of the innermost IP header.
func (r *rest) id() uint16 {
	if h := r.source; h[0]>>4 == 4 {
		return binary.BigEndian.Uint16(h[4:])
	}
	return 0
}

// tuple reads the innermost IP header and the TCP header that is next.
func (r *rest) tuple() (t flow.Tuple) {
	if h := r.source; h[0]>>4 == 4 {
		t.Src.IPv4, t.Dst.IPv4 = true, true
		copy(t.Src.IP[:4], h[12:])
		copy(t.Dst.IP[:4], h[16:])
	} else {
		t.Src.IP, t.Dst.IP = [16]byte(h[8:]), [16]byte(h[24:])
	}
	t.Src.Port = binary.BigEndian.Uint16(r.data)
	t.Dst.Port = binary.BigEndian.Uint16(r.data[2:])
	return t
}
