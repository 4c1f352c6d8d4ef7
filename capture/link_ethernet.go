package capture

import "encoding/binary"

// EtherTypes that lead to IP:
// https://www.iana.org/assignments/ieee-802-numbers. Some lead there in GRE
// only.
const (
	etherIPv4        = 0x0800
	etherBridged     = 0x6558 // Ethernet in GRE
	etherVLAN        = 0x8100 // 802.1Q
	etherIPv6        = 0x86dd
	etherPPP         = 0x880b
	etherMPLS        = 0x8847
	etherMPLSUp      = 0x8848 // with upstream-assigned labels (RFC 5332 3)
	etherPPPoE       = 0x8864 // the session stage
	etherProviderTag = 0x88a8 // 802.1ad
	etherERSPAN      = 0x88be // types I and II
	etherQinQ        = 0x9100 // what others used before 802.1ad
	etherERSPAN3     = 0x22eb
)

// byEtherType returns what follows a header that names the EtherType.
func byEtherType(t uint16) header {
	switch t {
	case etherIPv4, etherIPv6:
		return headerIP
	case etherVLAN, etherProviderTag, etherQinQ:
		return headerVLAN
	case etherMPLS, etherMPLSUp:
		return headerMPLS
	case etherPPPoE:
		return headerPPPoE
	case etherBridged:
		return headerEthernet
	case etherPPP:
		return headerHDLC
	case 4: // 802.2, in Linux cooked packets
		return headerLLC
	}
	return headerOther
}

// ethernet reads a header of Ethernet or of 802.3, which has a length in place
// of the type.
func (r *rest) ethernet() (header, error) {
	return r.typeOrLength(12)
}

// vlan reads a tag after its EtherType.
func (r *rest) vlan() (header, error) {
	return r.typeOrLength(2)
}

// typeOrLength reads a header that ends with an EtherType or a length.
func (r *rest) typeOrLength(at int) (header, error) {
	if err := r.has(at + 2); err != nil {
		return 0, err
	}
	const longest = 1500 // more is a type (802.3 3.2.6)
	v := binary.BigEndian.Uint16(r.data[at:])
	if err := r.skip(at + 2); err != nil {
		return 0, err
	}
	if v <= longest {
		r.end(int(v))
		return headerLLC, nil
	}
	return byEtherType(v), nil
}

// fddi reads a header of FDDI, whose frame control says whether the frame is an
// asynchronous one with LLC (ANSI X3.139).
func (r *rest) fddi() (header, error) {
	if err := r.has(13); err != nil {
		return 0, err
	}
	next := headerOther
	if r.data[0]&0xf0 == 0x50 {
		next = headerLLC
	}
	return next, r.skip(13)
}

// llc reads a header of 802.2, and the one of SNAP after it.
func (r *rest) llc() (header, error) {
	const (
		sapSNAP = 0xaa
		sapIP   = 0x06
		ui      = 0x03 // the control field of unnumbered information
	)
	if err := r.has(3); err != nil {
		return 0, err
	}
	dsap, ssap, control := r.data[0], r.data[1], r.data[2]
	if err := r.skip(3); err != nil || control != ui {
		return headerOther, err
	}
	switch {
	case dsap == sapIP:
		return headerIP, nil
	case dsap != sapSNAP || ssap != sapSNAP:
		return headerOther, nil
	}
	if err := r.has(5); err != nil {
		return 0, err
	}
	next := headerOther
	switch [3]byte(r.data) {
	case [3]byte{}, [3]byte{0, 0, 0xf8}: // RFC 1042, and Cisco's for bridges
		next = byEtherType(binary.BigEndian.Uint16(r.data[3:]))
	}
	return next, r.skip(5)
}

// mpls reads a stack of labels (RFC 3032 2.1). What is behind it nobody says;
// the first bits of IP cannot be mistaken (RFC 4928 3).
func (r *rest) mpls() (header, error) {
	for {
		if err := r.has(4); err != nil {
			return 0, err
		}
		last := r.data[2]&1 != 0
		if err := r.skip(4); err != nil {
			return 0, err
		}
		if last {
			return headerIP, nil
		}
	}
}
