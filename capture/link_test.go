package capture

import (
	"testing"

	"flowlab/flow"
	"flowlab/tcpwin"
)

// The packets inside the link types and tunnels of the tests: each with the
// segment ack, and 40 or 60 bytes long.
const (
	loop4 = "45 00 0028 0000 4000 40 06 0000 7f000001 7f000001" + tcpACK
	docs6 = "60000000 0014 06 40" + ip6Addrs + tcpACK

	mac   = "001b21000001 001b21000002"
	snap  = "aaaa03 000000 0800" // LLC and SNAP, IPv4
	gre   = "45 00 0400 0000 4000 40 2f 0000 0a000001 0a000002"
	udp   = "45 00 0400 0000 4000 40 11 0000 0a000001 0a000002"
	vxlan = "08000000 00000100"

	dot11 = "0801 0000 020000000001 020000000002 020000000003 0000"
)

var loop = tuple("127.0.0.1:80", "127.0.0.1:50000")

// linkCases have the segment ack, of the tuple loop unless it is given, or an
// error. They are also what the fuzz test begins with.
var linkCases = []struct {
	name   string
	link   LinkType
	packet []string
	wire   int // bytes on the wire, if not all of them are in packet
	tuple  flow.Tuple
	length int // payload bytes
	err    error
	// differs says why tshark does not find what is wanted.
	differs string
}{
	{name: "Ethernet, IPv4", link: Ethernet, packet: []string{mac, "0800", loop4}},
	{name: "Ethernet, IPv6", link: Ethernet, packet: []string{mac, "86dd", docs6}, tuple: docs},
	{name: "Ethernet, padding", link: Ethernet, packet: []string{mac, "0800", loop4, "000000000000"}},
	{name: "Ethernet, IPv6 with padding", link: Ethernet, packet: []string{mac, "86dd", docs6, "000000000000"}, tuple: docs},
	{name: "Ethernet, frame ends before the IPv4 packet", link: Ethernet, packet: []string{mac, "0800", "45 00 05dc 0000 4000 40 06 0000 7f000001 7f000001", tcpACK}, wire: 154, length: 100},
	{name: "Ethernet, frame ends before the IPv6 packet", link: Ethernet, packet: []string{mac, "86dd", "60000000 0514 06 40", ip6Addrs, tcpACK}, wire: 174, tuple: docs, length: 100},
	{name: "Ethernet, IPv6 without a length", link: Ethernet, packet: []string{mac, "86dd", "60000000 0000 06 40", ip6Addrs, tcpACK}, wire: 70074, tuple: docs, length: 70000,
		differs: "its preference for offloaded IPv6 is off unless set"},
	{name: "Ethernet, IPv4 reserved flag", link: Ethernet, packet: []string{mac, "0800", "45 00 0028 0000 8000 40 06 0000 7f000001 7f000001", tcpACK}},
	{name: "Ethernet, IPv6 with the type of IPv4", link: Ethernet, packet: []string{mac, "0800", docs6}, tuple: docs},
	{name: "Ethernet, IP version 5", link: Ethernet, packet: []string{mac, "0800", "55 00 0028 0000 4000 40 06 0000 7f000001 7f000001", tcpACK}, err: ErrNotTCP},
	{name: "Ethernet, ARP", link: Ethernet, packet: []string{mac, "0806", "0001 0800 0604 0001"}, err: ErrNotTCP},
	{name: "Ethernet, cut", link: Ethernet, packet: []string{mac}, wire: 60, err: ErrTruncated},
	{name: "Ethernet, not whole", link: Ethernet, packet: []string{mac}, err: ErrMalformed},

	{name: "802.1Q", link: Ethernet, packet: []string{mac, "8100 0001 0800", loop4}},
	{name: "802.1ad", link: Ethernet, packet: []string{mac, "88a8 0001 0800", loop4}},
	{name: "QinQ of old", link: Ethernet, packet: []string{mac, "9100 0001 86dd", docs6}, tuple: docs},
	{name: "four tags", link: Ethernet, packet: []string{mac, "88a8 0001 9100 0002 8100 0003 8100 0004 0800", loop4}},
	{name: "802.1Q with a length", link: Ethernet, packet: []string{mac, "8100 0001 0030", snap, loop4, "0000"}},
	{name: "802.3, SNAP", link: Ethernet, packet: []string{mac, "0030", snap, loop4, "00000000"}},
	{name: "802.3, SNAP of a bridge", link: Ethernet, packet: []string{mac, "0030 aaaa03 0000f8 0800", loop4}},
	{name: "802.3, SNAP of another", link: Ethernet, packet: []string{mac, "0030 aaaa03 00000c 0800", loop4}, err: ErrNotTCP},
	{name: "802.3, SAP of IP", link: Ethernet, packet: []string{mac, "002b 060603", loop4}},
	{name: "802.3, spanning tree", link: Ethernet, packet: []string{mac, "0026 424203 0000000000", loop4}, err: ErrNotTCP},
	{name: "802.3 ends before the segment", link: Ethernet, packet: []string{mac, "0026", snap, loop4}, err: ErrMalformed},
	{name: "neither type nor length", link: Ethernet, packet: []string{mac, "05dd", loop4}, err: ErrNotTCP},

	{name: "Linux cooked", link: LinuxCooked, packet: []string{"0000 0001 0006 0000000000000000 0800", loop4}},
	{name: "Linux cooked, IPv6", link: LinuxCooked, packet: []string{"0000 0001 0006 0000000000000000 86dd", docs6}, tuple: docs},
	{name: "Linux cooked, 802.1Q", link: LinuxCooked, packet: []string{"0000 0001 0006 0000000000000000 8100 0001 0800", loop4}},
	{name: "Linux cooked, LLC", link: LinuxCooked, packet: []string{"0000 0001 0006 0000000000000000 0004", snap, loop4}},
	{name: "Linux cooked, cut", link: LinuxCooked, packet: []string{"0000 0001 0006"}, wire: 60, err: ErrTruncated},
	{name: "Linux cooked 2", link: LinuxCooked2, packet: []string{"0800 0000 00000001 0001 00 06 0000000000000000", loop4}},
	{name: "Linux cooked 2, IPv6", link: LinuxCooked2, packet: []string{"86dd 0000 00000001 0001 00 06 0000000000000000", docs6}, tuple: docs},

	{name: "null, little-endian", link: Null, packet: []string{"02000000", loop4}},
	{name: "null, big-endian", link: Null, packet: []string{"00000002", loop4}},
	{name: "null, Linux's IPv6", link: Null, packet: []string{"0a000000", docs6}, tuple: docs, differs: "it has no such family"},
	{name: "null, NetBSD's IPv6", link: Null, packet: []string{"18000000", docs6}, tuple: docs},
	{name: "null, FreeBSD's IPv6", link: Null, packet: []string{"0000001c", docs6}, tuple: docs},
	{name: "null, macOS's IPv6", link: Null, packet: []string{"1e000000", docs6}, tuple: docs},
	{name: "null, another family", link: Null, packet: []string{"07000000", loop4}, err: ErrNotTCP},
	{name: "loop", link: Loop, packet: []string{"00000002", loop4}},
	{name: "loop, IPv6", link: Loop, packet: []string{"00000018", docs6}, tuple: docs},
	{name: "loop, little-endian", link: Loop, packet: []string{"02000000", loop4}, err: ErrNotTCP},

	{name: "raw", link: RawIP, packet: []string{loop4}},
	{name: "raw, BSD", link: rawIPBSD, packet: []string{docs6}, tuple: docs},
	{name: "raw, OpenBSD", link: rawIPOpenBSD, packet: []string{loop4}},
	{name: "IPv4", link: IPv4, packet: []string{loop4}},
	{name: "IPv6", link: IPv6, packet: []string{docs6}, tuple: docs},

	{name: "PPP", link: PPP, packet: []string{"ff03 0021", loop4}},
	{name: "PPP without framing", link: PPP, packet: []string{"0057", docs6}, tuple: docs},
	{name: "PPP with the short protocol", link: PPP, packet: []string{"21", loop4}},
	{name: "PPP, MPLS", link: PPP, packet: []string{"ff03 0281 00001140", loop4}},
	{name: "PPP, LCP", link: PPP, packet: []string{"ff03 c021 0101 0004"}, err: ErrNotTCP},
	{name: "PPP, cut", link: PPP, packet: []string{"ff03 00"}, wire: 44, err: ErrTruncated},
	{name: "PPP serial", link: PPPSerial, packet: []string{"ff03 0021", loop4}},
	{name: "PPP serial, Cisco", link: PPPSerial, packet: []string{"8f00 86dd", docs6}, tuple: docs},
	{name: "PPP with direction", link: PPPWithDirection, packet: []string{"01 ff03 0021", loop4}},
	{name: "PPPoE", link: PPPoE, packet: []string{"1100 0001 002a 0021", loop4}},
	{name: "PPPoE in Ethernet, padding", link: Ethernet, packet: []string{mac, "8864 1100 0001 002a 0021", loop4, "00000000"}},
	{name: "PPPoE in QinQ", link: Ethernet, packet: []string{mac, "88a8 0001 8100 0002 8864 1100 0001 003e 0057", docs6}, tuple: docs},
	{name: "PPPoE ends before the IPv4 packet", link: Ethernet, packet: []string{mac, "8864 1100 0001 002c 0021", "45 00 0030 0000 4000 40 06 0000 7f000001 7f000001", tcpACK, "0102030405060708"}, length: 2},
	{name: "PPPoE discovery", link: Ethernet, packet: []string{mac, "8863 1109 0000 0004 01010000", loop4}, err: ErrNotTCP},
	{name: "Cisco HDLC", link: CiscoHDLC, packet: []string{"0f00 0800", loop4}},
	{name: "FDDI", link: FDDI, packet: []string{"57", mac, snap, loop4}},
	{name: "FDDI, station management", link: FDDI, packet: []string{"41", mac, snap, loop4}, err: ErrNotTCP},

	{name: "MPLS", link: Ethernet, packet: []string{mac, "8847 00001140", loop4}},
	{name: "MPLS, two labels, IPv6", link: Ethernet, packet: []string{mac, "8848 00010040 00011140", docs6}, tuple: docs},
	{name: "MPLS without its last label", link: Ethernet, packet: []string{mac, "8847 00001040"}, wire: 80, err: ErrTruncated},
	{name: "Ethernet in MPLS", link: Ethernet, packet: []string{mac, "8847 00011140 00000000", mac, "0800", loop4}, err: ErrNotTCP,
		differs: "it guesses by the vendors that it knows of MAC addresses"},

	{name: "authentication header", link: Ethernet, packet: []string{mac, "0800 45 00 0040 0000 4000 40 33 0000 7f000001 7f000001", "06 04 0000 00000001 00000001 000000000000000000000000", tcpACK}},
	{name: "authentication header, IPv6", link: IPv6, packet: []string{"60000000 002c 33 40", ip6Addrs, "06 04 0000 00000001 00000001 000000000000000000000000", tcpACK}, tuple: docs},
	{name: "shim6", link: IPv6, packet: []string{"60000000 001c 8c 40", ip6Addrs, "06 00 0000 00000000", tcpACK}, tuple: docs},
	{name: "encrypted", link: IPv4, packet: []string{"45 00 0040 0000 4000 40 32 0000 7f000001 7f000001", "00000001 00000001", tcpACK, "0000000000000206 00000000"}, err: ErrNotTCP},
	{name: "quoted in an ICMP error", link: IPv4, packet: []string{"45 00 0044 0000 4000 40 01 0000 7f000001 7f000001", "0301 0000 00000000", loop4}, err: ErrNotTCP},

	{name: "IP in IP", link: IPv4, packet: []string{"45 00 003c 0000 4000 40 04 0000 0a000001 0a000002", loop4}},
	{name: "IPv6 in IPv4", link: IPv4, packet: []string{"45 00 0050 0000 4000 40 29 0000 0a000001 0a000002", docs6}, tuple: docs},
	{name: "IPv4 in IPv6", link: IPv6, packet: []string{"60000000 0028 04 40", ip6Addrs, loop4}},
	{name: "IPv6 in IPv6", link: IPv6, packet: []string{"60000000 003c 29 40 fe800000000000000000000000000001 fe800000000000000000000000000002", docs6}, tuple: docs},
	{name: "the outer IP ends before the inner", link: IPv4, packet: []string{"45 00 0040 0000 4000 40 04 0000 0a000001 0a000002", "45 00 0030 0000 4000 40 06 0000 7f000001 7f000001", tcpACK, "0102030405060708"}, length: 4},
	{name: "fragment of IP in IP", link: IPv4, packet: []string{"45 00 003c 0000 2000 40 04 0000 0a000001 0a000002", loop4}, err: ErrFragment},
	{name: "inner fragment", link: IPv4, packet: []string{"45 00 003c 0000 4000 40 04 0000 0a000001 0a000002", "45 00 0028 0000 2000 40 06 0000 7f000001 7f000001", tcpACK}, err: ErrFragment},
	{name: "fragment of UDP", link: IPv4, packet: []string{"45 00 0028 0000 00b9 40 11 0000 7f000001 7f000001", tcpACK}, err: ErrFragment},
	{name: "fragment of ICMP", link: IPv4, packet: []string{"45 00 0028 0000 00b9 40 01 0000 7f000001 7f000001", tcpACK}, err: ErrNotTCP},

	{name: "GRE", link: Ethernet, packet: []string{mac, "0800", gre, "0000 0800", loop4}},
	{name: "GRE, IPv6", link: IPv4, packet: []string{gre, "0000 86dd", docs6}, tuple: docs},
	{name: "GRE, all fields", link: IPv4, packet: []string{gre, "b000 0800 0000 0000 00000001 00000002", loop4}},
	{name: "GRE, Ethernet", link: IPv4, packet: []string{gre, "2000 6558 00000001", mac, "8100 0001 0800", loop4}},
	{name: "GRE, MPLS", link: IPv4, packet: []string{gre, "0000 8847 00001140", loop4}},
	{name: "GRE, source routes", link: IPv4, packet: []string{gre, "4000 0800 00000000 00000000", loop4}, err: ErrNotTCP,
		differs: "it reads the routes that RFC 2784 2.3 took away"},
	{name: "PPTP", link: IPv4, packet: []string{gre, "3081 880b 002c0001 00000001 00000002 ff03 0021", loop4}},
	{name: "PPTP, neither acknowledgment nor framing", link: IPv4, packet: []string{gre, "3001 880b 00290001 00000001 21", loop4}},
	{name: "ERSPAN I", link: IPv4, packet: []string{gre, "0000 88be", mac, "0800", loop4}},
	{name: "ERSPAN II", link: IPv4, packet: []string{gre, "1000 88be 00000001 10010001 00000000", mac, "0800", loop4}},
	{name: "ERSPAN III", link: IPv4, packet: []string{gre, "1000 22eb 00000001 20010001 00000000 00000000", mac, "0800", loop4}},
	{name: "ERSPAN III, platform", link: IPv4, packet: []string{gre, "1000 22eb 00000001 20010001 00000000 00000001 0000000000000000", mac, "0800", loop4}},
	{name: "ERSPAN of another version", link: IPv4, packet: []string{gre, "1000 88be 00000001 00010001 00000000", mac, "0800", loop4}, err: ErrNotTCP},
	{name: "VXLAN", link: Ethernet, packet: []string{mac, "0800", udp, "c000 12b5 004e 0000", vxlan, mac, "0800", loop4}},
	{name: "VXLAN, the other way", link: Ethernet, packet: []string{mac, "0800", udp, "12b5 c000 004e 0000", vxlan, mac, "0800", loop4}},
	{name: "VXLAN over IPv6, padding", link: IPv6, packet: []string{"60000000 0052 11 40", ip6Addrs, "c000 12b5 0052 0000", vxlan, mac, "0800", loop4, "00000000"}},
	{name: "UDP ends before the segment", link: IPv4, packet: []string{udp, "c000 12b5 0042 0000", vxlan, mac, "0800", loop4}, err: ErrMalformed},
	{name: "UDP of 4 bytes", link: IPv4, packet: []string{udp, "c000 12b5 0004 0000", vxlan, mac, "0800", loop4}, err: ErrMalformed},
	{name: "UDP cut", link: IPv4, packet: []string{udp, "c000"}, wire: 1024, err: ErrTruncated},
	{name: "UDP of another port", link: IPv4, packet: []string{udp, "c000 c001 004e 0000", vxlan, mac, "0800", loop4}, err: ErrNotTCP},
	{name: "Geneve, Ethernet", link: IPv4, packet: []string{udp, "c000 17c1 004e 0000", "0000 6558 00000100", mac, "0800", loop4}},
	{name: "Geneve, IPv4 after options", link: IPv4, packet: []string{udp, "c000 17c1 003c 0000", "0100 0800 00000100 00000000", loop4}},

	{name: "802.11", link: WiFi, packet: []string{dot11, snap, loop4}},
	{name: "802.11, protected", link: WiFi, packet: []string{"0841 0000 020000000001 020000000002 020000000003 0000", snap, loop4}, err: ErrNotTCP},
	{name: "802.11, cut", link: WiFi, packet: []string{dot11, snap, loop4}, wire: 1500},
	{name: "802.11, cut in its header", link: WiFi, packet: []string{"0801 0000 0200"}, wire: 1500, err: ErrTruncated},
	{name: "802.11 with radiotap", link: WiFiRadiotap, packet: []string{"0000 0800 00000000", dot11, snap, loop4}},
	{name: "802.11 with radiotap, QoS", link: WiFiRadiotap, packet: []string{"0000 0800 00000000", "8801 0000 020000000001 020000000002 020000000003 0000 0000", snap, loop4}},
	{name: "802.11 with radiotap, check sequence", link: WiFiRadiotap, packet: []string{"0000 0900 02000000 10", dot11, snap, loop4, "00000000"}},
	{name: "802.11 with radiotap, check sequence, IPv4 without a length", link: WiFiRadiotap, packet: []string{"0000 0900 02000000 10", dot11, snap, "45 00 0000 0000 4000 40 06 0000 7f000001 7f000001", tcpACK, "000102030405060708090a0b", "00000000"}, length: 12},
	{name: "802.11 with radiotap, QoS, padded", link: WiFiRadiotap, packet: []string{"0000 0900 02000000 20", "8801 0000 020000000001 020000000002 020000000003 0000 0000", "0000", snap, loop4}},
	{name: "PFLog", link: PFLog, packet: []string{"3d020000 00000000000000000000000000000000 00000000000000000000000000000000 000000000000000000000000000000000000000000000000 01000000", loop4}},

	{name: "Bluetooth", link: 201, packet: []string{"00000000 02 0100"}, err: ErrLinkType},
}

