package filter

import (
	"strconv"
	"strings"
)

func (p *parser) portID(t token, number uint32, q qualifiers) (*node, error) {
	if t.kind != numeral {
		return nil, failAt(t, "%v is not the number of a port: use the number; names differ between machines", t)
	}
	if number > 65535 {
		return nil, failAt(t, "port %d: at most 65535", number)
	}
	return p.ports(q, func(f field) *node { return equals(f, number) }), nil
}

func (p *parser) portRangeID(t token, number uint32, q qualifiers) (*node, error) {
	first, last := number, number
	if t.kind == word {
		from, to, _ := strings.Cut(t.text, "-")
		a, errA := strconv.ParseUint(from, 10, 32)
		b, errB := strconv.ParseUint(to, 10, 32)
		if errA != nil || errB != nil {
			return nil, failAt(t, "%v is not a range of ports: use numbers, as in 9000-9010", t)
		}
		first, last = min(uint32(a), uint32(b)), max(uint32(a), uint32(b))
	} else if t.kind != numeral {
		return nil, failAt(t, "%v is not a range of ports: use numbers, as in 9000-9010", t)
	}
	if last > 65535 {
		return nil, failAt(t, "port %d: at most 65535", last)
	}
	return p.ports(q, func(f field) *node {
		return and(compared(f, atLeast, first), not(compared(f, greater, last)))
	}), nil
}

// ports holds where the ports fit: in IPv6 only right behind its header, in
// IPv4 only in the first fragment.
func (p *parser) ports(q qualifiers, fits func(field) *node) *node {
	const sourceAt, destinationAt = 0, 2
	l := p.link
	v6 := func() *node {
		return q.direction.of(
			func() *node { return fits(l.network(ipv6Header+sourceAt, 2)) },
			func() *node { return fits(l.network(ipv6Header+destinationAt, 2)) })
	}
	v4 := func() *node {
		return and(l.firstFragment(), q.direction.of(
			func() *node { return fits(l.afterIPv4(sourceAt, 2)) },
			func() *node { return fits(l.afterIPv4(destinationAt, 2)) }))
	}
	return or(
		and(l.carries(etherTypeIPv6), q.transports(l.network(ipv6NextAt, 1), v6)),
		and(l.carries(etherTypeIPv4), q.transports(l.network(ipv4ProtocolAt, 1), v4)))
}

// transports holds where the protocol is one that has ports, and the ports fit.
func (q qualifiers) transports(protocolAt field, ports func() *node) *node {
	of := func(name string) *node { return and(equals(protocolAt, protocols[name].number), ports()) }
	if q.protocol != "" {
		return of(q.protocol)
	}
	return or(or(of("sctp"), of("tcp")), of("udp"))
}
