package filter

import (
	"strings"
	"testing"

	"flowlab/capture"
)

func TestErrors(t *testing.T) {
	const ether, cooked = capture.Ethernet, capture.LinkType(113)
	deep := strings.Repeat("(", 65) + "ip" + strings.Repeat(")", 65)
	tests := []struct {
		expression string
		link       capture.LinkType
		want       string
	}{
		{"ip", 105, "filter expression: packets of link type 105 cannot be filtered, only those of null (0), Ethernet (1), raw IP (12), raw IP (14), raw IP (101), loop (108), Linux cooked v1 (113), IPv4 (228), IPv6 (229), Linux cooked v2 (276)"},
		{strings.Repeat(" ", 8193), ether, "filter expression: it has 8193 bytes, and at most 8192 are allowed"},
		{deep, ether, "column 65: nested deeper than 64 levels"},
		{strings.Repeat("!", 65) + "ip", ether, "column 65: nested deeper than 64 levels"},
		{"tcp; udp", ether, `column 4: ";" does not belong in an expression`},
		{"tcp udp", ether, `column 5: "udp" after a complete condition: join conditions by and, or`},
		{"tcp and", ether, "column 8: the expression ends where a condition is expected"},
		{"(tcp", ether, `column 5: the end where ")" is expected`},
		{"()", ether, `column 2: ")" where a condition is expected`},
		{"IP", ether, `column 1: "IP" needs a keyword before it: one of host, net, port, portrange, proto, or a protocol and one of these`},
		{"1.2.3.4", ether, `column 1: "1.2.3.4" needs a keyword before it: one of host, net, port, portrange, proto, or a protocol and one of these`},
		{"tcp and 80", ether, `column 9: "80" needs a keyword before it: one of host, net, port, portrange, proto, or a protocol and one of these`},
		{"ip 1.2.3.4", ether, `column 4: "1.2.3.4" after a complete condition: join conditions by and, or`},
		{"mpls 5", ether, `column 1: "mpls" is not supported: of pcap-filter's primitives, only those for IP, its transports, ARP, Ethernet and VLAN are`},
		{"ip6 protochain 6", ether, `column 5: "protochain" is not supported: of pcap-filter's primitives, only those for IP, its transports, ARP, Ethernet and VLAN are`},
		{"host localhost", ether, `column 6: "localhost" is a name: use the address`},
		{"host", ether, "column 5: the end where an address is expected"},
		{"host tcp", ether, `column 6: "tcp" where an address is expected`},
		{"host 300.1.1.1", ether, `column 6: "300.1.1.1" is not an IPv4 address: its parts go up to 255`},
		{"host 10.0.0.0/8", ether, `column 14: "/": only net takes a mask or a length`},
		{"net 10.0.0.1/8", ether, "column 5: 10.0.0.1 has bits set outside of its mask: the network is 10.0.0.0"},
		{"net 10.0.0.0/33", ether, `column 14: "33" where a length is expected, of at most 32 bits`},
		{"net 10/8", ether, `column 5: "10" before "/": write the address with dots, as in 10.0.0.0`},
		{"net 10.0.0.0 mask 8", ether, `column 19: "8" where a mask such as 255.255.255.0 is expected`},
		{"net 2001:db8::1/32", ether, "column 5: 2001:db8::1 has bits set outside of its mask: the network is 2001:db8::"},
		{"ip6 host 1.2.3.4", ether, "column 10: ip6 before 1.2.3.4, which is an IPv4 address"},
		{"ip host ::1", ether, "column 9: ip before ::1, which is an IPv6 address"},
		{"tcp host 1.2.3.4", ether, `column 1: "tcp" cannot qualify host: only ip, ip6, arp, rarp, ether can; join by and instead, as in "tcp and host …"`},
		{"ip port 80", ether, `column 1: "ip" cannot qualify port: only tcp, udp, sctp can; join by and instead, as in "ip and port …"`},
		{"port http", ether, `column 6: "http" is not the number of a port: use the number; names differ between machines`},
		{"port 65536", ether, "column 6: port 65536: at most 65535"},
		{"port 1-2", ether, `column 6: "1-2" is not the number of a port: use the number; names differ between machines`},
		{"portrange http-90", ether, `column 11: "http-90" is not a range of ports: use numbers, as in 9000-9010`},
		{"portrange 9000 - 9010", ether, `column 16: "-" after a complete condition: join conditions by and, or`},
		{"portrange 1-70000", ether, "column 11: port 70000: at most 65535"},
		{"proto 256", ether, "column 7: protocol 256: at most 255"},
		{"ip proto tcp", ether, `column 10: "tcp" where a protocol's number is expected; as a name it is written \tcp`},
		{`ip proto \foo`, ether, `column 10: "\foo" is not a protocol known here: use its number, or one of \ah, \esp, \gre, \icmp, \igmp, \ipv6-icmp, \pim, \sctp, \tcp, \udp`},
		{`ether proto \aarp`, ether, `column 13: "\aarp" is not an EtherType known here: use its number, or one of \arp, \ip, \ip6, \loopback, \rarp`},
		{"ether proto 0x42", ether, "column 13: ether proto 0x42 needs 802.2 headers, which are not supported: EtherTypes above 1500 are"},
		{"ether proto 0x10000", ether, "column 13: EtherType 0x10000: at most 0xffff"},
		{"ether host 1.2.3.4", ether, `column 12: "1.2.3.4" is not an Ethernet address, such as 02:00:00:00:00:01`},
		{"ether host 02:00:00:00:00:01", cooked, "column 12: ether host needs packets of Ethernet, and these are Linux cooked v1"},
		{"host 02:00:00:00:00:01", ether, `column 6: "02:00:00:00:00:01" is an Ethernet address: write ether host 02:00:00:00:00:01`},
		{"tcp and vlan 5", cooked, "column 9: vlan needs packets of Ethernet, and these are Linux cooked v1"},
		{"vlan 4096", ether, "column 6: vlan 4096: at most 4095"},
		{"broadcast", cooked, "column 1: broadcast needs packets of Ethernet, and these are Linux cooked v1"},
		{"ip6 broadcast", ether, "column 1: ip6 broadcast is not known: ether and ip have broadcast; ether, ip and ip6 have multicast"},
		{"less ip", ether, `column 6: "ip" where a number of bytes is expected`},
		{"len", ether, "column 1: the number that begins here must be compared, with =, !=, >, >=, < or <="},
		{"tcp[13] & 2", ether, "column 1: the number that begins here must be compared, with =, !=, >, >=, < or <="},
		{"tcp[13] & 2 or udp", ether, "column 1: the number that begins here must be compared, with =, !=, >, >=, < or <="},
		{"len = tcp", ether, "column 7: a condition where a number is expected"},
		{"len + tcp = 3", ether, `column 7: a condition where "+" needs a number`},
		{"len = 100-40", ether, `column 7: "100-40" needs a keyword before it: one of host, net, port, portrange, proto, or a protocol and one of these`},
		{"len = 09", ether, "column 7: 09 is no number of 32 bits"},
		{"len = 4294967296", ether, "column 7: 4294967296 is no number of 32 bits"},
		{"len = -1", ether, "column 7: a number cannot be negative: arithmetic is in 32 bits without sign"},
		{"len / 0 = 1", ether, "column 5: division by zero"},
		{"len % (2 - 2) = 1", ether, "column 5: division by zero"},
		{"len << 32 = 1", ether, "column 5: shift by more than 31 bits"},
		{"ip[0:3] = 1", ether, `column 6: "3" where a size is expected: 1, 2 or 4 bytes`},
		{"ip[0 = 1", ether, `column 6: "=" where "]" is expected`},
		{"ip[0xffffffff] = 1", ether, "column 3: index 4294967295: a packet has at most 262144 bytes"},
		{"ah[0] = 1", ether, `column 1: "ah" has no bytes to look at here: expected ether, ip, ip6, arp, rarp, tcp, udp, sctp, icmp, icmp6, igmp or pim`},
		{"ether and ip", ether, `column 7: "and" where host, proto, src, dst, broadcast or multicast is expected`},
	}
	for _, test := range tests {
		want := test.want
		if strings.HasPrefix(want, "column") {
			want = "filter expression, " + want
		}
		if _, err := Compile(test.expression, test.link); err == nil || err.Error() != want {
			t.Errorf("%.40q: %v\nwant: %s", test.expression, err, want)
		}
	}
}

