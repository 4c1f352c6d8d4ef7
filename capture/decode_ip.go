package capture

import (
	"encoding/binary"

	"flowlab/flow"
)

// Protocol numbers (IPv4 protocol and IPv6 next header) that a segment can be
// behind: https://www.iana.org/assignments/protocol-numbers.
const (
	protoHopByHop       = 0
	protoIPv4           = 4
	protoTCP            = 6
	protoUDP            = 17
	protoIPv6           = 41
	protoRouting        = 43
	protoFragment       = 44
	protoGRE            = 47
	protoAuthentication = 51
	protoDestination    = 60
	protoShim6          = 140
)

// byProtocol returns what follows an IP header that names the protocol.
func byProtocol(protocol uint8) header {
	switch protocol {
	case protoTCP:
		return headerTCP
	case protoUDP:
		return headerUDP
	case protoIPv4, protoIPv6:
		return headerIP
	case protoGRE:
		return headerGRE
	case protoAuthentication:
		return headerAuthentication
	case protoHopByHop, protoRouting, protoDestination, protoShim6:
		return headerExtension
	case protoFragment:
		return headerFragment
	}
	return headerOther
}

// ip looks at the version of an IP header.
func (r *rest) ip() (header, error) {
	if err := r.has(1); err != nil {
		return 0, err
	}
	switch r.data[0] >> 4 {
	case 4:
		return headerIPv4, nil
	case 6:
		return headerIPv6, nil
	}
	return headerOther, nil
}

// ipv4 reads a header of RFC 791 3.1 whose version was looked at.
func (r *rest) ipv4() (header, error) {
	if err := r.has(20); err != nil {
		return 0, err
	}
	h := r.data
	size := int(h[0]&0x0f) * 4
	total := int(binary.BigEndian.Uint16(h[2:]))
	if total == 0 {
		total = r.left
	}
	if size < 20 || total < size {
		return 0, ErrMalformed
	}
	r.end(total)
	next := byProtocol(h[9])
	switch {
	case next == headerOther:
		return headerOther, nil
	case h[6]&0x3f|h[7] != 0: // more fragments, or not the first
		return 0, ErrFragment
	}
	r.source = h
	return next, r.skip(size)
}

// ipv6 reads a header of RFC 8200 3 whose version was looked at.
func (r *rest) ipv6() (header, error) {
	const size = 40
	if err := r.has(size); err != nil {
		return 0, err
	}
	h := r.data
	if payload := int(binary.BigEndian.Uint16(h[4:])); payload != 0 {
		r.end(size + payload)
	}
	r.source = h
	return byProtocol(h[6]), r.skip(size)
}

// extension reads an IPv6 extension header of the usual form (RFC 8200 4).
func (r *rest) extension() (header, error) {
	if err := r.has(8); err != nil {
		return 0, err
	}
	next := byProtocol(r.data[0])
	return next, r.skip(8 + int(r.data[1])*8)
}

// fragment reads the extension header of RFC 8200 4.5. One that neither has an
// offset nor says that more follow makes no fragment (RFC 6946).
func (r *rest) fragment() (header, error) {
	if err := r.has(8); err != nil {
		return 0, err
	}
	next := byProtocol(r.data[0])
	if next != headerOther && binary.BigEndian.Uint16(r.data[2:])&0xfff9 != 0 {
		return 0, ErrFragment
	}
	return next, r.skip(8)
}

// authentication reads a header of RFC 4302 2, behind IPv4 or IPv6.
func (r *rest) authentication() (header, error) {
	if err := r.has(12); err != nil {
		return 0, err
	}
	next := byProtocol(r.data[0])
	return next, r.skip(8 + int(r.data[1])*4)
}

// putIPv4 fills t from an IPv4 header without options and the ports behind it.
func putIPv4(t *flow.Tuple, h *[24]byte) {
	t.Src = flow.Endpoint{Port: binary.BigEndian.Uint16(h[20:]), IPv4: true}
	t.Dst = flow.Endpoint{Port: binary.BigEndian.Uint16(h[22:]), IPv4: true}
	copy(t.Src.IP[:4], h[12:])
	copy(t.Dst.IP[:4], h[16:])
}

// putIPv6 fills t from an IPv6 header without extension and the ports behind it.
func putIPv6(t *flow.Tuple, h *[44]byte) {
	t.Src = flow.Endpoint{IP: [16]byte(h[8:]), Port: binary.BigEndian.Uint16(h[40:])}
	t.Dst = flow.Endpoint{IP: [16]byte(h[24:]), Port: binary.BigEndian.Uint16(h[42:])}
}
