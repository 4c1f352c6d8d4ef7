package filter

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/net/bpf"

	"flowlab/capture"
)

// link is how packets of a link type begin, and how they tell what they carry.
type link struct {
	name    string
	tells   tells
	typeAt  uint32 // offset of the EtherType
	payload uint32 // offset of what is carried: its network header
	cooked  []asked
}

// asked is a field of a cooked header that a BPF program asks the kernel for.
type asked struct {
	offset, size uint32
	extension    bpf.Extension
}

type tells uint8

const (
	byEtherType tells = iota
	byFamily          // the address family of the system that captured
	byVersion         // the first bits of the IP header
	alwaysIPv4
	alwaysIPv6
)

const etherTypeIPv4, etherTypeARP, etherTypeRARP, etherTypeIPv6 = 0x0800, 0x0806, 0x8035, 0x86DD

// links is by https://www.tcpdump.org/linktypes.html. 12 and 14 are what
// systems have written for raw IP.
var links = map[capture.LinkType]link{
	0:   {name: "null", tells: byFamily, payload: 4},
	1:   {name: "Ethernet", typeAt: 12, payload: 14},
	12:  {name: "raw IP", tells: byVersion},
	14:  {name: "raw IP", tells: byVersion},
	101: {name: "raw IP", tells: byVersion},
	108: {name: "loop", tells: byFamily, payload: 4},
	113: {name: "Linux cooked v1", typeAt: 14, payload: 16, cooked: []asked{
		{0, 2, bpf.ExtType}, {2, 2, bpf.ExtLinkLayerType}, {14, 2, bpf.ExtProto}}},
	228: {name: "IPv4", tells: alwaysIPv4},
	229: {name: "IPv6", tells: alwaysIPv6},
	276: {name: "Linux cooked v2", typeAt: 0, payload: 20, cooked: []asked{
		{0, 2, bpf.ExtProto}, {4, 4, bpf.ExtInterfaceIndex}, {8, 2, bpf.ExtLinkLayerType}, {10, 1, bpf.ExtType}}},
}

func linkNames() string {
	var names []string
	for _, number := range slices.Sorted(maps.Keys(links)) {
		names = append(names, fmt.Sprintf("%s (%d)", links[number].name, number))
	}
	return strings.Join(names, ", ")
}

// carries holds for packets of that EtherType.
func (l link) carries(etherType uint16) *node {
	switch l.tells {
	case byVersion:
		switch etherType {
		case etherTypeIPv4:
			return masked(l.network(0, 1), 0xF0, 0x40)
		case etherTypeIPv6:
			return masked(l.network(0, 1), 0xF0, 0x60)
		}
	case byFamily:
		return l.family(etherType)
	case alwaysIPv4:
		if etherType == etherTypeIPv4 {
			return &node{join: always}
		}
	case alwaysIPv6:
		if etherType == etherTypeIPv6 {
			return &node{join: always}
		}
	default:
		return equals(field{offset: l.typeAt, size: 2}, uint32(etherType))
	}
	return &node{join: never}
}

// family tells by address family, which is in the byte order of the system that
// captured (null) or in network order (loop). IPv6 has the number of macOS (30),
// of NetBSD and OpenBSD (24), or of FreeBSD (28); Linux does not write such files.
func (l link) family(etherType uint16) *node {
	var numbers []uint32
	switch etherType {
	case etherTypeIPv4:
		numbers = []uint32{2}
	case etherTypeIPv6:
		numbers = []uint32{30, 24, 28}
	default:
		return &node{join: never}
	}
	family := field{size: 4}
	n := equals(family, numbers[0])
	for _, number := range numbers[1:] {
		n = or(n, equals(family, number))
	}
	for _, number := range numbers {
		n = or(n, equals(family, number<<24)) // of the other byte order
	}
	return n
}

// network is a field of the network header.
func (l link) network(offset uint32, size uint8) field {
	return field{offset: l.payload + offset, size: size}
}

// afterIPv4 is a field of what an IPv4 packet carries.
func (l link) afterIPv4(offset uint32, size uint8) field {
	return field{offset: l.payload + offset, size: size, ipv4: true, header: l.payload}
}

// shift is how many bytes of a packet a BPF program does not see.
func (l link) shift() uint32 {
	if l.cooked == nil {
		return 0
	}
	return l.payload
}

// asks finds what the kernel knows of a field of the cooked header.
func (l link) asks(f field) (asked, bool) {
	for _, a := range l.cooked {
		if f.offset >= a.offset && f.offset+uint32(f.size) <= a.offset+a.size {
			return a, true
		}
	}
	return asked{}, false
}

// kernelShows is whether a program in the kernel can look at a field, from the
// packet's start: what follows an EtherType moves when a VLAN tag is taken out.
func (l link) kernelShows(f field) bool {
	switch {
	case l.tells != byEtherType:
		return true
	case l.cooked == nil:
		return f.offset+uint32(f.size) <= l.typeAt
	}
	known, ok := l.asks(f)
	return ok && known.extension != bpf.ExtProto
}
