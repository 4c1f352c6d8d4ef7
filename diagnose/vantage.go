package diagnose

import (
	"time"

	"flowlab/flow"
)

// Vantage is where on a connection's way it was observed.
type Vantage uint8

const (
	VantageUnknown Vantage = iota // nothing tells
	NearClient                    // what the client hears, it answers almost at once
	NearServer                    // what the server hears, it answers almost at once
	Between                       // at some distance of both, or near to both
)

func (v Vantage) String() string {
	return [...]string{"unknown", "client", "server", "between"}[v]
}

// MarshalText writes the name.
func (v Vantage) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// near is how many times as far the other side must be for a point to be near
// to one. (A side next to it takes some time to answer, too.)
const near = 6

// vantage estimates where a connection was observed, by how long answers take
// that come from each side: those of the handshake, or, where it was not seen,
// the fastest ACKs of data.
func (c *Connection) vantage() Vantage {
	toClient, toServer := c.turns()
	switch {
	case toClient+toServer == 0:
		return VantageUnknown
	case near*toClient <= toServer:
		return NearClient
	case near*toServer <= toClient:
		return NearServer
	}
	return Between
}

// turns is how long it takes from the point of observation to each side and
// back; both are zero where one is not known.
func (c *Connection) turns() (toClient, toServer time.Duration) {
	if h := c.ledger.Handshake; h.Seen() {
		return h.Turn(flow.Client), h.Turn(flow.Server)
	}
	client, server := &c.Directions[flow.Client].Account.RTT, &c.Directions[flow.Server].Account.RTT
	if client.Samples == 0 || server.Samples == 0 {
		return 0, 0
	}
	return server.Min, client.Min
}
