package filter

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// generator makes expressions that both tcpdump and the filter must take.
type generator struct {
	random   *rand.Rand
	ethernet bool
}

func (g *generator) of(choices ...string) string { return choices[g.random.IntN(len(choices))] }

func (g *generator) expression(depth int) string {
	var b strings.Builder
	b.WriteString(g.term(depth))
	for range g.random.IntN(3) {
		b.WriteString(g.of(" and ", " or ", " && ", " || "))
		b.WriteString(g.term(depth))
	}
	return b.String()
}

func (g *generator) term(depth int) string {
	switch g.random.IntN(8) {
	case 0:
		return g.of("not ", "! ", "!") + g.term(depth)
	case 1, 2:
		if depth > 0 {
			return "(" + g.expression(depth-1) + ")"
		}
	case 3, 4:
		return g.number(2) + " " + g.of("=", "==", "!=", "<", "<=", ">", ">=") + " " + g.number(2)
	}
	return g.primitive()
}

func (g *generator) primitive() string {
	if g.ethernet && g.random.IntN(6) == 0 {
		return g.of("vlan", "vlan 100", "vlan 200", "broadcast", "ether multicast", "ether src 02:00:00:00:00:02", "ether dst 2:0:0:0:0:1 or 2:0:0:0:0:3")
	}
	direction := g.of("", "", "src ", "dst ", "src or dst ", "src and dst ")
	ports := []string{"80", "443", "53", "9000"}
	switch g.random.IntN(9) {
	case 0:
		return g.of("ip", "ip6", "arp", "tcp", "udp", "sctp", "icmp", "icmp6", "igmp", "rarp", "ip multicast", "ip6 multicast", "ip broadcast")
	case 1:
		return g.of("", "ip ", "arp ") + direction + "host " + g.of("192.0.2.1", "10.1.2.3", "10.1", "192.0.2.2 or 10.1.2.3", "192.0.2.1 and not 10.1.2.3")
	case 2:
		return g.of("", "ip6 ") + direction + g.of("host 2001:db8::1", "net 2001:db8::/32", "net ff00::/8", "host ::1 or 2001:db8::1", "net ::/3")
	case 3:
		return g.of("", "ip ", "arp ") + direction + g.of("net 10", "net 10.1", "net 10.0.0.0/8", "net 192.0.2.0 mask 255.255.255.0 or 10.0.0.0/8", "net 0.0.0.0/1")
	case 4, 5:
		return g.of("", "tcp ", "udp ", "sctp ") + direction + "port " + g.of(ports...) + g.of("", "", " or "+g.of(ports...), " and not "+g.of(ports...), " or ("+g.of(ports...)+" and "+g.of(ports...)+")")
	case 6:
		return g.of("", "tcp ", "udp ") + direction + "portrange " + g.of("80-443", "9000-9010", "9001", "443-53")
	case 7:
		return g.of("ip ", "ip6 ", "") + "proto " + g.of("6", "17", `\sctp`, "58 or 1", `\tcp or \udp`, "44")
	}
	return g.of("less 80", "greater 70", "ether proto 0x800", `ether proto \ip6`, "ether proto 0x8100")
}

func (g *generator) number(depth int) string {
	if depth > 0 && g.random.IntN(3) == 0 {
		left, right := g.number(depth-1), g.number(depth-1)
		switch g.random.IntN(5) {
		case 0:
			return "(" + left + g.of(" << ", " >> ") + fmt.Sprint(g.random.IntN(32)) + ")"
		case 1: // the optimizer of libpcap loses a division by what it knows to be zero
			return "(" + left + g.of(" / ", " % ") + fmt.Sprint(1+g.random.IntN(300)) + ")"
		}
		return "(" + left + g.of(" + ", " - ", " * ", " & ", " | ", " ^ ") + right + ")"
	}
	switch g.random.IntN(5) {
	case 0:
		return g.of("len", "tcp-syn", "0x2a", "1", "255", "65535", "0x80000000")
	case 1: // an index must not be a constant beyond any packet
		return g.of("ip", "tcp", "ether", "ip6", "udp", "icmp6") + "[" + g.bytes() + g.of("", " & 0x3f", " >> 4", " + 2", " - 2") + g.of("", ":2", ":4") + "]"
	}
	return g.bytes()
}

func (g *generator) bytes() string {
	return g.of("ip", "ip6", "tcp", "udp", "icmp", "icmp6", "arp", "ether", "sctp") +
		"[" + g.of("0", "1", "2", "tcpflags", "6", "12", "20", "40") + g.of("", "", ":1", ":2", ":4") + "]"
}
