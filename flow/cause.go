package flow

import (
	"fmt"
	"time"
)

// Cause is what holds a sender: the one thing that its next byte waits for. At
// every instant of a direction's life exactly one applies.
type Cause uint8

const (
	// Unknown: packets are missing, or the start was not seen.
	Unknown Cause = iota
	// Handshake: not yet able to send.
	Handshake
	// LossRecovery: retransmitting, or waiting for the timer that will.
	LossRecovery
	// ConnectionWindow: the HTTP/2 connection's window is zero or less.
	ConnectionWindow
	// StreamWindow: the HTTP/2 stream's window is zero or less.
	StreamWindow
	// StreamLimit: as many streams are open as the peer allows, and one waits.
	StreamLimit
	// ReceiveWindow: the advertised window has no room for the next segment.
	ReceiveWindow
	// Nagle: a short segment waits for an ACK (RFC 896, RFC 1122 4.2.3.4).
	Nagle
	// Congestion: room in every window, data in flight, sending clocked by
	// ACKs: the path takes no more.
	Congestion
	// SendBuffer: the sending socket's buffer is too small for the path.
	SendBuffer
	// Application: credit everywhere and nothing to send.
	Application

	// NumCauses is how many causes there are.
	NumCauses = int(Application) + 1
)

var causeNames = [NumCauses]string{
	"unknown", "handshake", "loss-recovery", "connection-window", "stream-window",
	"stream-limit", "receive-window", "nagle", "congestion", "send-buffer", "application",
}

func (c Cause) String() string { return causeNames[c] }

// ParseCause returns the cause of that name.
func ParseCause(name string) (Cause, error) {
	for i, n := range causeNames {
		if n == name {
			return Cause(i), nil
		}
	}
	return Unknown, fmt.Errorf("unknown cause %q", name)
}

// MarshalText writes the cause's name.
func (c Cause) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// CauseNames returns the names of all causes, in the order in which they are
// asked: a cause that comes earlier holds the sender before a later one does.
func CauseNames() []string { return causeNames[:] }

// HeldBy is who can let a sender go, apart from the cause.
type HeldBy uint8

const (
	Nobody            HeldBy = iota
	Reader                   // the receiving application does not read
	WindowSize               // it reads, but the window is too small for the path
	LostUpdate               // the window is open, but the update that said so was lost
	Path                     // the network between the two
	SenderApplication        // the sending application has nothing to send
	SenderSocket             // the sending socket's own options or buffer
	CreditHeld               // streams that are not read hold the HTTP/2 connection's credit
	CreditLeaked             // credit of streams that are over was never given back
	PeerSettings             // the other side's SETTINGS allow no more
	PeerLibrary              // the other side's HTTP/2 library does not give credit for what was read
	SenderLibrary            // the sender's HTTP/2 library has credit, and does not use it

	// NumHeldBy is how many holders there are.
	NumHeldBy = int(SenderLibrary) + 1
)

var heldByNames = [...]string{"nobody", "reader", "window-size", "lost-update", "path", "sender-application", "sender-socket",
	"credit-held", "credit-leaked", "peer-settings", "peer-library", "sender-library"}

func (h HeldBy) String() string { return heldByNames[h] }

// MarshalText writes the name.
func (h HeldBy) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// Limits is how long a sender was held by each cause.
type Limits [NumCauses]time.Duration

// Total is the time that the limits cover.
func (l *Limits) Total() time.Duration {
	var t time.Duration
	for _, d := range l {
		t += d
	}
	return t
}

// Share is the part of the whole time, from 0 to 1, that a cause holds. It is 0
// where there is no time.
func (l *Limits) Share(c Cause) float64 {
	t := l.Total()
	if t == 0 {
		return 0
	}
	return float64(l[c]) / float64(t)
}

// Sub returns the time that was added to each cause since an earlier account.
func (l *Limits) Sub(earlier *Limits) Limits {
	var d Limits
	for c := range l {
		d[c] = l[c] - earlier[c]
	}
	return d
}
