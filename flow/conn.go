package flow

import (
	"bytes"
	"cmp"
	"net/netip"
)

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

// Endpoint is an address and a port as they stand in a packet. Unlike a
// [netip.AddrPort] it holds no pointer and takes 20 bytes, so that tables of
// many connections stay small and cost the garbage collector nothing.
type Endpoint struct {
	IP   [16]byte // an IPv4 address stands in the first four bytes
	Port uint16
	IPv4 bool
}

// EndpointOf returns the endpoint of an address and port. IPv6 zones are lost.
func EndpointOf(a netip.AddrPort) Endpoint {
	e := Endpoint{Port: a.Port(), IPv4: a.Addr().Is4()}
	if e.IPv4 {
		four := a.Addr().As4()
		copy(e.IP[:], four[:])
	} else {
		e.IP = a.Addr().As16()
	}
	return e
}

// AddrPort returns the address and port.
func (e Endpoint) AddrPort() netip.AddrPort {
	if e.IPv4 {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(e.IP[:4])), e.Port)
	}
	return netip.AddrPortFrom(netip.AddrFrom16(e.IP), e.Port)
}

func (e Endpoint) String() string { return e.AddrPort().String() }

// Compare orders endpoints, by address and then by port.
func (e Endpoint) Compare(o Endpoint) int {
	if c := bytes.Compare(e.IP[:], o.IP[:]); c != 0 {
		return c
	}
	return cmp.Compare(e.Port, o.Port)
}

// Tuple is where a packet comes from and where it goes.
type Tuple struct {
	Src, Dst Endpoint
}

// Reverse returns the tuple of the packets that go the other way.
func (t Tuple) Reverse() Tuple { return Tuple{Src: t.Dst, Dst: t.Src} }

// Conn names a connection by its ends.
type Conn struct {
	Client, Server Endpoint
}

// Addr returns the address of one side.
func (c Conn) Addr(s Side) Endpoint {
	if s == Client {
		return c.Client
	}
	return c.Server
}

func (c Conn) String() string { return c.Client.String() + " → " + c.Server.String() }
