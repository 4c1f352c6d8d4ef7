package capture

import (
	"testing"

	"flowlab/tcpwin"
)

const (
	ip4TS  = "45 00 05dc 0000 4000 40 06 0000 7f000001 7f000001"
	tcpTS  = "d7be 1f3f 00000064 000000c8 8010 0040 0000 0000 0101080a 00000007 00000008"
	ip4SYN = "45 00 003c 0000 4000 40 06 0000 7f000001 7f000001"
)

func BenchmarkDecode(b *testing.B) {
	for _, c := range []struct {
		name   string
		link   LinkType
		packet []byte
		err    error
	}{
		{"Ethernet IPv4 time stamps", Ethernet, bytesOf(b, mac, "0800", ip4TS, tcpTS), nil},
		{"Ethernet VLAN IPv4 time stamps", Ethernet, bytesOf(b, mac, "8100 0001 0800", ip4TS, tcpTS), nil},
		{"Ethernet IPv4 SYN", Ethernet, bytesOf(b, mac, "0800", ip4SYN, tcpSYN, synOpt), nil},
		{"Ethernet IPv6 ACK", Ethernet, bytesOf(b, mac, "86dd", "60000000 0014 06 40", ip6Addrs, tcpACK), nil},
		{"cooked IPv4 time stamps", LinuxCooked, bytesOf(b, "0000 0001 0006 0000000000000000 0800", ip4TS, tcpTS), nil},
		{"raw IPv4 time stamps", RawIP, bytesOf(b, ip4TS, tcpTS), nil},
		{"null IPv4 time stamps", Null, bytesOf(b, "02000000", ip4TS, tcpTS), nil},
		{"VXLAN", Ethernet, bytesOf(b, mac, "0800", "45 00 0ddc 0000 4000 40 11 0000 7f000001 7f000001", "c000 12b5 0dc8 0000", vxlan, mac, "0800", ip4TS, tcpTS), nil},
		{"UDP", Ethernet, bytesOf(b, mac, "0800", "45 00 001c 0000 0000 40 11 0000 7f000001 7f000001", "0035 0035 0008 0000"), ErrNotTCP},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			var d Decoder
			var s tcpwin.Segment
			for b.Loop() {
				if _, err := d.Decode(c.link, c.packet, 1514, &s); err != c.err {
					b.Fatal(err)
				}
			}
		})
	}
}
