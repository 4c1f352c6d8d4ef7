package tcpwin

import (
	"time"

	"flowlab/flow"
)

// Ledger keeps the two accounts of one connection. The zero value is not
// usable: see [NewLedger].
type Ledger struct {
	Handshake Handshake

	accounts [2]Account // by the side that sends
}

// NewLedger returns a ledger that has seen nothing.
func NewLedger() Ledger {
	l := Ledger{}
	for i := range l.accounts {
		l.accounts[i].scale = scaleUnknown
		l.accounts[i].MSS, l.accounts[i].mssOption = defaultMSS, defaultMSS
	}
	return l
}

// Account returns the account of what a side sends. The caller must not keep it
// over the next Observe if it wants it unchanged, nor change it.
func (l *Ledger) Account(sender flow.Side) *Account { return &l.accounts[sender] }

// Observe enters one segment and appends the events that it raises to events.
// Segments must come in the order in which they passed the point of observation.
func (l *Ledger) Observe(s *Segment, events []Event) []Event {
	l.Handshake.observe(s)
	own, peer := &l.accounts[s.From], &l.accounts[s.From.Peer()]
	if s.Has(SYN) {
		l.synchronize(own, peer, s)
	} else if s.Has(RST) {
		return events
	} else {
		probe := own.probedBy(s)
		if probe {
			events = append(events, Event{Kind: WindowProbe, From: s.From, Time: s.Time, Window: own.Window})
		}
		if s.Window == 0 && s.Has(ACK) && !s.Has(FIN) && !(probe && s.Seq == own.Next) {
			events = append(events, Event{Kind: ZeroWindow, From: s.From, Time: s.Time})
		}
		if !probe {
			events = own.send(s, events)
		}
	}
	if s.Has(ACK) {
		events = peer.credit(s, events)
	}
	return events
}

// synchronize takes from a SYN what stands in no other segment.
func (l *Ledger) synchronize(own, peer *Account, s *Segment) {
	if !own.Started {
		own.Started, own.Next, own.Una, own.counted = true, s.End(), s.End(), s.End()
	}
	if s.MSS != 0 {
		peer.MSS, peer.mssOption = int(s.MSS), int(s.MSS)
	}
	// A SYN says by what its sender shifts the window fields that it will send;
	// those windows are the credit of the other direction. Both SYNs must carry
	// the option, and a SYN/ACK carries it only if the SYN did (RFC 7323 2.2).
	if peer.scale = max(s.Scale, 0); s.Scale == scaleCut {
		peer.scale = scaleUnknown
	}
	if s.Has(ACK) && s.Scale < 0 {
		own.scale = 0
	}
}

// firstProbe is how long after the window closed a first probe may come: a few
// retransmission time-outs (RFC 9293 3.8.6.1), and less than a keep-alive waits
// (3.8.4), which looks the same.
const firstProbe = 3 * time.Second

// probedBy recognises a window probe. Near the receiver one
// may pass after the window has opened: its sender does not know yet, or never
// will because the update was lost. So what counts is that the window was
// closed since the sender sent new bytes.
func (a *Account) probedBy(s *Segment) bool {
	if s.Len > 1 || s.Has(FIN) || !a.Started || !a.Credited {
		return false
	}
	asking := a.closed() || a.probing || a.shut && s.Time.Sub(a.shutAt) <= firstProbe
	atNext := s.Len == 1 && s.Seq == a.Next && a.closed()
	beforeUna := s.Seq == a.Una.Add(-1)
	if !asking || !atNext && !beforeUna {
		return false
	}
	a.probing = true
	return true
}

// closed tells whether the window has no room for a full segment with nothing
// in flight that could open it: the state in which a sender probes.
func (a *Account) closed() bool { return a.zero || a.Room() < a.MSS && a.Window < a.MSS }

// send enters the bytes that a segment carries.
func (a *Account) send(s *Segment, events []Event) []Event {
	end := s.End()
	if !a.Started {
		a.Started, a.Next, a.Una, a.counted = true, s.Seq, s.Seq, s.Seq
	}
	if s.Len == 0 && !s.Has(FIN) || a.keptAliveBy(s) {
		return events
	}
	if s.Has(FIN) {
		a.FinSent = true
	}
	if s.HasTS {
		a.MSS = a.mssOption - stampOption
	}
	if s.Len > 0 {
		a.Segments++
	}
	fresh := end.Sub(a.Next)
	if again := s.Len - max(0, fresh); s.Len > 0 && again > 0 && s.Seq.Before(a.Next) {
		a.Retransmitted += int64(again)
		a.RTT.resent()
		events = append(events, Event{Kind: Retransmission, From: s.From, Time: s.Time, Bytes: again})
	}
	if fresh <= 0 {
		return events
	}
	a.count(s, end)
	a.Next = end
	a.shut, a.probing = false, false
	a.RTT.sent(end, s.Time)
	if s.Len > 0 && a.Credited && a.WindowKnown && a.Room() < a.MSS && !a.full {
		a.full = true
		events = append(events, Event{Kind: WindowFull, From: s.From, Time: s.Time, Window: a.Window, Bytes: a.InFlight()})
	}
	return events
}

