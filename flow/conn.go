package flow

import "net/netip"

// Side is one of the two ends of a connection. A direction is named by the
// side that sends in it.
type Side uint8

const (
	Client Side = iota // who opened the connection
	Server             // who was called
)

// Peer returns the other side.
func (s Side) Peer() Side { return s ^ 1 }

func (s Side) String() string {
	if s == Client {
		return "client"
	}
	return "server"
}

// Tuple is where a packet comes from and where it goes.
type Tuple struct {
	Src, Dst netip.AddrPort
}

// Reverse returns the tuple of the packets that go the other way.
func (t Tuple) Reverse() Tuple { return Tuple{Src: t.Dst, Dst: t.Src} }

// Conn names a connection by its ends.
type Conn struct {
	Client, Server netip.AddrPort
}

// Addr returns the address of one side.
func (c Conn) Addr(s Side) netip.AddrPort {
	if s == Client {
		return c.Client
	}
	return c.Server
}

func (c Conn) String() string { return c.Client.String() + " → " + c.Server.String() }
