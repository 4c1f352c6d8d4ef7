package netstack

import (
	"sync"

	"flowlab/flow"
	"flowlab/tcpwin"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
)

// track is what a host keeps of one connection, from its first SYN on: server
// connections exist before they are accepted. It is told what passes the link
// and what the stack says, while the stack holds the connection's lock, so
// while mu is held nothing else may be locked.
type track struct {
	clock func() flow.Time
	mss   int // payload of a full-size segment by the MTU, bytes
	acks  ackDelay

	mu       sync.Mutex
	truth    truth
	endpoint tcpip.Endpoint     // nil until dialed or accepted
	timeouts *tcpip.StatCounter // how often its retransmission timer ran out
	expired  uint64             // timeouts when it was last looked at
}

// tell gives the truth a fact, and the time of it.
func (t *track) tell(fact func(now flow.Time, truth *truth)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	fact(t.clock(), &t.truth)
}

// bind tells the endpoint of the connection, before it sends any data.
func (t *track) bind(ep tcpip.Endpoint) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.endpoint = ep
	if stats, ok := ep.Stats().(*tcp.Stats); ok {
		t.timeouts = &stats.SendErrors.Timeouts
	}
}

// bound returns the endpoint, nil if it is not yet known.
func (t *track) bound() tcpip.Endpoint {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.endpoint
}

// in tells whether the truth is in a phase.
func (t *track) in(p phase) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.truth.phase == p
}

// leaves: the stack sends a segment.
func (t *track) leaves(s *tcpwin.Segment) {
	fin := s.Has(tcpwin.FIN)
	if s.Len == 0 && !fin && !s.Has(tcpwin.SYN|tcpwin.RST) {
		return // a pure ACK says nothing of the sender
	}
	t.tell(func(now flow.Time, truth *truth) {
		switch {
		case s.Has(tcpwin.RST):
			truth.end(now)
		case s.Has(tcpwin.SYN):
			truth.syn(s.Seq)
		default:
			truth.leave(now, s.Seq, s.Len, fin, t.timerRanOut())
		}
	})
}

// timerRanOut tells whether the retransmission timer has run out since this was
// last asked.
func (t *track) timerRanOut() bool {
	if t.timeouts == nil {
		return false
	}
	n := t.timeouts.Value()
	ranOut := n != t.expired
	t.expired = n
	return ranOut
}

// arrives: a segment comes in, and goes to the stack next.
func (t *track) arrives(s *tcpwin.Segment) {
	t.tell(func(now flow.Time, truth *truth) {
		switch {
		case s.Has(tcpwin.RST):
			truth.end(now)
			return
		case truth.phase != opening:
			return
		case s.Has(tcpwin.SYN):
			truth.peerSYN(int(s.Window))
		}
		if s.Has(tcpwin.ACK) {
			truth.establish(now, t.mss, initialWindow)
		}
	})
}

// handled: the stack has dealt with a segment that came in.
func (t *track) handled(s *tcp.TCPSenderState) {
	t.tell(func(now flow.Time, truth *truth) {
		truth.receive(now, senderState{
			una:         flow.Seq(s.SndUna),
			window:      int(s.SndWnd),
			mss:         s.MaxPayloadSize,
			cwnd:        s.SndCwnd,
			outstanding: s.Outstanding,
			fast:        s.FastRecovery.Active,
		})
	})
}

// initialWindow is the congestion window with which the stack begins, in
// packets (RFC 6928).
const initialWindow = tcp.InitialCwnd
