package filter

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

func (p *parser) addressID(t token, value uint32, q qualifiers) (*node, error) {
	if q.protocol == "ether" {
		return p.etherHostID(t, q)
	}
	switch t.kind {
	case numeral:
		return p.numeralID(t, value, q)
	case dotted:
		return p.ipv4ID(t, q)
	case ipv6:
		return p.ipv6ID(t, q)
	case mac:
		return nil, failAt(t, "%v is an Ethernet address: write ether host %s", t, t.text)
	}
	return nil, failAt(t, "%v is a name: use the address", t)
}

// numeralID is an address or, with net, the beginning of one: net 10 is
// 10.0.0.0/8.
func (p *parser) numeralID(t token, value uint32, q qualifiers) (*node, error) {
	if slash := p.peek(); slash.is("/") || slash.is("mask") {
		return nil, failAt(t, "%v before %v: write the address with dots, as in %s.0.0.0", t, slash, t.text)
	}
	mask := ^uint32(0)
	if q.kind == "net" {
		for ; value != 0 && value < 1<<24; value <<= 8 {
			mask <<= 8
		}
	}
	return p.ipv4Hosts(t, value, mask, q)
}

// ipv4ID is an IPv4 address, or the beginning of one: 10.1 is 10.1.0.0/16, also
// after host.
func (p *parser) ipv4ID(t token, q qualifiers) (*node, error) {
	address, length, err := beginning(t.text)
	if err != nil {
		return nil, failAt(t, "%v", err)
	}
	mask := prefixMask(length)
	slash := p.peek()
	if !slash.is("/") && !slash.is("mask") {
		return p.ipv4Hosts(t, address, mask, q)
	}
	if mask, err = p.mask(); err != nil {
		return nil, err
	}
	if q.kind != "net" {
		return nil, failAt(slash, "%v: only net takes a mask or a length", slash)
	}
	if address&^mask != 0 {
		return nil, failAt(t, "%s has bits set outside of its mask: the network is %v", t.text, ipv4(address&mask))
	}
	return p.ipv4Hosts(t, address, mask, q)
}

// mask parses /LENGTH or mask MASK, after an IPv4 address.
func (p *parser) mask() (uint32, error) {
	if p.next().is("/") {
		length, err := p.prefixLength(32)
		return prefixMask(length), err
	}
	t := p.next()
	if t.kind != dotted {
		return 0, failAt(t, "%v where a mask such as 255.255.255.0 is expected", t)
	}
	mask, _, err := beginning(t.text)
	if err != nil {
		return 0, failAt(t, "%v", err)
	}
	return mask, nil
}

func (p *parser) prefixLength(most uint32) (int, error) {
	t := p.next()
	if t.kind != numeral || t.value > most {
		return 0, failAt(t, "%v where a length is expected, of at most %d bits", t, most)
	}
	return int(t.value), nil
}

// beginning reads one to four parts of an IPv4 address, always decimal.
func beginning(text string) (address uint32, length int, err error) {
	for _, part := range strings.Split(text, ".") {
		octet, err := strconv.ParseUint(part, 10, 8)
		if err != nil {
			return 0, 0, fmt.Errorf("%q is not an IPv4 address: its parts go up to 255", text)
		}
		address = address<<8 | uint32(octet)
		length += 8
	}
	return address << (32 - length), length, nil
}

func prefixMask(length int) uint32 { return ^uint32(0) << (32 - length) }

func ipv4(address uint32) netip.Addr {
	return netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, address)))
}

// ipv4Hosts holds for IPv4 packets and ARP and RARP messages with that address.
func (p *parser) ipv4Hosts(t token, address, mask uint32, q qualifiers) (*node, error) {
	ip := func() *node { return p.addressOf(etherTypeIPv4, ipv4SourceAt, ipv4DestinationAt, address, mask, q) }
	arp := func() *node { return p.addressOf(etherTypeARP, arpSourceAt, arpDestinationAt, address, mask, q) }
	rarp := func() *node { return p.addressOf(etherTypeRARP, arpSourceAt, arpDestinationAt, address, mask, q) }
	switch q.protocol {
	case "ip6":
		return nil, failAt(t, "ip6 before %s, which is an IPv4 address", t.text)
	case "ip":
		return ip(), nil
	case "arp":
		return arp(), nil
	case "rarp":
		return rarp(), nil
	}
	return or(or(ip(), arp()), rarp()), nil
}

func (p *parser) addressOf(etherType uint16, sourceAt, destinationAt, address, mask uint32, q qualifiers) *node {
	at := func(offset uint32) func() *node {
		return func() *node {
			return and(p.link.carries(etherType), masked(p.link.network(offset, 4), mask, address))
		}
	}
	return q.direction.of(at(sourceAt), at(destinationAt))
}

func (p *parser) ipv6ID(t token, q qualifiers) (*node, error) {
	address, err := netip.ParseAddr(t.text)
	if err != nil {
		return nil, failAt(t, "%v", err)
	}
	length := 128
	if slash := p.peek(); slash.is("/") {
		p.next()
		if length, err = p.prefixLength(128); err != nil {
			return nil, err
		}
		if q.kind != "net" {
			return nil, failAt(slash, "%v: only net takes a mask or a length", slash)
		}
	}
	if q.protocol != "" && q.protocol != "ip6" {
		return nil, failAt(t, "%s before %s, which is an IPv6 address", q.protocol, t.text)
	}
	octets := address.As16()
	var words, masks [4]uint32
	for i := range words {
		words[i] = binary.BigEndian.Uint32(octets[4*i:])
		masks[i] = prefixMask(min(max(length-32*i, 0), 32))
		if words[i]&^masks[i] != 0 {
			network := netip.PrefixFrom(address, length).Masked().Addr()
			return nil, failAt(t, "%s has bits set outside of its mask: the network is %v", t.text, network)
		}
	}
	at := func(offset uint32) func() *node {
		return func() *node {
			n := p.link.carries(etherTypeIPv6)
			for i := range words {
				n = and(n, masked(p.link.network(offset+uint32(4*i), 4), masks[i], words[i]))
			}
			return n
		}
	}
	return q.direction.of(at(ipv6SourceAt), at(ipv6DestinationAt)), nil
}

// etherHostID compares an Ethernet address, its last four bytes first.
func (p *parser) etherHostID(t token, q qualifiers) (*node, error) {
	const sourceAt, destinationAt = 6, 0
	if t.kind != mac {
		return nil, failAt(t, "%v is not an Ethernet address, such as 02:00:00:00:00:01", t)
	}
	if err := p.needEthernet(t, "ether host"); err != nil {
		return nil, err
	}
	address := macAddress(t.text)
	at := func(offset uint32) func() *node { return func() *node { return etherAddress(offset, address) } }
	return q.direction.of(at(sourceAt), at(destinationAt)), nil
}

func etherAddress(offset uint32, address uint64) *node {
	return and(
		equals(field{offset: offset + 2, size: 4}, uint32(address)),
		equals(field{offset: offset, size: 2}, uint32(address>>32)))
}

// macAddress reads an address that the scanner took for one, in any of its
// forms: groups of one or two hexadecimal digits, or three of four, or twelve
// digits.
func macAddress(text string) uint64 {
	groups := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(":-.", r) })
	var address uint64
	for _, group := range groups {
		value, _ := strconv.ParseUint(group, 16, 48)
		address = address<<(48/len(groups)) | value
	}
	return address
}

func (p *parser) needEthernet(t token, what string) error {
	if p.link.name == "Ethernet" {
		return nil
	}
	return failAt(t, "%s needs packets of Ethernet, and these are %s", what, p.link.name)
}
