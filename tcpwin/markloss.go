package tcpwin

import "flowlab/flow"

// ackMarks tells whether s acknowledges what was not seen of the side that sent
// it, and notes it.
func (sender *markSide) ackMarks(s *Segment) Mark {
	if !s.Has(ACK) || sender.maxAck == 0 || !after(uint32(s.Ack), sender.maxAck) {
		return 0
	}
	if after(sender.next, sender.maxAck) {
		sender.maxAck = sender.next
		return MarkAckLostSegment
	}
	first := sender.dup == 0
	sender.dup = ackedUnseen
	if first {
		return MarkAckLostSegment
	}
	return 0
}

// lossMarks says whether a segment brings what passed before, and why.
func (m *Marker) lossMarks(own, peer *markSide, s *Segment, marks Mark) Mark {
	if s.Len == 0 && !s.Has(SYN|FIN) || marks.Has(MarkKeepAlive) {
		return 0
	}
	seq := uint32(s.Seq)
	end := seq + uint32(s.Len)
	if s.Len > 0 && peer.lastAck != 0 && !after(end, peer.lastAck) {
		return MarkSpuriousRetransmission | MarkRetransmission
	}
	old := own.next != 0 && after(own.next, seq) && !(s.Len > 1 && seq == own.next-1)
	if !old {
		return 0
	}
	if peer.dup >= 2 && seq == peer.lastAck && elapsed(peer.ackAt, s.Time) < fastRetransmission {
		return MarkFastRetransmission | MarkRetransmission
	}
	threshold := m.rtt
	if threshold == 0 {
		threshold = outOfOrder
	}
	if elapsed(own.nextAt, s.Time) < threshold && markEnd(s) != own.next {
		return MarkOutOfOrder
	}
	return MarkRetransmission
}

// elapsed is the time from a to b in nanoseconds. Where b is before a it is huge.
func elapsed(a, b flow.Time) uint64 { return uint64(b - a) }

// after tells whether the sequence number a comes after b.
func after(a, b uint32) bool { return int32(a-b) > 0 }

// markEnd is where a segment ends. Unlike [Segment.End] it counts one for SYN
// and FIN together.
func markEnd(s *Segment) uint32 {
	end := uint32(s.Seq) + uint32(s.Len)
	if s.Has(SYN | FIN) {
		end++
	}
	return end
}

// enter remembers what a segment says.
func (own *markSide) enter(s *Segment, marks Mark) {
	own.window, own.lastAck, own.ackAt, own.last = uint32(s.Window), uint32(s.Ack), s.Time, marks
	seq, end := uint32(s.Seq), markEnd(s)
	if end != seq {
		own.unacked.add(span{seq, end}, own.base)
	}
	if marks.Has(MarkZeroWindowProbe) {
		return
	}
	if own.next == 0 || after(end, own.next) {
		own.next, own.nextAt = end, s.Time
	}
	if own.maxAck == 0 || seq == own.maxAck {
		own.maxAck = own.next
	}
}

// bytesInFlight is what own sent with s and before, and peer did not
// acknowledge, in order or selectively. It is 0 where Wireshark shows none.
func (own *markSide) bytesInFlight(peer *markSide, s *Segment) uint32 {
	if s.Len == 0 || !own.inFlight {
		return 0
	}
	n := own.unacked.extent(own.base)
	if n == 0 {
		return 0
	}
	n -= peer.sacked
	if s.Has(SYN | FIN) {
		n--
	}
	if n >= maxInFlight {
		return 0
	}
	return n
}
