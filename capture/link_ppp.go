package capture

import "encoding/binary"

// PPP protocol numbers: https://www.iana.org/assignments/ppp-numbers.
const (
	pppIPv4 = 0x0021
	pppIPv6 = 0x0057
	pppMPLS = 0x0281
)

// pppoe reads a header of RFC 2516 4, whose length excludes the padding of a
// short Ethernet frame.
func (r *rest) pppoe() (header, error) {
	if err := r.has(6); err != nil {
		return 0, err
	}
	length := int(binary.BigEndian.Uint16(r.data[4:]))
	if err := r.skip(6); err != nil {
		return 0, err
	}
	r.end(length)
	return headerPPP, nil
}

// hdlc reads the framing of PPP (RFC 1662 3.1), which may be left out, or that
// of Cisco (RFC 1547 4.3.1), by its address for one station or for all.
func (r *rest) hdlc() (header, error) {
	if err := r.has(2); err != nil {
		return 0, err
	}
	switch {
	case r.data[0] == 0xff && r.data[1] == 0x03:
		return headerPPP, r.skip(2)
	case r.data[0] == 0x0f || r.data[0] == 0x8f:
		return r.etherTypeAt(2, 4)
	}
	return headerPPP, nil
}

// ppp reads the protocol (RFC 1661 2), whose first byte may be left out.
func (r *rest) ppp() (header, error) {
	if err := r.has(2); err != nil {
		return 0, err
	}
	size, protocol := 2, binary.BigEndian.Uint16(r.data)
	if r.data[0]&1 != 0 { // only a last byte is odd
		size, protocol = 1, uint16(r.data[0])
	}
	next := headerOther
	switch protocol {
	case pppIPv4, pppIPv6:
		next = headerIP
	case pppMPLS:
		next = headerMPLS
	}
	return next, r.skip(size)
}
