package capture

import "encoding/binary"

// link reads what a packet of a link type has before the first header that
// other link types have, too.
func (r *rest) link(link LinkType) (header, error) {
	switch link {
	case Ethernet:
		return headerEthernet, nil
	case RawIP, rawIPBSD, rawIPOpenBSD, IPv4, IPv6:
		return headerIP, nil
	case Null, Loop:
		return r.addressFamily(link)
	case LinuxCooked:
		return r.etherTypeAt(14, 16)
	case LinuxCooked2:
		return r.etherTypeAt(0, 20)
	case CiscoHDLC:
		return r.etherTypeAt(2, 4)
	case PPP, PPPSerial:
		return headerHDLC, nil
	case PPPWithDirection:
		return headerHDLC, r.skip(1)
	case PPPoE:
		return headerPPPoE, nil
	case FDDI:
		return r.fddi()
	case WiFi, WiFiPrism, WiFiRadiotap, PFLog:
		return r.linkByGopacket(link)
	}
	return 0, ErrLinkType
}

// etherTypeAt reads a header of size bytes with an EtherType in it.
func (r *rest) etherTypeAt(at, size int) (header, error) {
	if err := r.has(size); err != nil {
		return 0, err
	}
	next := byEtherType(binary.BigEndian.Uint16(r.data[at:]))
	return next, r.skip(size)
}

// familyIPv4 is AF_INET, of all systems.
const familyIPv4 = 2

// addressFamily reads the header of Null and Loop. Null's is in the byte order
// of the host that captured; a family is so small that it shows which.
func (r *rest) addressFamily(link LinkType) (header, error) {
	if err := r.has(4); err != nil {
		return 0, err
	}
	family := binary.BigEndian.Uint32(r.data)
	if link == Null && family > 0xffff {
		family = binary.LittleEndian.Uint32(r.data)
	}
	next := headerOther
	switch family {
	case familyIPv4, 10, 24, 28, 30: // AF_INET6 of Linux, NetBSD and OpenBSD, FreeBSD, macOS
		next = headerIP
	}
	return next, r.skip(4)
}
