package filter

// keywords are those of libpcap's that have a meaning here. They cannot be
// names.
var keywords = wordSet("and", "or", "src", "dst", "host", "net", "mask", "port", "portrange", "proto",
	"ip", "ip6", "arp", "rarp", "ether", "link", "tcp", "udp", "sctp", "icmp", "icmp6", "igmp", "ah", "esp", "pim",
	"less", "greater", "len", "length", "vlan", "broadcast", "multicast")

// unsupported are libpcap's other keywords. They cannot be names either.
var unsupported = wordSet("gateway", "protochain", "byte", "inbound", "outbound", "ifindex", "mpls", "pppoed", "pppoes",
	"geneve", "llc", "iso", "esis", "es-is", "isis", "is-is", "clnp", "stp", "ipx", "netbeui", "atalk", "aarp", "decnet",
	"lat", "sca", "moprc", "mopdl", "igrp", "vrrp", "carp", "radio", "fddi", "tr", "wlan", "ppp", "slip", "type", "subtype",
	"dir", "direction", "addr1", "addr2", "addr3", "addr4", "address1", "address2", "address3", "address4", "ra", "ta",
	"l1", "l2", "iih", "lsp", "snp", "csnp", "psnp", "lane", "metac", "bcc", "oam", "oamf4", "oamf4ec", "oamf4sc", "sc",
	"ilmic", "vpi", "vci", "connectmsg", "metaconnect", "on", "ifname", "rset", "ruleset", "rnr", "rulenum", "srnr",
	"subrulenum", "reason", "action", "fisu", "lssu", "lsu", "msu", "hfisu", "hlssu", "hmsu", "sio", "opc", "dpc", "sls",
	"hsio", "hopc", "hdpc", "hsls")

func failUnsupported(t token) error {
	return failAt(t, "%v is not supported: of pcap-filter's primitives, only those for IP, its transports, ARP, Ethernet and VLAN are", t)
}

func wordSet(words ...string) map[string]bool {
	set := make(map[string]bool, len(words))
	for _, w := range words {
		set[w] = true
	}
	return set
}

// primitive parses a condition that begins with a keyword.
func (p *parser) primitive() (operand, error) {
	t := p.peek()
	switch t.text {
	case "src", "dst", "host", "net", "port", "portrange", "proto":
		return p.qualified(t, "")
	case "less", "greater":
		return p.lengthLimit()
	case "vlan":
		return p.vlan()
	case "broadcast", "multicast":
		return p.cast(t, "ether")
	}
	_, isEtherType := etherTypes[t.text]
	carried, isProtocol := protocols[t.text]
	switch {
	case t.is("ether"), t.is("link"), isEtherType, isProtocol:
		p.next()
	default:
		return operand{}, failAt(t, "%v where a condition is expected", t)
	}
	protocol := t.text
	if protocol == "link" {
		protocol = "ether"
	}
	following := p.peek()
	switch {
	case following.is("src"), following.is("dst"), following.is("host"), following.is("net"),
		following.is("port"), following.is("portrange"), following.is("proto"):
		return p.qualified(t, protocol)
	case following.is("broadcast"), following.is("multicast"):
		return p.cast(t, protocol)
	case protocol == "ether":
		return operand{}, failAt(following, "%v where host, proto, src, dst, broadcast or multicast is expected", following)
	case isEtherType:
		return operand{condition: p.link.carries(etherTypes[t.text]), first: t}, nil
	}
	return operand{condition: p.link.abbreviation(carried), first: t}, nil
}

// lengthLimit parses less N and greater N, both of which include N.
func (p *parser) lengthLimit() (operand, error) {
	t, limit := p.next(), p.next()
	if limit.kind != numeral {
		return operand{}, failAt(limit, "%v where a number of bytes is expected", limit)
	}
	relation := ">="
	if t.is("less") {
		relation = "<="
	}
	return operand{condition: relate(&number{kind: length}, relation, &number{constant: limit.value}), first: t}, nil
}

// vlan parses vlan [ID], and moves what follows by the length of a tag.
func (p *parser) vlan() (operand, error) {
	const tag, idMask = 4, 0xFFF
	t := p.next()
	if err := p.needEthernet(t, "vlan"); err != nil {
		return operand{}, err
	}
	p.onlyHere(t, "is about a tag that the kernel takes out of a packet")
	tagged := or(or(p.link.carries(0x8100), p.link.carries(0x88A8)), p.link.carries(0x9100))
	id, ok, err := p.optionalNumeral()
	if err != nil {
		return operand{}, err
	}
	if ok {
		if id.value > idMask {
			return operand{}, failAt(id, "vlan %d: at most %d", id.value, idMask)
		}
		tagged = and(tagged, masked(p.link.network(0, 2), idMask, id.value))
	}
	p.link.typeAt += tag
	p.link.payload += tag
	return operand{condition: tagged, first: t}, nil
}

func (p *parser) optionalNumeral() (t token, ok bool, err error) {
	rest := p.tokens[p.at:]
	if len(rest) > 1 && rest[0].is("(") && rest[1].kind == numeral {
		p.at += 2
		return rest[1], true, p.expect(")")
	}
	if rest[0].kind == numeral {
		return p.next(), true, nil
	}
	return token{}, false, nil
}

// cast parses broadcast and multicast, after what they are of. A file does not
// tell the networks' masks, so ip broadcast knows only those of no network.
func (p *parser) cast(first token, protocol string) (operand, error) {
	t := p.next()
	l := p.link
	var n *node
	switch protocol + " " + t.text {
	case "ether broadcast", "ether multicast":
		if err := p.needEthernet(first, t.text); err != nil {
			return operand{}, err
		}
		n = compared(field{size: 1}, anySet, 1)
		if t.is("broadcast") {
			n = etherAddress(0, 1<<48-1)
		}
	case "ip broadcast":
		to := l.network(ipv4DestinationAt, 4)
		n = and(l.carries(etherTypeIPv4), or(equals(to, 0), equals(to, 1<<32-1)))
	case "ip multicast":
		n = and(l.carries(etherTypeIPv4), compared(l.network(ipv4DestinationAt, 1), atLeast, 224))
	case "ip6 multicast":
		n = and(l.carries(etherTypeIPv6), equals(l.network(ipv6DestinationAt, 1), 255))
	default:
		return operand{}, failAt(first, "%s %s is not known: ether and ip have broadcast; ether, ip and ip6 have multicast", protocol, t.text)
	}
	return operand{condition: n, first: first}, nil
}