// keptAliveBy recognises a keep-alive that carries a byte: one that was acknowledged long
// ago, as nothing is in flight (RFC 9293 3.8.4).
func (a *Account) keptAliveBy(s *Segment) bool {
	return s.Len == 1 && !s.Has(FIN) && !a.FinSent && a.Credited && a.InFlight() == 0 && s.Seq == a.Next.Add(-1)
}

// credit enters what an ACK acknowledges and the window that it advertises, in
// the account of the other direction.
func (a *Account) credit(s *Segment, events []Event) []Event {
	if a.Credited && s.Ack.Before(a.Una) {
		return events // an old ACK says nothing about the window now
	}
	first := !a.Credited
	if first || s.Ack.After(a.Una) {
		if a.Started {
			a.Acked += int64(s.Ack.Sub(a.Una))
			a.countAcked(s.Ack)
		}
		if a.FinSent && s.Ack == a.Next {
			a.Acked-- // the FIN
		}
		a.Una = s.Ack
		a.RTT.acked(s.Ack, s.Time)
	}
	if !a.Started {
		a.Started, a.Next, a.counted = true, s.Ack, s.Ack
	}
	window, known := int(s.Window), s.Has(SYN)
	if !s.Has(SYN) {
		known = a.scale != scaleUnknown
		window <<= max(a.scale, 0)
	}
	was := a.Window
	repeated := !first && s.Ack == a.lastAck
	edge := s.Ack.Add(window)
	left := a.Edge.Sub(edge)
	a.Credited, a.WindowKnown = true, known
	a.Window, a.lastAck, a.Edge = window, s.Ack, edge
	a.MaxWindow = max(a.MaxWindow, window)
	if s.Has(SYN) {
		return events
	}
	if !first && left >= 1<<max(a.scale, 0) && known {
		events = append(events, Event{Kind: WindowShrunk, From: s.From, Time: s.Time, Window: window, Bytes: left})
	}
	if a.Room() >= a.MSS {
		a.full = false
	}
	if a.closed() && !a.shut {
		a.shut, a.shutAt = true, s.Time
	}
	if repeated && window > was && s.Len == 0 && !s.Has(FIN) {
		events = append(events, Event{Kind: WindowUpdate, From: s.From, Time: s.Time, Window: window})
	}
	switch {
	case window == 0 && !a.zero:
		a.zero, a.zeroSince = true, s.Time
	case window != 0 && a.zero:
		a.zero = false
		events = append(events, Event{Kind: WindowOpened, From: s.From, Time: s.Time, Window: window, Length: s.Time.Sub(a.zeroSince)})
	}
	return events
}

// Handshake holds when each of the three segments passed (RFC 9293 3.5), zero
// where it was not seen.
type Handshake struct {
	SYN, SYNACK, ACK flow.Time
}

func (h *Handshake) observe(s *Segment) {
	switch {
	case h.ACK != 0:
	case s.Has(SYN) && !s.Has(ACK):
		h.SYN = s.Time // a SYN sent again: the latest is the one that was answered
	case s.Has(SYN) && s.Has(ACK) && h.SYN != 0:
		h.SYNACK = s.Time
	case s.From == flow.Client && s.Has(ACK) && h.SYNACK != 0:
		h.ACK = s.Time
	}
}

// Seen tells whether all three segments of the handshake were seen.
func (h *Handshake) Seen() bool { return h.ACK != 0 }

// Turn is how long something takes from the point of observation to a side and
// back, by the handshake: near that side it is next to nothing, at the far end
// it is the whole round trip.
func (h *Handshake) Turn(to flow.Side) time.Duration {
	if to == flow.Server {
		return h.SYNACK.Sub(h.SYN)
	}
	return h.ACK.Sub(h.SYNACK)
}

// RTT is the round trip of the handshake, whatever the point of observation.
func (h *Handshake) RTT() time.Duration { return h.ACK.Sub(h.SYN) }
