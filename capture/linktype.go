package capture

import "strconv"

// LinkType is how a packet begins, by the registry at
// https://www.tcpdump.org/linktypes.html.
type LinkType uint16

// The link types that [Decoder] knows.
const (
	Null             LinkType = 0   // an address family in the byte order of the host that captured
	Ethernet         LinkType = 1   // Ethernet or 802.3
	PPP              LinkType = 9   // RFC 1661, with or without the framing of RFC 1662
	FDDI             LinkType = 10  // with LLC
	rawIPBSD         LinkType = 12  // RawIP, where files have the number that BSD gives it
	rawIPOpenBSD     LinkType = 14  // RawIP, as OpenBSD numbers it
	PPPSerial        LinkType = 50  // PPP or Cisco HDLC, by the first byte
	PPPoE            LinkType = 51  // PPPoE session without Ethernet (RFC 2516 4)
	RawIP            LinkType = 101 // the packet begins with its IPv4 or IPv6 header
	CiscoHDLC        LinkType = 104 // RFC 1547 4.3.1
	WiFi             LinkType = 105 // 802.11
	Loop             LinkType = 108 // an address family in network byte order
	LinuxCooked      LinkType = 113 // what Linux gives on "any"
	PFLog            LinkType = 117 // OpenBSD's packet filter log
	WiFiPrism        LinkType = 119 // 802.11 after a Prism header
	WiFiRadiotap     LinkType = 127 // 802.11 after a radiotap header
	PPPWithDirection LinkType = 204 // one byte of direction, then PPP
	IPv4             LinkType = 228 // RawIP, of IPv4 only
	IPv6             LinkType = 229 // RawIP, of IPv6 only
	LinuxCooked2     LinkType = 276 // LinuxCooked with the interface's index
)

// String returns the name that tcpdump has for it, or its number.
func (l LinkType) String() string {
	switch l {
	case Null:
		return "NULL"
	case Ethernet:
		return "EN10MB"
	case PPP:
		return "PPP"
	case FDDI:
		return "FDDI"
	case PPPSerial:
		return "PPP_SERIAL"
	case PPPoE:
		return "PPP_ETHER"
	case RawIP, rawIPBSD, rawIPOpenBSD:
		return "RAW"
	case CiscoHDLC:
		return "C_HDLC"
	case WiFi:
		return "IEEE802_11"
	case Loop:
		return "LOOP"
	case LinuxCooked:
		return "LINUX_SLL"
	case PFLog:
		return "PFLOG"
	case WiFiPrism:
		return "PRISM_HEADER"
	case WiFiRadiotap:
		return "IEEE802_11_RADIO"
	case PPPWithDirection:
		return "PPP_WITH_DIR"
	case IPv4:
		return "IPV4"
	case IPv6:
		return "IPV6"
	case LinuxCooked2:
		return "LINUX_SLL2"
	}
	return strconv.Itoa(int(l))
}
