package tcpwin

import (
	"time"

	"flowlab/flow"
)

const (
	// scaleUnknown stands in place of a shift count whose SYN was not seen.
	scaleUnknown = -1
	// scaleCut is the Scale of a SYN that the capture cut before it.
	scaleCut = -2
)

// defaultMSS is assumed where no MSS option was seen (RFC 9293 3.7.1).
const defaultMSS = 536

// stampOption is what the time stamps option takes in every segment, padded
// (RFC 7323 appendix A).
const stampOption = 12

// Account is one direction of a connection: the bytes that its sender sent, and
// the credit that its receiver gave. Sequence numbers are those of the segments
// that passed the point of observation.
type Account struct {
	Started  bool     // a segment of this direction was seen, so Next means something
	Credited bool     // an ACK from the receiver was seen, so Una and Edge mean something
	Next     flow.Seq // after the last byte sent (SND.NXT)
	Una      flow.Seq // first byte not acknowledged (SND.UNA)
	Edge     flow.Seq // right edge of the window: the first byte that may not be sent
	Window   int      // bytes advertised by the latest ACK, scaled

	// WindowKnown tells whether Window and Edge are scaled as the receiver
	// means them. Without the SYNs they are not, and Window is as it stands in
	// the header.
	WindowKnown bool
	MaxWindow   int // the largest window advertised, scaled

	// MSS is the most payload that a segment may carry: the MSS option less the
	// options that every segment carries (RFC 6691 2), which is 12 bytes where
	// time stamps are used.
	MSS int

	// Bytes are the payload bytes sent, each once, also those that were lost before
	// this point, and those of which only what follows them, or their ACK, was seen.
	Bytes  int64
	Acked  int64 // payload bytes acknowledged
	Unseen int64 // of Bytes, at least: acknowledged, and not captured

	Segments      int64 // segments that carried payload, with retransmissions
	Retransmitted int64 // payload bytes sent again
	FinSent       bool

	RTT RTT // from a segment passing this point to its acknowledgement passing back

	zeroSince flow.Time // when the window became zero, if zeroWindow
	zero      bool
	shut      bool // the window was closed since new bytes were sent
	shutAt    flow.Time
	probing   bool     // a probe was sent since new bytes were
	lastAck   flow.Seq // the latest ACK number from the receiver
	scale     int8     // what the receiver's window field is shifted by
	mssOption int      // as the receiver's SYN says
	full      bool     // WindowFull was raised and no credit came since
	counted   flow.Seq // up to which bytes count in Bytes
}

// mostJump is how far a sequence number may lead beyond what was counted: there is no
// larger window (RFC 7323 2.3). One that leads further is of something else.
const mostJump = 1 << 30

// count enters the bytes up to end of a segment in Bytes, and those before it that were
// not seen.
func (a *Account) count(s *Segment, end flow.Seq) {
	begin := s.Seq
	if a.Next.After(begin) {
		begin = a.Next
	}
	if known := a.counted; known.After(begin) { // they come after their ACK
		if end.Before(known) {
			known = end
		}
		a.Unseen -= int64(known.Sub(begin))
	}
	switch n := end.Sub(a.counted); {
	case n <= 0:
		return
	case n > mostJump:
		a.Bytes += int64(s.Len)
	default:
		if s.Has(FIN) {
			n--
		}
		a.Bytes += int64(n)
	}
	a.counted = end
}

// countAcked enters in Bytes what an ACK is for and was not seen. A single byte may be a
// FIN's.
func (a *Account) countAcked(ack flow.Seq) {
	if n := ack.Sub(a.counted); n > 1 && n <= mostJump {
		a.Bytes += int64(n)
		a.Unseen += int64(n)
		a.counted = ack
	}
}

// InFlight is how many bytes were sent and not acknowledged.
func (a *Account) InFlight() int {
	if !a.Credited || !a.Started {
		return 0
	}
	return max(0, a.Next.Sub(a.Una))
}

// Room is how many more bytes the sender may send. It is negative where the
// window shrank below what is in flight.
func (a *Account) Room() int { return a.Edge.Sub(a.Next) }

// ZeroWindow tells since when the window is zero.
func (a *Account) ZeroWindow() (since flow.Time, zero bool) { return a.zeroSince, a.zero }

// RTT holds the round-trip times that were measured at the point of
// observation. Retransmitted bytes give no sample (Karn's rule, RFC 6298 3).
type RTT struct {
	Last, Min time.Duration
	Samples   int64

	timing bool
	until  flow.Seq // the sample ends when this is acknowledged
	since  flow.Time
}

func (r *RTT) sent(end flow.Seq, t flow.Time) {
	if !r.timing {
		r.timing, r.until, r.since = true, end, t
	}
}

func (r *RTT) resent() { r.timing = false }

func (r *RTT) acked(ack flow.Seq, t flow.Time) {
	if !r.timing || ack.Before(r.until) {
		return
	}
	r.timing = false
	r.Last = max(0, t.Sub(r.since)) // clocks step back
	if r.Samples == 0 || r.Last < r.Min {
		r.Min = r.Last
	}
	r.Samples++
}
