package tcpwin

import "flowlab/flow"

// Marked is what Wireshark shows of one segment.
type Marked struct {
	Marks Mark
	// BytesInFlight is tcp.analysis.bytes_in_flight, 0 where it is not shown.
	// Near the receiver it is not what the sender has in flight.
	BytesInFlight uint32
	// Window is tcp.window_size: bytes, scaled where the scale is known and as
	// it stands in the header where it is not.
	Window uint32
	// DupAck counts the duplicate ACKs in a row, from 1. It is valid where
	// Marks has MarkDuplicateAck.
	DupAck uint32
}

// Marker sets the marks on the segments of one connection: all that pass
// between one pair of addresses and ports at one point, in the order in which
// they passed. It agrees frame by frame with Wireshark 4.0.17 (docs/flags.md),
// also where that is wrong: it remembers what Wireshark remembers, and takes a
// sequence number of 0 for one that it does not know.
//
// The zero value is ready. A SYN that reuses the ports starts it anew, whichever
// side sends it: sides only tell the directions apart.
//
// It has no clock and does no I/O. Its memory is fixed but for holes in what
// was sent and not acknowledged; see unacked.
type Marker struct {
	sides [2]markSide // by who sends
	syn   flow.Time   // of the latest SYN without ACK, 0 if there was none
	rtt   uint64      // nanoseconds from it to the first ACK, 0 until then
	begun bool
}

// markSide is what is remembered of the segments that one side sent.
type markSide struct {
	unacked unacked

	nextAt flow.Time // when next was last moved
	ackAt  flow.Time // when the latest segment passed, ACK or not

	base    uint32 // the initial sequence number, valid if hasBase
	next    uint32 // the highest end
	maxAck  uint32 // the highest end that was reached without a hole
	lastAck uint32 // the latest acknowledgement number
	dup     uint32 // duplicate ACKs in a row, or ackedUnseen
	window  uint32 // the latest window field, noWindow before the first segment
	sacked  uint32 // bytes in the blocks of the latest SACK option

	last     Mark // the marks of the latest segment
	scale    int8 // of the windows that this side advertises, scaleUnknown or noScale
	hasBase  bool
	firstAck bool // its next ACK is the first after its SYN
	inFlight bool // bytes in flight mean something: nothing was lost since the peer's latest ACK
}

const (
	noScale     = -2         // one of the two ends does not scale
	maxScale    = 14         // RFC 7323 2.3
	noWindow    = 0xFFFFFFFF // no field of 16 bits equals it
	ackedUnseen = 0xFFFFFFFF // stands for a count of duplicate ACKs
	sackBlocks  = 3          // how many blocks of a SACK option count
	maxInFlight = 2_000_000_000

	fastRetransmission = 20_000_000 // nanoseconds after the latest duplicate ACK
	outOfOrder         = 3_000_000  // nanoseconds, where the handshake's round trip is not known
)

func (m *Marker) begin() {
	m.begun, m.syn, m.rtt = true, 0, 0
	for i := range m.sides {
		m.sides[i].begin()
	}
}

func (d *markSide) begin() {
	d.unacked.clear()
	*d = markSide{unacked: d.unacked, window: noWindow, scale: scaleUnknown, inFlight: true}
}

// Observe marks one segment.
func (m *Marker) Observe(s *Segment) Marked {
	if !m.begun {
		m.begin()
	}
	own, peer := &m.sides[s.From], &m.sides[s.From.Peer()]
	marks := m.rebase(own, peer, s)
	if s.Has(ACK) {
		peer.inFlight = true
	}
	marks |= own.windowMarks(peer, s)
	if marks.Has(MarkDuplicateAck) {
		if own.dup == ackedUnseen {
			own.dup = 0
		}
		own.dup++
	}
	if uint32(s.Ack) != own.lastAck {
		own.dup = 0
	}
	marks |= peer.ackMarks(s)
	marks |= m.lossMarks(own, peer, s, marks)
	own.enter(s, marks)
	peer.unacked.acked(uint32(s.Ack))
	marked := Marked{Marks: marks, BytesInFlight: own.bytesInFlight(peer, s), Window: own.scaled(s)}
	if marks.Has(MarkDuplicateAck) {
		marked.DupAck = own.dup
	}
	m.timeHandshake(s)
	own.options(peer, s)
	return marked
}

// rebase notes where the sequence numbers of both sides begin, and tells
// whether a SYN reuses the ports of an earlier connection.
func (m *Marker) rebase(own, peer *markSide, s *Segment) Mark {
	var mark Mark
	seq := uint32(s.Seq)
	if s.Has(SYN) && own.hasBase {
		switch {
		case own.base != seq && s.Has(ACK):
			mark, own.base = MarkReusedPorts, seq
		case own.base != seq:
			mark = MarkReusedPorts
			m.begin()
		case !s.Has(ACK):
			own.next = own.maxAck
		}
	}
	if !own.hasBase {
		own.base, own.hasBase = seq-1, true
		if s.Has(SYN) {
			own.base = seq
		}
	}
	if !peer.hasBase && s.Has(ACK) {
		peer.base, peer.hasBase = uint32(s.Ack)-1, true
	}
	return mark
}

// timeHandshake takes the round trip of the handshake, by which Wireshark tells
// what is out of order from what was sent again.
func (m *Marker) timeHandshake(s *Segment) {
	switch s.Flags & (SYN | ACK) {
	case SYN:
		m.syn = s.Time
	case ACK:
		if m.rtt == 0 && m.syn != 0 {
			m.rtt = uint64(s.Time.Sub(m.syn))
		}
	}
}
