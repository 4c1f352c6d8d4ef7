package filter

import (
	"maps"
	"slices"
	"strings"
)

const (
	ipv4ProtocolAt, ipv4FragmentAt, ipv4SourceAt, ipv4DestinationAt = 9, 6, 12, 16
	ipv6NextAt, ipv6SourceAt, ipv6DestinationAt, ipv6Header         = 6, 8, 24, 40
	arpSourceAt, arpDestinationAt                                   = 14, 24

	ipv6FragmentHeader = 44
	fragmentOffset     = 0x1FFF
)

var etherTypes = map[string]uint16{
	"ip": etherTypeIPv4, "ip6": etherTypeIPv6, "arp": etherTypeARP, "rarp": etherTypeRARP, "loopback": 0x9000,
}

// protocol is what IP carries.
type protocol struct {
	number     uint32
	ipv4, ipv6 bool // where the keyword of that name looks for it
}

var protocols = map[string]protocol{
	"icmp":  {1, true, false},
	"igmp":  {2, true, false},
	"tcp":   {6, true, true},
	"udp":   {17, true, true},
	"esp":   {50, true, true},
	"ah":    {51, true, true},
	"icmp6": {58, false, true},
	"pim":   {103, true, true},
	"sctp":  {132, true, true},
}

// protocolNames are names after proto, by IANA's registry. They do not depend
// on the machine's own list.
var protocolNames = map[string]uint32{
	"icmp": 1, "igmp": 2, "tcp": 6, "udp": 17, "gre": 47, "esp": 50, "ah": 51, "ipv6-icmp": 58, "pim": 103, "sctp": 132,
}

func names[V any](of map[string]V) string {
	return `\` + strings.Join(slices.Sorted(maps.Keys(of)), `, \`)
}

// abbreviation is what a protocol's keyword alone stands for.
func (l link) abbreviation(p protocol) *node {
	switch {
	case !p.ipv6:
		return l.ipv4Protocol(p.number)
	case !p.ipv4:
		return l.ipv6Protocol(p.number)
	}
	return or(l.ipv4Protocol(p.number), l.ipv6Protocol(p.number))
}

func (l link) ipv4Protocol(number uint32) *node {
	return and(l.carries(etherTypeIPv4), equals(l.network(ipv4ProtocolAt, 1), number))
}

// ipv6Protocol looks at the header next to IPv6's own and, as libpcap, beyond
// a fragment header, but not beyond any other extension header.
func (l link) ipv6Protocol(number uint32) *node {
	next := l.network(ipv6NextAt, 1)
	fragmented := and(equals(next, ipv6FragmentHeader), equals(l.network(ipv6Header, 1), number))
	return and(l.carries(etherTypeIPv6), or(equals(next, number), fragmented))
}

// firstFragment holds where an IPv4 packet has the beginning of what it carries.
func (l link) firstFragment() *node {
	return not(compared(l.network(ipv4FragmentAt, 2), anySet, fragmentOffset))
}

// protocolID is [ip|ip6|ether] proto ID.
func (p *parser) protocolID(t token, number uint32, q qualifiers) (*node, error) {
	switch {
	case q.protocol == "ether":
		return p.etherProtocolID(t, number)
	case t.kind == word || t.kind == escaped:
		var ok bool
		if number, ok = protocolNames[t.text]; !ok {
			return nil, failAt(t, "%v is not a protocol known here: use its number, or one of %s", t, names(protocolNames))
		}
	case t.kind != numeral:
		return nil, failAt(t, "%v where the number of a protocol is expected", t)
	}
	if number > 255 {
		return nil, failAt(t, "protocol %d: at most 255", number)
	}
	switch q.protocol {
	case "":
		return or(p.link.ipv4Protocol(number), p.link.ipv6Protocol(number)), nil
	case "ip":
		return p.link.ipv4Protocol(number), nil
	default:
		return p.link.ipv6Protocol(number), nil
	}
}

func (p *parser) etherProtocolID(t token, number uint32) (*node, error) {
	const longest8023 = 1500 // an EtherType is above, a length is not
	const appleTalk, appleTalkARP = 0x809B, 0x80F3
	const tagged, serviceTagged = 0x8100, 0x88A8
	switch {
	case t.kind == word || t.kind == escaped:
		etherType, ok := etherTypes[t.text]
		if !ok {
			return nil, failAt(t, "%v is not an EtherType known here: use its number, or one of %s", t, names(etherTypes))
		}
		number = uint32(etherType)
	case t.kind != numeral:
		return nil, failAt(t, "%v where an EtherType is expected", t)
	}
	switch {
	case number > 0xFFFF:
		return nil, failAt(t, "EtherType %#x: at most 0xffff", number)
	case number <= longest8023 || number == appleTalk || number == appleTalkARP:
		return nil, failAt(t, "ether proto %#x needs 802.2 headers, which are not supported: EtherTypes above %d are", number, longest8023)
	}
	if p.link.tells == byEtherType && (number == tagged || number == serviceTagged) {
		p.onlyHere(t, "is the EtherType of a tag that the kernel takes out of a packet")
	}
	return p.link.carries(uint16(number)), nil
}
