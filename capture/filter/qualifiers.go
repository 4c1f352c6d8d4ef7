package filter

import (
	"slices"
	"strings"
)

// qualifiers say what an identifier is: "tcp dst port" before 80. They stay for
// the identifiers that follow without a keyword.
type qualifiers struct {
	protocol  string // empty for any
	direction direction
	kind      string // host, net, port, portrange or proto; empty if not said
	given     bool
}

type direction uint8

const (
	sourceOrDestination direction = iota
	source
	destination
	sourceAndDestination
)

// of joins what holds for the source and for the destination.
func (d direction) of(src, dst func() *node) *node {
	switch d {
	case source:
		return src()
	case destination:
		return dst()
	case sourceAndDestination:
		return and(src(), dst())
	}
	return or(src(), dst())
}

// qualified parses the rest of [protocol] [direction] [kind] ID, after the
// protocol.
func (p *parser) qualified(first token, protocol string) (operand, error) {
	q := qualifiers{protocol: protocol, given: true}
	directed := p.direction(&q)
	t := p.peek()
	switch {
	case t.is("host"), t.is("net"), t.is("port"), t.is("portrange"):
		q.kind = p.next().text
	case t.is("proto") && !directed:
		q.kind = p.next().text
	case !directed:
		return operand{}, failAt(t, "%v where host, net, port, portrange, proto, src or dst is expected", t)
	}
	if err := q.check(first); err != nil {
		return operand{}, err
	}
	condition, err := p.identifiers(q)
	return operand{condition: condition, first: first, qualifiers: q}, err
}

func (p *parser) direction(q *qualifiers) bool {
	t := p.peek()
	if !t.is("src") && !t.is("dst") {
		return false
	}
	p.next()
	q.direction = source
	if t.is("dst") {
		q.direction = destination
	}
	other := p.tokens[min(p.at+1, len(p.tokens)-1)]
	if join := p.peek(); (join.is("or") || join.is("and")) && (other.is("src") || other.is("dst")) && !other.is(t.text) {
		p.at += 2
		q.direction = sourceOrDestination
		if join.is("and") {
			q.direction = sourceAndDestination
		}
	}
	return true
}

// protocolsOf are the protocols that may stand before a kind.
var protocolsOf = map[string][]string{
	"":          {"ip", "ip6", "arp", "rarp", "ether"},
	"host":      {"ip", "ip6", "arp", "rarp", "ether"},
	"net":       {"ip", "ip6", "arp", "rarp"},
	"port":      {"tcp", "udp", "sctp"},
	"portrange": {"tcp", "udp", "sctp"},
	"proto":     {"ip", "ip6", "ether"},
}

func (q qualifiers) check(first token) error {
	allowed := protocolsOf[q.kind]
	if q.protocol == "" || slices.Contains(allowed, q.protocol) {
		return nil
	}
	kind := q.kind
	if kind == "" {
		kind = "host"
	}
	return failAt(first, "%q cannot qualify %s: only %s can; join by and instead, as in %q",
		q.protocol, kind, strings.Join(allowed, ", "), q.protocol+" and "+kind+" …")
}

// identifiers parses what follows qualifiers: an identifier, or several in
// parentheses.
func (p *parser) identifiers(q qualifiers) (*node, error) {
	t := p.next()
	switch {
	case t.is("!"):
		if err := p.enter(t); err != nil {
			return nil, err
		}
		defer p.leave()
		n, err := p.identifiers(q)
		if err != nil {
			return nil, err
		}
		return not(n), nil
	case t.is("("):
		if err := p.enter(t); err != nil {
			return nil, err
		}
		defer p.leave()
		n, err := p.joinedIdentifiers(q)
		if err != nil {
			return nil, err
		}
		return n, p.expect(")")
	}
	return p.identify(t, t.value, q)
}

func (p *parser) joinedIdentifiers(q qualifiers) (*node, error) {
	left, err := p.identifiers(q)
	if err != nil {
		return nil, err
	}
	for p.peek().is("and") || p.peek().is("or") {
		join := p.next()
		right, err := p.identifiers(q)
		if err != nil {
			return nil, err
		}
		if join.is("and") {
			left = and(left, right)
		} else {
			left = or(left, right)
		}
	}
	return left, nil
}

// identify is the condition of one identifier; number is the value of a
// numeral.
func (p *parser) identify(t token, number uint32, q qualifiers) (*node, error) {
	switch {
	case t.kind == end, t.kind == symbol, t.kind == word && keywords[t.text]:
		return nil, failAt(t, "%v where %s is expected%s", t, q.wants(), q.hint(t))
	case t.kind == word && unsupported[t.text]:
		return nil, failUnsupported(t)
	case !q.given:
		return nil, failAt(t, "%v needs a keyword before it: one of host, net, port, portrange, proto, or a protocol and one of these", t)
	}
	switch q.kind {
	case "port":
		return p.portID(t, number, q)
	case "portrange":
		return p.portRangeID(t, number, q)
	case "proto":
		return p.protocolID(t, number, q)
	}
	return p.addressID(t, number, q)
}

func (q qualifiers) wants() string {
	switch q.kind {
	case "port":
		return "a port's number"
	case "portrange":
		return "a range such as 9000-9010"
	case "proto":
		return "a protocol's number"
	case "net":
		return "a network such as 192.0.2.0/24"
	}
	return "an address"
}

func (q qualifiers) hint(t token) string {
	if q.kind == "proto" && t.kind == word {
		return `; as a name it is written \` + t.text
	}
	return ""
}