func TestDecode(t *testing.T) {
	var d Decoder
	for _, c := range linkCases {
		t.Run(c.name, func(t *testing.T) {
			packet := bytesOf(t, c.packet...)
			before := tcpwin.Segment{Time: 7, From: flow.Server, MSS: 1, NumSACK: 3, HasTS: true}
			want, wantTuple := with(ack, length(c.length)), c.tuple
			want.Time, want.From = before.Time, before.From
			switch {
			case c.err != nil:
				want = before // an error leaves the segment as it was
			case wantTuple == flow.Tuple{}:
				wantTuple = loop
			}
			got := before
			tuple, err := d.Decode(c.link, packet, max(c.wire, len(packet)), &got)
			if err != c.err {
				t.Errorf("error %v, want %v", err, c.err)
			}
			if tuple != wantTuple {
				t.Errorf("tuple %v, want %v", tuple, wantTuple)
			}
			got.Payload = 0 // which FuzzDecode looks at
			if got != want {
				t.Errorf("segment\n%+v, want\n%+v", got, want)
			}
		})
	}
}

// TestDecodeCut cuts packets at every byte: what is kept never misleads.
func TestDecodeCut(t *testing.T) {
	var d Decoder
	for _, c := range linkCases {
		t.Run(c.name, func(t *testing.T) {
			packet := bytesOf(t, c.packet...)
			wire := max(c.wire, len(packet))
			var whole tcpwin.Segment
			wholeTuple, wholeErr := d.Decode(c.link, packet, wire, &whole)
			for n := range packet {
				var got tcpwin.Segment
				switch tuple, err := d.Decode(c.link, packet[:n:n], wire, &got); {
				case err == nil && (tuple != wholeTuple || got != whole):
					t.Errorf("%d bytes give %v %+v, all give %v %+v", n, tuple, got, wholeTuple, whole)
				case err == nil && wholeErr != nil:
					t.Errorf("%d bytes give %v, all give %v", n, tuple, wholeErr)
				case err != nil && err != ErrTruncated && err != wholeErr:
					t.Errorf("%d bytes: %v, all: %v", n, err, wholeErr)
				}
			}
		})
	}
}

// TestDecodeAllocatesNothing, but where gopacket does.
func TestDecodeAllocatesNothing(t *testing.T) {
	var d Decoder
	for _, c := range linkCases {
		switch c.link {
		case WiFi, WiFiPrism, WiFiRadiotap, PFLog:
			continue
		}
		packet := bytesOf(t, c.packet...)
		var s tcpwin.Segment
		if n := testing.AllocsPerRun(10, func() { _, _ = d.Decode(c.link, packet, len(packet), &s) }); n != 0 {
			t.Errorf("%s: %v allocations a packet, want none", c.name, n)
		}
	}
}

func TestLinkTypeString(t *testing.T) {
	for link, want := range map[LinkType]string{Ethernet: "EN10MB", rawIPBSD: "RAW", LinuxCooked2: "LINUX_SLL2", 147: "147"} {
		if got := link.String(); got != want {
			t.Errorf("%d is %q, want %q", uint16(link), got, want)
		}
	}
}
