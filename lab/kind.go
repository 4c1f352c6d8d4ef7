package lab

import (
	"fmt"

	"flowlab/flow"
	"flowlab/tcpwin"
)

// Kind is a kind of packet that a [Rule] can name. A packet can be of several:
// a window update is a pure ACK too. What needs the connection's past (window
// updates and probes) is recognised by what the wire carried before; packets
// that a rule dropped do not count as carried.
type Kind uint8

const (
	// Any packet, TCP or not.
	Any Kind = iota
	// Data: a TCP segment with payload, retransmissions and one-byte window
	// probes included.
	Data
	// PureACK: a TCP segment with ACK, and without payload, SYN, FIN and RST.
	PureACK
	// WindowUpdate: a pure ACK that acknowledges what the last segment of its
	// direction acknowledged, and whose window is larger than that one's.
	WindowUpdate
	// WindowProbe: a segment that asks a closed window's receiver for its
	// window (RFC 9293 3.8.6.1), in any of its three shapes: with no byte or
	// one byte at SND.UNA-1, where SND.UNA is the last ACK from the other side
	// (a keep-alive, RFC 9293 3.8.4, looks the same); or with one byte at
	// SND.NXT while the other side's last window was 0.
	WindowProbe

	numKinds
)

var kindNames = [numKinds]string{"any", "data", "ack", "window-update", "window-probe"}

func (k Kind) String() string {
	if k >= numKinds {
		return fmt.Sprintf("kind %d", uint8(k))
	}
	return kindNames[k]
}

// ParseKind returns the kind of that name: any, data, ack, window-update or
// window-probe.
func ParseKind(name string) (Kind, error) {
	for k, n := range kindNames {
		if n == name {
			return Kind(k), nil
		}
	}
	return Any, fmt.Errorf("unknown kind of packet %q", name)
}

// kinds is a set of kinds.
type kinds uint8

func (s kinds) has(k Kind) bool { return s&(1<<k) != 0 }

// half is what the wire remembers of one direction of a connection.
type half struct {
	sent   bool     // next is known
	next   flow.Seq // after the highest byte sent: SND.NXT
	acked  bool     // ack and window are known
	ack    flow.Seq // the last ACK that was let through
	window uint16   // and its window, not scaled
}

// classify tells what a segment is. mine is the direction it goes in, peer the
// other one; neither knows of it yet.
func classify(s *tcpwin.Segment, mine, peer *half) kinds {
	set := kinds(1 << Any)
	if s.Len > 0 {
		set |= 1 << Data
	}
	if s.Has(tcpwin.SYN|tcpwin.FIN|tcpwin.RST) || !s.Has(tcpwin.ACK) {
		return set
	}
	if s.Len == 0 {
		set |= 1 << PureACK
		if mine.acked && s.Ack == mine.ack && s.Window > mine.window {
			set |= 1 << WindowUpdate
		}
	}
	if s.Len <= 1 && peer.acked {
		beyond := s.Len == 1 && peer.window == 0 && mine.sent && s.Seq == mine.next
		if beyond || s.Seq == peer.ack.Add(-1) {
			set |= 1 << WindowProbe
		}
	}
	return set
}

// note remembers a segment of this direction. What a rule dropped was sent all
// the same, but its ACK and window are not known to the other side.
func (h *half) note(s *tcpwin.Segment, dropped bool) {
	if s.Has(tcpwin.SYN) {
		*h = half{} // the ports may have been used before
	}
	if end := s.End(); !h.sent || end.After(h.next) {
		h.sent, h.next = true, end
	}
	// A SYN's window is not scaled (RFC 7323 2.2) and compares with no other.
	if s.Has(tcpwin.ACK) && !s.Has(tcpwin.SYN) && !dropped {
		h.acked, h.ack, h.window = true, s.Ack, s.Window
	}
}
