package capture

import (
	"encoding/hex"
	"net/netip"
	"strings"
	"testing"

	"flowlab/flow"
	"flowlab/tcpwin"
)

// The parts of packets that the tests are made of, in hexadecimal.
const (
	ip4    = "45 00 003c 2408 4000 40 06 18b2 7f000001 7f000001" // 60 bytes, TCP
	tcpSYN = "d7be 1f3f e7328d68 00000000 a002 ffd7 fe30 0000"   // 40 bytes of header
	synOpt = "0204ffd7 0402 080af51168ce00000000 01 03030a"      // 20 bytes of options

	ip6Addrs = "20010db8000000000000000000000001 20010db8000000000000000000000002"
	tcpACK   = "0050 c350 00000064 000000c8 5018 0040 0000 0000" // 20 bytes of header
)

// bytesOf returns the bytes of parts in hexadecimal.
func bytesOf(t testing.TB, parts ...string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(strings.Join(parts, ""), " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func tuple(src, dst string) flow.Tuple {
	return flow.Tuple{Src: flow.EndpointOf(netip.MustParseAddrPort(src)), Dst: flow.EndpointOf(netip.MustParseAddrPort(dst))}
}

var (
	local = tuple("127.0.0.1:55230", "127.0.0.1:7999")
	docs  = tuple("[2001:db8::1]:80", "[2001:db8::2]:50000")

	syn = tcpwin.Segment{
		IPID: 0x2408,
		Seq:  0xe7328d68, Flags: tcpwin.SYN, Window: 0xffd7,
		MSS: 65495, Scale: 10, HasTS: true, TSVal: 0xf51168ce,
	}
	ack = tcpwin.Segment{Seq: 100, Ack: 200, Flags: tcpwin.ACK | tcpwin.PSH, Window: 64, Scale: -1}
)

// with returns a segment with a change.
func with(s tcpwin.Segment, change func(*tcpwin.Segment)) tcpwin.Segment {
	change(&s)
	return s
}

func length(n int) func(*tcpwin.Segment) { return func(s *tcpwin.Segment) { s.Len = n } }

// decodeCases are also what the fuzz test begins with.
var decodeCases = []struct {
	name   string
	packet []string
	wire   int // bytes on the wire, if not all of them are in packet
	tuple  flow.Tuple
	want   tcpwin.Segment
	err    error
}{
	{
		name:   "SYN with all its options",
		packet: []string{ip4, tcpSYN, synOpt},
		tuple:  local, want: syn,
	}, {
		name:   "IPv4 with options",
		packet: []string{"46 00 002c 0000 0000 40 06 0000 7f000001 7f000001 94040000", "d7be 1f3f e7328d68 00000000 5002 ffd7 0000 0000"},
		tuple:  local, want: tcpwin.Segment{Seq: 0xe7328d68, Flags: tcpwin.SYN, Window: 0xffd7, Scale: -1},
	}, {
		name:   "cut after the TCP header",
		packet: []string{"45 00 05dc 0000 4000 40 06 0000 7f000001 7f000001", "d7be 1f3f 00000064 000000c8 5018 0040 0000 0000"},
		wire:   1500,
		tuple:  local, want: with(ack, length(1460)),
	}, {
		name:   "padded to the shortest Ethernet frame",
		packet: []string{"45 00 0028 0000 4000 40 06 0000 7f000001 7f000001", "d7be 1f3f 00000064 000000c8 5018 0040 0000 0000", "000000000000"},
		tuple:  local, want: ack,
	}, {
		name:   "length left to the network card",
		packet: []string{"45 00 0000 0000 4000 40 06 0000 7f000001 7f000001", "d7be 1f3f 00000064 000000c8 5018 0040 0000 0000"},
		wire:   70040,
		tuple:  local, want: with(ack, length(70000)),
	}, {
		name:   "options of a SYN cut before its scale",
		packet: []string{ip4, tcpSYN, "0204ffd7 0402 080af511"},
		wire:   60,
		tuple:  local, want: tcpwin.Segment{Seq: 0xe7328d68, Flags: tcpwin.SYN, Window: 0xffd7, MSS: 65495, Scale: scaleCut, IPID: 0x2408},
	}, {
		name:   "options of a SYN cut after its scale",
		packet: []string{ip4, tcpSYN, "03030a 0204ff"},
		wire:   60,
		tuple:  local, want: tcpwin.Segment{Seq: 0xe7328d68, Flags: tcpwin.SYN, Window: 0xffd7, Scale: 10, IPID: 0x2408},
	}, {
		name:   "options cut",
		packet: []string{"45 00 003c 0000 4000 40 06 0000 7f000001 7f000001", "d7be 1f3f 00000064 000000c8 a018 0040 0000 0000", "0101080a00000001"},
		wire:   60,
		tuple:  local, want: ack,
	}, {
		name:   "four SACK blocks",
		packet: []string{"45 00 004c 0000 4000 40 06 0000 7f000001 7f000001", "d7be 1f3f 00000064 000000c8 e018 0040 0000 0000", "0522 00000001 00000002 00000003 00000004 00000005 00000006 ffffffff 00000008", "0101"},
		tuple:  local, want: with(ack, func(s *tcpwin.Segment) {
			s.NumSACK = 4
			s.SACK = [4][2]flow.Seq{{1, 2}, {3, 4}, {5, 6}, {0xffffffff, 8}}
		}),
	}, {
		name:   "scale above 14 is 14",
		packet: []string{"45 00 002c 0000 4000 40 06 0000 7f000001 7f000001", "d7be 1f3f 00000064 000000c8 6018 0040 0000 0000", "0303ff 01"},
		tuple:  local, want: with(ack, func(s *tcpwin.Segment) { s.Scale = 14 }),
	}, {
		name:   "an option beyond the header ends the options",
		packet: []string{"45 00 0030 0000 4000 40 06 0000 7f000001 7f000001", "d7be 1f3f 00000064 000000c8 7018 0040 0000 0000", "020405b4 03090700"},
		tuple:  local, want: with(ack, func(s *tcpwin.Segment) { s.MSS = 1460 }),
	}, {
		name:   "options of a wrong length are passed over",
		packet: []string{"45 00 0034 0000 4000 40 06 0000 7f000001 7f000001", "d7be 1f3f 00000064 000000c8 8018 0040 0000 0000", "0203ff 0803ff 030307 010101"},
		tuple:  local, want: with(ack, func(s *tcpwin.Segment) { s.Scale = 7 }),
	}, {
		name:   "nothing after the end of options",
		packet: []string{"45 00 002c 0000 4000 40 06 0000 7f000001 7f000001", "d7be 1f3f 00000064 000000c8 6018 0040 0000 0000", "00 030307"},
		tuple:  local, want: ack,
	}, {
		name:   "URG, ECE and CWR have no name",
		packet: []string{"45 00 0028 0000 4000 40 06 0000 7f000001 7f000001", "d7be 1f3f 00000064 000000c8 50f8 0040 0000 0000"},
		tuple:  local, want: ack,
	}, {
		name:   "IPv6",
		packet: []string{"60000000 0018 06 40", ip6Addrs, tcpACK, "01020304"},
		tuple:  docs, want: with(ack, length(4)),
	}, {
		name: "IPv6 with every extension header",
		packet: []string{"60000000 0038 00 40", ip6Addrs,
			"3c 00 050200000100", "2b 00 010400000000", "2c 00 040000000000", "06 00 0000 00000001", tcpACK, "01020304"},
		tuple: docs, want: with(ack, length(4)),
	}, {
		name:   "jumbogram",
		packet: []string{"60000000 0000 00 40", ip6Addrs, "06 00 c2 04 00011170", tcpACK},
		wire:   40 + 70000,
		tuple:  docs, want: with(ack, length(70000-28)),
	},
	{name: "nothing kept", packet: []string{""}, wire: 60, err: ErrTruncated},
	{name: "nothing", packet: []string{""}, err: ErrMalformed},
	{name: "ARP", packet: []string{"0001 0800 0604 0001"}, err: ErrNotTCP},
	{name: "UDP", packet: []string{"45 00 001c 0000 0000 40 11 0000 7f000001 7f000001", "0035 0035 0008 0000"}, err: ErrNotTCP},
	{name: "UDP, cut", packet: []string{"45 00 001c 0000 0000 40 11 0000 7f000001"}, wire: 28, err: ErrTruncated},
	{name: "first fragment", packet: []string{"45 00 0030 0000 2000 40 06 0000 7f000001 7f000001", tcpACK, "0000000000000000"}, err: ErrFragment},
	{name: "first fragment, cut", packet: []string{"45 00 05dc 0000 2000 40 06 0000 7f000001 7f000001", tcpACK}, wire: 1500, err: ErrFragment},
	{name: "later fragment", packet: []string{"45 00 0030 0000 00b9 40 06 0000 7f000001 7f000001", tcpACK}, err: ErrFragment},
	{name: "IPv4 header of 16 bytes", packet: []string{"44 00 0028 0000 0000 40 06 0000 7f000001 7f000001", tcpACK}, err: ErrMalformed},
	{name: "IPv4 total length below its header", packet: []string{"45 00 0013 0000 0000 40 06 0000 7f000001 7f000001", tcpACK}, err: ErrMalformed},
	{name: "IPv4 cut in its options", packet: []string{"46 00 002c 0000 0000 40 06 0000 7f000001 7f000001"}, wire: 44, err: ErrTruncated},
	{name: "TCP header cut", packet: []string{ip4, "d7be 1f3f e7328d68"}, wire: 60, err: ErrTruncated},
	{name: "TCP header of 16 bytes", packet: []string{ip4, "d7be 1f3f 00000064 000000c8 4018 0040 0000 0000"}, err: ErrMalformed},
	{name: "TCP header beyond the packet", packet: []string{"45 00 0028 0000 0000 40 06 0000 7f000001 7f000001", tcpSYN, synOpt}, err: ErrMalformed},
	{name: "IPv6 cut", packet: []string{"60000000 0018 06 40"}, wire: 64, err: ErrTruncated},
	{name: "IPv6, later fragment", packet: []string{"60000000 001c 2c 40", ip6Addrs, "06 00 0008 00000001", tcpACK}, err: ErrFragment},
	{name: "IPv6, first fragment", packet: []string{"60000000 001c 2c 40", ip6Addrs, "06 00 0001 00000001", tcpACK}, err: ErrFragment},
	{name: "IPv6, UDP", packet: []string{"60000000 0008 11 40", ip6Addrs, "0035 0035 0008 0000"}, err: ErrNotTCP},
	{name: "IPv6 extension cut", packet: []string{"60000000 0038 00 40", ip6Addrs, "06 01 0000 0000 0000"}, wire: 96, err: ErrTruncated},
	{name: "IPv6 extension beyond the packet", packet: []string{"60000000 0008 00 40", ip6Addrs, "06 01 0000 0000 0000"}, err: ErrMalformed},
}

func TestDecodeIP(t *testing.T) {
	for _, c := range decodeCases {
		t.Run(c.name, func(t *testing.T) {
			packet := bytesOf(t, c.packet...)
			wire := c.wire
			if wire == 0 {
				wire = len(packet)
			}
			before := tcpwin.Segment{Time: 7, From: flow.Server, MSS: 1, NumSACK: 3, HasTS: true}
			want := with(c.want, func(s *tcpwin.Segment) { s.Time, s.From = before.Time, before.From })
			if c.err != nil {
				want = before // an error leaves the segment as it was
			}
			got := before
			tuple, err := DecodeIP(packet, wire, &got)
			if err != c.err {
				t.Errorf("error %v, want %v", err, c.err)
			}
			if tuple != c.tuple {
				t.Errorf("tuple %v, want %v", tuple, c.tuple)
			}
			got.Payload = 0 // which FuzzDecode looks at
			if got != want {
				t.Errorf("segment\n%+v, want\n%+v", got, want)
			}
		})
	}
}
