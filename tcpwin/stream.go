package tcpwin

import (
	"slices"
	"time"

	"flowlab/flow"
)

const (
	// mostWaiting is how many bytes wait for those before them at most; then these
	// count as lost.
	mostWaiting = 4 << 20
	// patience is how long bytes that were acknowledged may still be seen to pass: two
	// interfaces, or two queues of one, may be captured out of order.
	patience = 20 * time.Millisecond
)

// Stream puts the payload of one direction in order, as its receiver gets it: bytes
// that were sent again come once, and those that come too early wait. Bytes that were
// acknowledged and not seen are lost to the capture: they are reported as missing,
// and never guessed. The zero value begins with the first segment.
//
// It keeps only what waits. In the steady state, when all comes in order, it
// allocates and copies nothing.
type Stream struct {
	begun   bool
	ended   bool      // the FIN was seen
	end     flow.Seq  // after the last byte, if so
	next    flow.Seq  // the first byte that was not given yet
	waiting []early   // in the order of their numbers
	held    int       // bytes of it
	owed    flow.Time // since when bytes are acknowledged that were not seen, 0 if none are
	acked   flow.Seq

	ready   []byte // to be given by Next
	missing int    // to be given after it
}

// early is payload that waits for what comes before it.
type early struct {
	seq    flow.Seq
	bytes  []byte
	length int // with what the capture cut off
}

// Begin sets the number of the first byte, as the SYN tells it.
func (s *Stream) Begin(first flow.Seq) {
	*s = Stream{begun: true, next: first, acked: first}
}

// Begun tells whether the number of the next byte is known.
func (s *Stream) Begun() bool { return s.begun }

// Add enters the payload of a segment: its first bytes as the capture kept them, of
// so many. Call [Stream.Next] until there is no more before anything else is entered;
// what it gives may be part of payload.
func (s *Stream) Add(seq flow.Seq, payload []byte, length int) {
	if !s.begun {
		s.Begin(seq)
	}
	if payload = payload[:min(len(payload), length)]; length == 0 {
		return
	}
	if early := seq.Sub(s.next); early > 0 {
		s.wait(seq, payload, length)
		return
	}
	s.take(seq, payload, length)
}

// take makes ready what is new of payload that begins at or before the next byte.
func (s *Stream) take(seq flow.Seq, payload []byte, length int) {
	again := s.next.Sub(seq)
	if again >= length {
		return
	}
	s.next = seq.Add(length)
	s.ready = payload[min(again, len(payload)):]
	s.missing = length - max(again, len(payload))
}

// wait keeps payload that came early.
func (s *Stream) wait(seq flow.Seq, payload []byte, length int) {
	at := len(s.waiting)
	for at > 0 && s.waiting[at-1].seq.After(seq) {
		at--
	}
	if at > 0 && !s.waiting[at-1].seq.Before(seq) && s.waiting[at-1].length >= length {
		return // it came before
	}
	s.waiting = slices.Insert(s.waiting, at, early{seq, slices.Clone(payload), length})
	s.held += len(payload)
}

// Held is how many bytes wait for those before them.
func (s *Stream) Held() int { return s.held }

// End enters a FIN, which stands after the last byte, before that number.
func (s *Stream) End(after flow.Seq) { s.ended, s.end = true, after }

// Acked enters an acknowledgement of the other side.
func (s *Stream) Acked(ack flow.Seq, t flow.Time) {
	if !s.begun {
		s.Begin(ack)
	}
	if s.ended && ack.After(s.end) {
		ack = s.end // the FIN takes a number, and is no byte
	}
	if ack.After(s.acked) {
		s.acked = ack
	}
	if !s.acked.After(s.next) {
		s.owed = 0
	} else if s.owed == 0 {
		s.owed = t
	}
}

// Next returns the next bytes, and how many are missing after them. It is false if
// there is nothing more for now.
func (s *Stream) Next(now flow.Time) (b []byte, missing int, ok bool) {
	if s.ready == nil && s.missing == 0 {
		s.proceed(now)
	}
	b, missing = s.ready, s.missing
	s.ready, s.missing = nil, 0
	return b, missing, len(b) > 0 || missing > 0
}

// proceed makes the next of those that wait ready, or what is missing before it.
func (s *Stream) proceed(now flow.Time) {
	for len(s.waiting) > 0 && !s.waiting[0].seq.After(s.next) {
		first := s.pop()
		s.take(first.seq, first.bytes, first.length)
		if len(s.ready) > 0 || s.missing > 0 {
			return
		}
	}
	lost := flow.Seq(0)
	switch {
	case s.held > mostWaiting:
		lost = s.waiting[0].seq
	case s.owed == 0 || !s.acked.After(s.next) || now.Sub(s.owed) < patience:
		return
	default:
		lost = s.acked
		if len(s.waiting) > 0 && s.waiting[0].seq.Before(lost) {
			lost = s.waiting[0].seq
		}
	}
	s.missing = lost.Sub(s.next)
	s.next = lost
	if !s.acked.After(s.next) {
		s.owed = 0
	}
}

func (s *Stream) pop() early {
	first := s.waiting[0]
	s.held -= len(first.bytes)
	s.waiting = slices.Delete(s.waiting, 0, 1)
	return first
}
