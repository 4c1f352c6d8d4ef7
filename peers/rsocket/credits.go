package rsocket

import "flowlab/backpressure"

// Side is one of a connection.
type Side uint8

// The sides.
const (
	Client Side = iota
	Server
)

// Credits is the account of a connection: what each side may send in each stream, by the
// credit that the other one gave. It keeps every stream.
type Credits struct {
	senders  map[sender]*sending
	given    int64
	payloads int64
	over     int64
}

// sender is a side of a stream.
type sender struct {
	stream uint32
	side   Side
}

type sending struct {
	demand  backpressure.Demand
	follows bool // the message under way has more fragments
}

// NewCredits returns an account without streams.
func NewCredits() *Credits { return &Credits{senders: map[sender]*sending{}} }

// Enter enters a frame of a side. A message of several fragments takes one credit, with its
// first; that of a request takes none.
func (c *Credits) Enter(from Side, f Frame) {
	switch {
	case f.Credit > 0:
		_ = c.of(f.Stream, 1-from).demand.Request(int64(f.Credit)) // it is above 0
		c.given += int64(f.Credit)
	case f.Type == Payload && f.Flags&Next != 0:
		s := c.of(f.Stream, from)
		if !s.follows {
			c.payloads++
			if !s.demand.Send() {
				c.over++
			}
		}
		s.follows = f.Flags&Follows != 0
	}
}

func (c *Credits) of(stream uint32, side Side) *sending {
	at := sender{stream, side}
	s := c.senders[at]
	if s == nil {
		s = new(sending)
		c.senders[at] = s
	}
	return s
}

// Given is the sum of all credit, in messages.
func (c *Credits) Given() int64 { return c.given }

// Payloads is how many messages were sent for it.
func (c *Credits) Payloads() int64 { return c.payloads }

// Over is how many of these had no credit.
func (c *Credits) Over() int64 { return c.over }
