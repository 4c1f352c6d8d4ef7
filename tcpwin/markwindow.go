package tcpwin

// windowMarks says what a segment is by the windows and by what both sides sent
// before. Wireshark asks in this order.
func (own *markSide) windowMarks(peer *markSide, s *Segment) Mark {
	seq, window := uint32(s.Seq), uint32(s.Window)
	if s.Len == 1 && seq == own.next && peer.window == 0 {
		return MarkZeroWindowProbe // and nothing else
	}
	var marks Mark
	ctl := s.Has(SYN | FIN | RST)
	if window == 0 && !ctl {
		marks |= MarkZeroWindow
	}
	if own.next != 0 && after(seq, own.next) && !s.Has(RST) {
		marks |= MarkLostSegment
		own.inFlight = false
	}
	if ctl {
		return marks
	}
	if s.Len <= 1 && seq == own.next-1 {
		marks |= MarkKeepAlive
	}
	if s.Len > 0 {
		if peer.filledBy(seq + uint32(s.Len)) {
			marks |= MarkWindowFull
		}
		return marks
	}
	if seq != own.next || uint32(s.Ack) != own.lastAck {
		return marks
	}
	// An ACK that says nothing new, but for its window.
	switch same := window == own.window; {
	case window != 0 && !same:
		marks |= MarkWindowUpdate
	case window != 0 && peer.last.Has(MarkKeepAlive):
		marks |= MarkKeepAliveAck
	case window == 0 && same && peer.last.Has(MarkZeroWindowProbe):
		marks |= MarkZeroWindowProbeAck
	case window != 0:
		marks |= MarkDuplicateAck
	}
	return marks
}

// filledBy tells whether a segment that ends at end takes exactly what the side
// advertised last.
func (own *markSide) filledBy(end uint32) bool {
	if own.scale == scaleUnknown {
		return false
	}
	var shift int8
	if !own.firstAck {
		shift = max(own.scale, 0)
	}
	return end == own.lastAck+own.window<<shift
}

// scaled is the window that a segment advertises. Its own options say nothing
// of it.
func (own *markSide) scaled(s *Segment) uint32 {
	if s.Has(SYN) || own.scale < 0 {
		return uint32(s.Window)
	}
	return uint32(s.Window) << own.scale
}

// options takes the window scale (RFC 7323 2.2) and what was acknowledged
// selectively (RFC 2018).
func (own *markSide) options(peer *markSide, s *Segment) {
	if s.Has(SYN) {
		own.firstAck = true
	} else if s.Has(ACK) {
		own.firstAck = false
	}
	if s.Scale >= 0 {
		own.scale = min(s.Scale, maxScale)
	}
	switch {
	case !s.Has(SYN):
	case own.scale == scaleUnknown:
		own.scale, peer.scale = noScale, noScale
	case s.Has(ACK) && peer.scale == noScale:
		own.scale = noScale
	}
	own.sacked = 0
	for _, block := range s.SACK[:min(s.NumSACK, sackBlocks)] {
		own.sacked += uint32(block[1] - block[0])
	}
}
