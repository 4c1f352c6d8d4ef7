package tcpwin

import "flowlab/flow"

// Flags are the control bits of a TCP header (RFC 9293 3.1).
type Flags uint8

const (
	FIN Flags = 1 << iota
	SYN
	RST
	PSH
	ACK
)

// Segment is what a TCP segment says, as it passed one point of its way. It
// takes 80 bytes and holds no pointer: files are read millions a second.
type Segment struct {
	Time flow.Time
	Seq  flow.Seq
	Ack  flow.Seq // means something if Flags has ACK, and stands here as in the header if not
	// TSVal and TSEcr are those of the time stamps option (RFC 7323 3), valid
	// if HasTS.
	TSVal, TSEcr uint32
	Len          int // payload bytes, by the IP header's length

	SACK   [4][2]flow.Seq // left and right edges (RFC 2018)
	Window uint16         // as it stands in the header, not scaled
	MSS    uint16         // the MSS option, 0 if absent
	Flags  Flags
	From   flow.Side // who sent it
	Scale  int8      // the window scale option, -1 if absent, -2 if the capture did not keep it
	HasTS  bool

	NumSACK uint8

	// IPID is the identification of the IPv4 packet, 0 in IPv6: what tells a
	// packet that was captured twice from one that was sent twice.
	IPID uint16

	// Payload is where the payload begins in the packet as it was captured, its end or
	// beyond if nothing of it was kept.
	Payload uint16
}

// Has tells whether any of the flags is set.
func (s *Segment) Has(f Flags) bool { return s.Flags&f != 0 }

// End is the sequence number after the segment; SYN and FIN take one each.
func (s *Segment) End() flow.Seq {
	n := s.Len
	if s.Has(SYN) {
		n++
	}
	if s.Has(FIN) {
		n++
	}
	return s.Seq.Add(n)
}
