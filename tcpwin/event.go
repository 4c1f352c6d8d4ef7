package tcpwin

import (
	"fmt"
	"time"

	"flowlab/flow"
)

// Kind is what an event says.
type Kind uint8

const (
	// ZeroWindow: a segment advertises a window of zero. It is raised for every
	// such segment, as Wireshark's tcp.analysis.zero_window is.
	ZeroWindow Kind = iota
	// WindowProbe: a sender with data waiting asks whether a closed window has
	// opened (RFC 9293 3.8.6.1). It comes in three shapes: one byte at SND.NXT
	// (the RFC's), one byte at SND.UNA-1 (gVisor's), and no byte at SND.UNA-1
	// (Linux's, which Wireshark calls a keep-alive).
	WindowProbe
	// WindowFull: a segment leaves less room than one more full segment needs.
	WindowFull
	// WindowUpdate: an ACK that acknowledges nothing new and opens the window.
	WindowUpdate
	// WindowShrunk: the right edge of the window moved left, by more than
	// scaling rounds (RFC 9293 3.8.6: discouraged).
	WindowShrunk
	// WindowOpened: the window is no longer zero. Length is how long it was.
	WindowOpened
	// Retransmission: bytes are sent again.
	Retransmission

	// NumKinds is how many kinds of event there are.
	NumKinds = int(Retransmission) + 1
)

var kindNames = [NumKinds]string{
	"zero-window", "window-probe", "window-full", "window-update",
	"window-shrunk", "window-opened", "retransmission",
}

func (k Kind) String() string { return kindNames[k] }

// ParseKind returns the kind of event of that name.
func ParseKind(name string) (Kind, error) {
	for i, n := range kindNames {
		if n == name {
			return Kind(i), nil
		}
	}
	return 0, fmt.Errorf("unknown event %q", name)
}

// Event is something worth telling that a segment shows.
type Event struct {
	Kind   Kind
	From   flow.Side // who sent the segment that shows it
	Time   flow.Time
	Window int           // bytes: the window now, for the kinds that begin with a window
	Bytes  int           // bytes: what was sent again, what is still in flight, how far the edge moved left
	Length time.Duration // WindowOpened: how long the window was zero
}

// String says the event in a few words, as comments and logs show it.
func (e Event) String() string {
	switch e.Kind {
	case WindowOpened:
		return fmt.Sprintf("%v: %d bytes, after %v", e.Kind, e.Window, e.Length.Round(time.Millisecond))
	case WindowUpdate:
		return fmt.Sprintf("%v: %d bytes", e.Kind, e.Window)
	case WindowFull:
		return fmt.Sprintf("%v: %d bytes in flight", e.Kind, e.Bytes)
	case WindowShrunk:
		return fmt.Sprintf("%v: by %d bytes", e.Kind, e.Bytes)
	case Retransmission:
		return fmt.Sprintf("%v: %d bytes", e.Kind, e.Bytes)
	}
	return e.Kind.String()
}