func TestMatchCut(t *testing.T) {
	whole := encapsulate(capture.Ethernet, 1, packet{etherTypeIPv4, append([]byte{0x45, 0, 0, 24, 0, 0, 0, 0, 64, 6, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2}, 0, 80, 1, 187)})
	tests := []struct {
		name, expression string
		kept             int
		want             bool
	}{
		{"whole", "tcp port 443", 38, true},
		{"port cut away", "tcp port 443", 37, false},
		{"cut, negated", "not tcp port 443", 37, false},
		{"decided before the cut", "tcp src port 80", 36, true},
		{"cut before the alternative", "ip[30] = 0 or tcp", 38, false},
		{"cut after the alternative", "tcp or ip[30] = 0", 38, true},
		{"length on the wire", "len = 1500", 0, true},
		{"nothing kept", "not ip", 0, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f, err := Compile(test.expression, capture.Ethernet)
			if err != nil {
				t.Fatal(err)
			}
			if got := f.Match(whole[:test.kept], 1500); got != test.want {
				t.Errorf("%v, want %v", got, test.want)
			}
		})
	}
}

// FuzzCompile also matches a packet, so that a filter that compiles also ends.
func FuzzCompile(f *testing.F) {
	for _, e := range expressions {
		f.Add(e, byte(1))
	}
	for _, e := range etherExpressions {
		f.Add(e, byte(1))
	}
	frame := madeFrames(capture.Ethernet)[80]
	f.Fuzz(func(t *testing.T, expression string, link byte) {
		links := linkTypes()
		compiled, err := Compile(expression, links[int(link)%len(links)])
		if err == nil {
			compiled.Match(frame.data, frame.length)
		} else if !strings.HasPrefix(err.Error(), "filter expression") {
			t.Errorf("%q: %v", expression, err)
		}
	})
}

