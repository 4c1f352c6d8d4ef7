package capture

import (
	"encoding/binary"

	"flowlab/flow"
	"flowlab/tcpwin"
)

// decodeTCP reads a segment of which data begins with what was kept, and whose
// header and payload together have length bytes (RFC 9293 3.1). Beyond length,
// data may have a frame's padding.
func decodeTCP(data []byte, length int, s *tcpwin.Segment) error {
	const smallest = 20
	if length < smallest {
		return ErrMalformed
	}
	if len(data) < smallest {
		return ErrTruncated
	}
	header := int(data[12]>>4) * 4
	if header < smallest || header > length {
		return ErrMalformed
	}
	if header > len(data) {
		decodeCutTCP(data, length-header, s)
		s.Payload = uint16(len(data)) // the packet's end
		return nil
	}
	putTCP((*[smallest]byte)(data), length-header, s)
	s.Payload = uint16(header)
	if opts := data[smallest:header]; len(opts) == 12 && binary.BigEndian.Uint32(opts) == onlyTimestamps {
		s.HasTS = true
		s.TSVal = binary.BigEndian.Uint32(opts[4:])
		s.TSEcr = binary.BigEndian.Uint32(opts[8:])
	} else if len(opts) > 0 {
		decodeOptions(opts, s)
	}
	return nil
}

// onlyTimestamps is how the options of nearly all segments begin, and then have
// only the time stamps (RFC 7323, appendix A): NOP, NOP, kind 8, length 10.
const onlyTimestamps = optNop<<24 | optNop<<16 | optTimestamp<<8 | 10

// scaleCut is the window scale of a SYN whose options were cut before one: it
// is neither known nor absent, and whoever takes it for absent gets all windows
// wrong.
const scaleCut = -2

// decodeCutTCP reads a segment of whose options only some were kept, as is
// common in old captures: tcpdump kept 68 bytes once.
func decodeCutTCP(data []byte, payload int, s *tcpwin.Segment) {
	putTCP((*[20]byte)(data), payload, s)
	decodeOptions(data[20:], s)
	if s.Has(tcpwin.SYN) && s.Scale < 0 {
		s.Scale = scaleCut
	}
}

// putTCP fills s from the part of the header that all segments have.
func putTCP(h *[20]byte, payload int, s *tcpwin.Segment) {
	s.Seq = flow.Seq(binary.BigEndian.Uint32(h[4:]))
	s.Ack = flow.Seq(binary.BigEndian.Uint32(h[8:]))
	s.TSVal, s.TSEcr = 0, 0
	s.Len = payload
	s.SACK = [4][2]flow.Seq{}
	s.Window = binary.BigEndian.Uint16(h[14:])
	s.MSS = 0
	// The bits of tcpwin.Flags are those of the header; URG, ECE and CWR, which
	// it has no name for, stay out.
	s.Flags = tcpwin.Flags(h[13]) & (tcpwin.FIN | tcpwin.SYN | tcpwin.RST | tcpwin.PSH | tcpwin.ACK)
	s.Scale = -1
	s.HasTS = false
	s.NumSACK, s.Payload = 0, 0
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
// length leads out of them: what comes after that one cannot be told apart. One
// of another length than its kind has is passed over, as Wireshark does.
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
		switch kind := opts[0]; {
		case kind == optMSS && len(value) == 2:
			s.MSS = binary.BigEndian.Uint16(value)
		case kind == optScale && len(value) == 1:
			s.Scale = int8(min(value[0], maxScale))
		case kind == optTimestamp && len(value) == 8:
			s.HasTS = true
			s.TSVal = binary.BigEndian.Uint32(value)
			s.TSEcr = binary.BigEndian.Uint32(value[4:])
		case kind == optSACK:
			// The header has room for four blocks, as s has.
			s.NumSACK = uint8(len(value) / 8)
			for i := range s.NumSACK {
				s.SACK[i][0] = flow.Seq(binary.BigEndian.Uint32(value[8*int(i):]))
				s.SACK[i][1] = flow.Seq(binary.BigEndian.Uint32(value[8*int(i)+4:]))
			}
		}
		opts = opts[opts[1]:]
	}
}
