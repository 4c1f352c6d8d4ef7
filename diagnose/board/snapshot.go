// What a screen shows of one instant.

package board

import (
	"fmt"
	"time"

	"flowlab/diagnose"
	"flowlab/flow"
)

// Snapshot is how all connections stood at one instant. Nothing changes it.
type Snapshot struct {
	At     flow.Time
	Live   bool // it is the latest there is
	Source Source
	Rows   []Row          // by number
	Chosen *diagnose.View // all there is of the connection that was chosen; nil if it is not there
	// Coarse: not every step of that time is kept, so what is shown may be as it was some
	// time before.
	Coarse bool
	// LeftOut is how many connections there is no row of, for want of memory.
	LeftOut int
}

// Source is what came up to the instant of a snapshot.
type Source struct {
	First, Last flow.Time // packets; both zero if none came
	Packets     int64
	Bytes       int64 // on the wire
	Dropped     int64 // by whoever captured
	Interfaces  int
	Connections int // that were seen, ever
}

// Row is a connection in a line.
type Row struct {
	Number     int
	Interface  string
	ID         flow.Conn
	Start, End flow.Time // of its first and its latest packet
	Protocol   Protocol
	State      State
	Streams    int // of HTTP/2 that their own windows hold; at the live edge only
	Sides      [2]Side
}

// Side is one direction of a [Row], by the side that sends.
type Side struct {
	Bytes  int64 // of payload that were sent, each counted once
	Cause  flow.Cause
	HeldBy flow.HeldBy
	// Since when the cause has held the sender without a break; 0 if nothing can: the
	// connection is closed, or the direction has not begun.
	Since   flow.Time
	Held    bool // it is a stall by now
	Shut    bool // the receive window that was advertised to it last is zero
	Stalled time.Duration
	Longest time.Duration
	Stalls  int
}

// For is how long the cause has held the sender up to an instant.
func (s *Side) For(at flow.Time) time.Duration {
	if s.Since == 0 {
		return 0
	}
	return max(0, at.Sub(s.Since))
}

// Worse returns the direction that a line about the connection is about: that in which a
// stall is under way, or else that which was stalled longer, or which has more bytes.
func (r *Row) Worse() flow.Side {
	a, b := &r.Sides[flow.Client], &r.Sides[flow.Server]
	switch {
	case a.Held && b.Held && a.Since != b.Since:
		return second(b.Since < a.Since)
	case a.Held != b.Held:
		return second(b.Held)
	case a.Stalled != b.Stalled:
		return second(b.Stalled > a.Stalled)
	}
	return second(b.Bytes > a.Bytes)
}

func second(is bool) flow.Side {
	if is {
		return flow.Server
	}
	return flow.Client
}

// Bytes is the payload that both sides sent.
func (r *Row) Bytes() int64 { return r.Sides[0].Bytes + r.Sides[1].Bytes }

// Stalled is how long stalls lasted, in the direction in which they lasted longer.
func (r *Row) Stalled() time.Duration { return max(r.Sides[0].Stalled, r.Sides[1].Stalled) }

// Longest is the longest stall of either direction.
func (r *Row) Longest() time.Duration { return max(r.Sides[0].Longest, r.Sides[1].Longest) }

// Stalls is how many stalls there were in both directions.
func (r *Row) Stalls() int { return r.Sides[0].Stalls + r.Sides[1].Stalls }

// State is what a connection does.
type State uint8

const (
	Held    State = iota // a stall is under way
	Flowing              // packets came within the last second
	Idle                 // they did not
	Closed               // both sides have ended it, or one has reset it
)

var stateNames = [...]string{"held", "flowing", "idle", "closed"}

func (s State) String() string { return stateNames[s] }

// Protocol is what was read of a connection. It is what is known now, also in a row of the past.
type Protocol uint8

const (
	TCP   Protocol = iota // nothing above TCP was read
	TLS                   // inside of which nothing was read
	HTTP2                 // in the clear, or inside TLS
)

var protocolNames = [...]string{"tcp", "tls", "h2"}

func (p Protocol) String() string { return protocolNames[p] }

// ParseState returns the state of that name.
func ParseState(name string) (State, error) { return named[State](name, "state", stateNames[:]) }

// ParseProtocol returns the protocol of that name.
func ParseProtocol(name string) (Protocol, error) {
	return named[Protocol](name, "protocol", protocolNames[:])
}

func named[T ~uint8](name, what string, names []string) (T, error) {
	for i, n := range names {
		if n == name {
			return T(i), nil
		}
	}
	return 0, fmt.Errorf("unknown %s %q: it is one of %s", what, name, list(names))
}

// idle is how long after its latest packet a connection still flows.
const idle = time.Second

// StateAt is what a connection does at an instant, if it is not closed.
func (r *Row) StateAt(at flow.Time) State {
	switch {
	case r.Sides[0].Held || r.Sides[1].Held:
		return Held
	case at.Sub(r.End) <= idle:
		return Flowing
	}
	return Idle
}
