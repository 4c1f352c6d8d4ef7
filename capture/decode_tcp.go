package capture

import (
	"encoding/binary"
	"net/netip"

	"flowlab/flow"
	"flowlab/tcpwin"
)

// decodeTCP reads a segment of which data was kept, and whose header and
// payload together have length bytes (RFC 9293 3.1).
func decodeTCP(data []byte, length int, src, dst netip.Addr, s *tcpwin.Segment) (flow.Tuple, error) {
	const smallest = 20
	if length < smallest {
		return flow.Tuple{}, ErrMalformed
	}
	if len(data) < smallest {
		return flow.Tuple{}, ErrTruncated
	}
	header := int(data[12]>>4) * 4
	if header < smallest || header > length {
		return flow.Tuple{}, ErrMalformed
	}
	if header > len(data) {
		return flow.Tuple{}, ErrTruncated
	}
	*s = tcpwin.Segment{
		Time: s.Time,
		From: s.From,
		Seq:  flow.Seq(binary.BigEndian.Uint32(data[4:])),
		Ack:  flow.Seq(binary.BigEndian.Uint32(data[8:])),
		// The bits of tcpwin.Flags are those of the header; URG, ECE and CWR,
		// which it has no name for, stay out.
		Flags:  tcpwin.Flags(data[13]) & (tcpwin.FIN | tcpwin.SYN | tcpwin.RST | tcpwin.PSH | tcpwin.ACK),
		Window: binary.BigEndian.Uint16(data[14:]),
		Len:    length - header,
		Scale:  -1,
	}
	decodeOptions(data[smallest:header], s)
	return flow.Tuple{
		Src: netip.AddrPortFrom(src, binary.BigEndian.Uint16(data[0:])),
		Dst: netip.AddrPortFrom(dst, binary.BigEndian.Uint16(data[2:])),
	}, nil
}

// TCP option kinds: https://www.iana.org/assignments/tcp-parameters.
const (
	optEnd       = 0
	optNop       = 1
	optMSS       = 2 // RFC 9293 3.7.1
	optScale     = 3 // RFC 7323 2.2
	optSACK      = 5 // RFC 2018 3
	optTimestamp = 8 // RFC 7323 3.2
)

// maxScale is the largest shift that may be used; a larger one is taken for it
// (RFC 7323 2.3).
const maxScale = 14

// decodeOptions reads TCP options up to their end, or up to the first whose
// length is wrong: what comes after that one cannot be told apart.
func decodeOptions(opts []byte, s *tcpwin.Segment) {
	for len(opts) > 0 && opts[0] != optEnd {
		if opts[0] == optNop {
			opts = opts[1:]
			continue
		}
		if len(opts) < 2 || opts[1] < 2 || int(opts[1]) > len(opts) {
			return
		}
		value := opts[2:opts[1]]
		switch opts[0] {
		case optMSS:
			if len(value) != 2 {
				return
			}
			s.MSS = binary.BigEndian.Uint16(value)
		case optScale:
			if len(value) != 1 {
				return
			}
			s.Scale = int8(min(value[0], maxScale))
		case optTimestamp:
			if len(value) != 8 {
				return
			}
			s.HasTS = true
			s.TSVal = binary.BigEndian.Uint32(value)
			s.TSEcr = binary.BigEndian.Uint32(value[4:])
		case optSACK:
			// The header has room for four blocks, as s has.
			if len(value) == 0 || len(value)%8 != 0 {
				return
			}
			s.NumSACK = len(value) / 8
			for i := range s.NumSACK {
				s.SACK[i][0] = flow.Seq(binary.BigEndian.Uint32(value[8*i:]))
				s.SACK[i][1] = flow.Seq(binary.BigEndian.Uint32(value[8*i+4:]))
			}
		}
		opts = opts[opts[1]:]
	}
}
