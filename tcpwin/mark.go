package tcpwin

import "math/bits"

// Mark is a set of the flags that Wireshark's TCP analysis gives to a segment
// (docs/flags.md says what each means). They are Wireshark's words, not
// flowlab's: see [Kind] for the events that a [Ledger] raises.
type Mark uint16

// The marks are Wireshark's fields tcp.analysis.*, in the order in which they
// are printed. A fast or spurious retransmission is a retransmission too.
const (
	MarkZeroWindow Mark = 1 << iota
	MarkZeroWindowProbe
	MarkZeroWindowProbeAck
	MarkWindowFull
	MarkWindowUpdate
	MarkKeepAlive
	MarkKeepAliveAck
	MarkDuplicateAck
	MarkRetransmission
	MarkFastRetransmission
	MarkSpuriousRetransmission
	MarkOutOfOrder
	MarkLostSegment
	MarkAckLostSegment
	MarkReusedPorts

	// NumMarks is how many marks there are.
	NumMarks = iota
)

var markNames = [NumMarks]string{
	"zero_window", "zero_window_probe", "zero_window_probe_ack", "window_full",
	"window_update", "keep_alive", "keep_alive_ack", "duplicate_ack",
	"retransmission", "fast_retransmission", "spurious_retransmission",
	"out_of_order", "lost_segment", "ack_lost_segment", "reused_ports",
}

// MarkNames returns the names of all marks; the one at index i is that of
// Mark(1<<i).
func MarkNames() []string { return markNames[:] }

// Has tells whether any of the marks is set.
func (m Mark) Has(any Mark) bool { return m&any != 0 }

// Names returns the name of each mark in m, nil if it is empty.
func (m Mark) Names() []string {
	var names []string
	for ; m != 0; m &= m - 1 {
		names = append(names, markNames[bits.TrailingZeros16(uint16(m))])
	}
	return names
}

// AppendText appends the names, separated by commas; nothing if m is empty.
func (m Mark) AppendText(b []byte) ([]byte, error) {
	for first := true; m != 0; m &= m - 1 {
		if !first {
			b = append(b, ',')
		}
		b, first = append(b, markNames[bits.TrailingZeros16(uint16(m))]...), false
	}
	return b, nil
}

// String returns the names, separated by commas.
func (m Mark) String() string {
	b, _ := m.AppendText(nil)
	return string(b)
}
