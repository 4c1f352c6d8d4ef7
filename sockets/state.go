package sockets

// State is that of a connection (RFC 9293 3.3.2), by the kernel's numbers
// (net/tcp_states.h).
type State uint8

// The states that have numbers with a meaning here.
const (
	Established State = 1
	SynSent     State = 2
	SynRecv     State = 3
	TimeWait    State = 6
	Closed      State = 7
	Listen      State = 10
)

var stateNames = [...]string{
	"unknown", "established", "syn-sent", "syn-recv", "fin-wait-1", "fin-wait-2",
	"time-wait", "closed", "close-wait", "last-ack", "listen", "closing", "new-syn-recv",
}

func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return stateNames[0]
}

// CAState is that of the kernel's congestion avoidance (tcp(7), tcpi_ca_state).
type CAState uint8

const (
	Calm     CAState = iota // all is well
	Disorder                // selective or duplicate ACKs came
	CWR                     // the window is being reduced, after ECN or a full local queue
	Recovery                // fast retransmission (RFC 6675)
	Loss                    // after a timeout (RFC 6298)
)

var caNames = [...]string{"open", "disorder", "cwr", "recovery", "loss"}

func (c CAState) String() string {
	if int(c) < len(caNames) {
		return caNames[c]
	}
	return "unknown"
}

// Repairing tells whether TCP sends again what was lost.
func (c CAState) Repairing() bool { return c == Recovery || c == Loss }
