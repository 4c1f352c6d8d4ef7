package capture

import "encoding/binary"

// UDP ports at which a tunnel is expected, at either end.
const (
	portVXLAN  = 4789 // RFC 7348 8
	portGeneve = 6081 // RFC 8926 3.3
)

// udp reads a header of RFC 768.
func (r *rest) udp() (header, error) {
	if err := r.has(8); err != nil {
		return 0, err
	}
	next := headerOther
	for _, port := range [2]uint16{binary.BigEndian.Uint16(r.data), binary.BigEndian.Uint16(r.data[2:])} {
		switch port {
		case portVXLAN:
			next = headerVXLAN
		case portGeneve:
			next = headerGeneve
		}
	}
	if next == headerOther {
		return next, nil
	}
	length := int(binary.BigEndian.Uint16(r.data[4:]))
	if length < 8 {
		return 0, ErrMalformed
	}
	r.end(length)
	return next, r.skip(8)
}

// geneve reads a header of RFC 8926 3.4.
func (r *rest) geneve() (header, error) {
	if err := r.has(8); err != nil {
		return 0, err
	}
	next := byEtherType(binary.BigEndian.Uint16(r.data[2:]))
	return next, r.skip(8 + int(r.data[0]&0x3f)*4)
}

// gre reads a header of RFC 2784 2 with the fields of RFC 2890, or of PPTP (RFC
// 2637 4.1).
func (r *rest) gre() (header, error) {
	const (
		checksum = 1 << 15
		routing  = 1 << 14 // RFC 1701; RFC 2784 2.3: not to be accepted
		key      = 1 << 13
		sequence = 1 << 12
		ack      = 1 << 7
		version  = 7
	)
	if err := r.has(4); err != nil {
		return 0, err
	}
	flags, etherType := binary.BigEndian.Uint16(r.data), binary.BigEndian.Uint16(r.data[2:])
	if flags&routing != 0 || flags&version > 1 {
		return headerOther, nil
	}
	size := 4
	for _, field := range [...]uint16{checksum, key, sequence} {
		if flags&field != 0 {
			size += 4
		}
	}
	if flags&version == 1 && flags&ack != 0 {
		size += 4
	}
	next := byEtherType(etherType)
	switch {
	case etherType == etherERSPAN && flags&sequence == 0: // type I has no header of its own
		next = headerEthernet
	case etherType == etherERSPAN || etherType == etherERSPAN3:
		next = headerERSPAN
	}
	return next, r.skip(size)
}

// erspan reads a header of ERSPAN type II or III (draft-foschiano-erspan 4.2,
// 4.3), which have the versions 1 and 2. The last bit of type III's tells
// whether the platform's 8 bytes follow.
func (r *rest) erspan() (header, error) {
	if err := r.has(8); err != nil {
		return 0, err
	}
	switch r.data[0] >> 4 {
	case 1:
		return headerEthernet, r.skip(8)
	case 2:
		if err := r.has(12); err != nil {
			return 0, err
		}
		return headerEthernet, r.skip(12 + int(r.data[11]&1)*8)
	}
	return headerOther, nil
}
