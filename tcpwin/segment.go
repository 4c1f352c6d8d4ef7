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

// Segment is what a TCP segment says, as it passed one point of its way.
type Segment struct {
	Time   flow.Time
	From   flow.Side // who sent it
	Seq    flow.Seq
	Ack    flow.Seq // valid if Flags has ACK
	Flags  Flags
	Window uint16 // as it stands in the header, not scaled
	Len    int    // payload bytes, by the IP header's length

	MSS     uint16 // the MSS option, 0 if absent
	Scale   int8   // the window scale option, -1 if absent
	HasTS   bool   // the time stamps option is present (RFC 7323 3)
	TSVal   uint32
	TSEcr   uint32
	SACK    [4][2]flow.Seq // left and right edges (RFC 2018)
	NumSACK int
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
