package capture

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"flowlab/flow"
	"flowlab/tcpwin"
)

// FuzzDecode holds the decoder to gopacket's: where both find a segment, it is
// the same one. The fast path must find what the walk through all headers does,
// in whole packets and in cut ones.
func FuzzDecode(f *testing.F) {
	for _, c := range linkCases {
		f.Add(uint16(c.link), bytesOf(f, c.packet...), uint16(c.wire))
	}
	for _, c := range decodeCases {
		f.Add(uint16(RawIP), bytesOf(f, c.packet...), uint16(c.wire))
	}
	f.Fuzz(func(t *testing.T, number uint16, data []byte, wire uint16) {
		link := LinkType(number)
		var d Decoder
		for _, wireLen := range []int{len(data), int(wire)} {
			var fast, slow tcpwin.Segment
			fastTuple, fastErr := d.Decode(link, data, wireLen, &fast)
			slowTuple, slowErr := walk(link, data, wireLen, &slow)
			if fastErr != slowErr || fastTuple != slowTuple || fast != slow {
				t.Errorf("%v, %d bytes on the wire: %v %+v %v, header by header %v %+v %v",
					link, wireLen, fastTuple, fast, fastErr, slowTuple, slow, slowErr)
			}
		}
		var got tcpwin.Segment
		tuple, err := d.Decode(link, data, len(data), &got)
		wantTuple, want, payload, ok := decodeWithGopacket(link, data)
		if err != nil || !ok {
			return
		}
		if tuple != wantTuple {
			t.Errorf("%v: tuple %v, gopacket has %v", link, tuple, wantTuple)
		}
		if want.Len == unknownLen {
			want.Len, payload = got.Len, Payload(data, &got)
		}
		if b := Payload(data, &got); !bytes.Equal(b, payload) && int(got.Payload) < len(data) {
			t.Errorf("%v: payload %x, gopacket has %x", link, b, payload)
		}
		got.Payload = 0
		if got != want {
			t.Errorf("%v: segment\n%+v, gopacket has\n%+v", link, got, want)
		}
	})
}

// gopacketDecoder returns what gopacket decodes a link type with, nil where it
// has nothing.
func gopacketDecoder(link LinkType, data []byte) gopacket.Decoder {
	switch link {
	case RawIP, IPv4, IPv6, rawIPBSD, rawIPOpenBSD:
		if len(data) > 0 && data[0]>>4 == 6 {
			return layers.LayerTypeIPv6
		}
		return layers.LayerTypeIPv4
	case PPPoE:
		return layers.LayerTypePPPoE
	case Ethernet, Null, Loop, LinuxCooked, PPP, FDDI, WiFi, WiFiRadiotap, PFLog:
		return layers.LinkType(link)
	}
	return nil
}

// unknownLen is the length of a payload that gopacket is known to get wrong.
const unknownLen = -1

// decodeWithGopacket decodes a packet with gopacket alone; ok tells whether it
// took all of it for a TCP segment.
func decodeWithGopacket(link LinkType, data []byte) (tuple flow.Tuple, s tcpwin.Segment, payload []byte, ok bool) {
	decoder := gopacketDecoder(link, data)
	if decoder == nil {
		return tuple, s, nil, false
	}
	if link == WiFi {
		data = append(data[:len(data):len(data)], make([]byte, fcsLen)...) // which it takes off
	}
	packet := gopacket.NewPacket(data, decoder, gopacket.Default)
	tcp, isTCP := packet.Layer(layers.LayerTypeTCP).(*layers.TCP)
	if !isTCP || packet.ErrorLayer() != nil {
		return tuple, s, nil, false
	}
	s.Len = len(tcp.Payload)
	var src, dst netip.Addr // of the innermost IP header
	for _, l := range packet.Layers() {
		switch l := l.(type) {
		case *layers.IPv4:
			if l.Version != 4 {
				return tuple, s, nil, false // it does not look at the version
			}
			src, _ = netip.AddrFromSlice(l.SrcIP)
			dst, _ = netip.AddrFromSlice(l.DstIP)
			s.IPID = l.Id
		case *layers.IPv6:
			if l.Version != 6 {
				return tuple, s, nil, false
			}
			s.IPID = 0
			if l.Length == 0 {
				return tuple, s, nil, false // it takes a jumbogram's hop-by-hop header for its payload
			}
			if l.HopByHop != nil {
				s.Len = unknownLen // it takes that header off twice, and ends the packet too late
			}
			src, _ = netip.AddrFromSlice(l.SrcIP)
			dst, _ = netip.AddrFromSlice(l.DstIP)
		}
	}
	tuple.Src = flow.EndpointOf(netip.AddrPortFrom(src, uint16(tcp.SrcPort)))
	tuple.Dst = flow.EndpointOf(netip.AddrPortFrom(dst, uint16(tcp.DstPort)))

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
		case o.OptionType == layers.TCPOptionKindSACK:
			s.NumSACK = uint8(n / 8)
			for i := range n / 8 {
				s.SACK[i][0] = flow.Seq(binary.BigEndian.Uint32(o.OptionData[8*i:]))
				s.SACK[i][1] = flow.Seq(binary.BigEndian.Uint32(o.OptionData[8*i+4:]))
			}
		}
	}
	return tuple, s, tcp.Payload, true
}