// FuzzMatch holds each filter against its own negation: of a packet that is
// whole, exactly one selects it, and of one that is cut, none does.
func FuzzMatch(f *testing.F) {
	for _, fr := range madeFrames(capture.Ethernet)[:100] {
		f.Add(fr.data, fr.length)
	}
	type pair struct{ plain, negated *Filter }
	var pairs []pair
	for _, link := range linkTypes() {
		for _, e := range every(3, expressions[1:]) {
			plain, err := Compile(e, link)
			if err != nil {
				f.Fatal(err)
			}
			negated, err := Compile("not ("+e+")", link)
			if err != nil {
				f.Fatal(err)
			}
			pairs = append(pairs, pair{plain, negated})
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, wireLen int) {
		for i, p := range pairs {
			yes, whole := p.plain.run(data, uint32(wireLen))
			no, wholeToo := p.negated.run(data, uint32(wireLen))
			if whole != wholeToo || whole != (yes != no) || !whole && (yes || no) {
				t.Errorf("pair %d: %v, %v; whole %v, %v", i, yes, no, whole, wholeToo)
			}
		}
	})
}

func BenchmarkMatch(b *testing.B) {
	data := encapsulate(capture.Ethernet, 1, packet{etherTypeIPv4, append([]byte{0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2}, make([]byte, 20)...)})
	for _, e := range []string{
		"tcp", "tcp port 443", "port 443", "host 192.0.2.9", "net 192.0.2.0/24 and tcp portrange 9000-9010",
		"tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
		"tcp port 0 and (((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0)",
	} {
		f, err := Compile(e, capture.Ethernet)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(strings.ReplaceAll(e, " ", "_"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f.Match(data, len(data))
			}
		})
	}
}

func TestMatchAllocatesNothing(t *testing.T) {
	frames := madeFrames(capture.Ethernet)
	for _, e := range expressions {
		f, err := Compile(e, capture.Ethernet)
		if err != nil {
			t.Fatal(err)
		}
		at := 0
		if n := testing.AllocsPerRun(20, func() { fr := frames[at]; at += 97; f.Match(fr.data, fr.length) }); n != 0 {
			t.Errorf("%q: %v allocations a packet", e, n)
		}
	}
}
