package filter

import "slices"

// maxIndex is libpcap's longest packet, in bytes. A constant index beyond it
// would not do what it says: libpcap's optimizer wraps it.
const maxIndex = 262144

// accessor parses protocol[index] and protocol[index:size].
func (p *parser) accessor() (*number, error) {
	name := p.next()
	ofLink := name.is("ether") || name.is("link")
	bytes, implies, err := p.header(name)
	if err != nil {
		return nil, err
	}
	bracket := p.next()
	if err := p.enter(bracket); err != nil {
		return nil, err
	}
	defer p.leave()
	index, err := p.arithmetic()
	if err != nil {
		return nil, err
	}
	bytes.size = 1
	if p.peek().is(":") {
		p.next()
		t := p.next()
		if t.kind != numeral || !slices.Contains([]uint32{1, 2, 4}, t.value) {
			return nil, failAt(t, "%v where a size is expected: 1, 2 or 4 bytes", t)
		}
		bytes.size = uint8(t.value)
	}
	if err := p.expect("]"); err != nil {
		return nil, err
	}
	if index.kind == constant {
		if index.constant >= maxIndex {
			return nil, failAt(bracket, "index %d: a packet has at most %d bytes", index.constant, maxIndex)
		}
		bytes.offset += index.constant
		if ofLink && !p.link.kernelShows(bytes) {
			p.onlyHere(name, "looks at bytes that the kernel does not show to a program as they are")
		}
		return &number{kind: indexed, field: bytes, implies: implies(nil)}, nil
	}
	if ofLink && p.link.tells == byEtherType {
		p.onlyHere(name, "may look at bytes that the kernel does not show to a program as they are")
	}
	return &number{kind: indexed, field: bytes, left: index, implies: implies(index.implies)}, nil
}

// header is where the protocol's header begins, and what must hold for it to
// be there; the latter also takes what the index implies, at its place.
func (p *parser) header(name token) (field, func(index *node) *node, error) {
	l := p.link
	before := func(own *node) func(*node) *node {
		return func(index *node) *node { return andMaybe(index, own) }
	}
	switch name.text {
	case "ether", "link":
		return field{}, before(nil), nil
	case "ip", "ip6", "arp", "rarp":
		return l.network(0, 0), before(l.carries(etherTypes[name.text])), nil
	case "icmp6":
		own := and(l.carries(etherTypeIPv6), equals(l.network(6, 1), protocols["icmp6"].number))
		return l.network(ipv6Header, 0), before(own), nil
	case "tcp", "udp", "sctp", "icmp", "igmp", "pim":
		return l.afterIPv4(0, 0), func(index *node) *node {
			own := and(l.abbreviation(protocols[name.text]), l.firstFragment())
			return and(l.carries(etherTypeIPv4), andMaybe(index, own))
		}, nil
	}
	return field{}, nil, failAt(name, "%v has no bytes to look at here: expected ether, ip, ip6, arp, rarp, tcp, udp, sctp, icmp, icmp6, igmp or pim", name)
}
