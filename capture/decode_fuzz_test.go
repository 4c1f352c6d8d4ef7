package capture

import (
	"encoding/binary"
	"net/netip"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"flowlab/flow"
	"flowlab/tcpwin"
)

// FuzzDecodeIP holds DecodeIP to gopacket's own decoding: where both find a
// segment, it is the same one.
func FuzzDecodeIP(f *testing.F) {
	for _, c := range decodeCases {
		f.Add(bytesOf(f, c.packet...))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 0xffff {
			return // gopacket keeps 16 bits of a length that it has to take from here
		}
		var got tcpwin.Segment
		tuple, err := DecodeIP(data, len(data), &got)
		wantTuple, want, ok := decodeWithGopacket(data)
		if err != nil || !ok {
			return
		}
		if tuple != wantTuple {
			t.Errorf("tuple %v, gopacket has %v", tuple, wantTuple)
		}
		if got != want {
			t.Errorf("segment\n%+v, gopacket has\n%+v", got, want)
		}
	})
}

// decodeWithGopacket decodes a packet the slow way; ok tells whether gopacket
// took all of it for a TCP segment.
func decodeWithGopacket(data []byte) (tuple flow.Tuple, s tcpwin.Segment, ok bool) {
	if len(data) == 0 {
		return tuple, s, false
	}
	first := layers.LayerTypeIPv4
	if data[0]>>4 == 6 {
		first = layers.LayerTypeIPv6
	}
	packet := gopacket.NewPacket(data, first, gopacket.NoCopy)
	tcp, isTCP := packet.TransportLayer().(*layers.TCP)
	if !isTCP || packet.ErrorLayer() != nil {
		return tuple, s, false
	}
	headers := 0 // bytes before the payload, after IPv6's own header
	for _, l := range packet.Layers() {
		headers += len(l.LayerContents())
		if l == gopacket.Layer(tcp) {
			break
		}
	}
	var src, dst netip.Addr
	switch ip := packet.NetworkLayer().(type) {
	case *layers.IPv4:
		src, _ = netip.AddrFromSlice(ip.SrcIP)
		dst, _ = netip.AddrFromSlice(ip.DstIP)
		s.Len = int(ip.Length) - headers
	case *layers.IPv6:
		if ip.Length == 0 {
			return tuple, s, false // gopacket takes a jumbogram's hop-by-hop header for its payload
		}
		src, _ = netip.AddrFromSlice(ip.SrcIP)
		dst, _ = netip.AddrFromSlice(ip.DstIP)
		s.Len = 40 + int(ip.Length) - headers
	}
	tuple.Src = netip.AddrPortFrom(src, uint16(tcp.SrcPort))
	tuple.Dst = netip.AddrPortFrom(dst, uint16(tcp.DstPort))

	s.Seq, s.Ack, s.Window, s.Scale = flow.Seq(tcp.Seq), flow.Seq(tcp.Ack), tcp.Window, -1
	for flag, set := range map[tcpwin.Flags]bool{
		tcpwin.FIN: tcp.FIN, tcpwin.SYN: tcp.SYN, tcpwin.RST: tcp.RST, tcpwin.PSH: tcp.PSH, tcpwin.ACK: tcp.ACK,
	} {
		if set {
			s.Flags |= flag
		}
	}
	for _, o := range tcp.Options {
		switch n := len(o.OptionData); {
		case o.OptionType == layers.TCPOptionKindMSS && n == 2:
			s.MSS = binary.BigEndian.Uint16(o.OptionData)
		case o.OptionType == layers.TCPOptionKindWindowScale && n == 1:
			s.Scale = int8(min(o.OptionData[0], 14))
		case o.OptionType == layers.TCPOptionKindTimestamps && n == 8:
			s.HasTS = true
			s.TSVal = binary.BigEndian.Uint32(o.OptionData)
			s.TSEcr = binary.BigEndian.Uint32(o.OptionData[4:])
		case o.OptionType == layers.TCPOptionKindSACK && n > 0 && n%8 == 0:
			s.NumSACK = n / 8
			for i := range s.NumSACK {
				s.SACK[i][0] = flow.Seq(binary.BigEndian.Uint32(o.OptionData[8*i:]))
				s.SACK[i][1] = flow.Seq(binary.BigEndian.Uint32(o.OptionData[8*i+4:]))
			}
		case o.OptionType == layers.TCPOptionKindMSS, o.OptionType == layers.TCPOptionKindWindowScale,
			o.OptionType == layers.TCPOptionKindTimestamps, o.OptionType == layers.TCPOptionKindSACK:
			return tuple, s, true // of a wrong length: gopacket goes on, and has no opinion on it
		}
	}
	return tuple, s, true
}
