package netstack

import (
	"net"
	"net/netip"

	"flowlab/flow"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
)

// toStack is an address as the stack writes it.
func toStack(a netip.Addr) tcpip.Address { return tcpip.AddrFromSlice(a.AsSlice()) }

// fromStack is an address of the stack; an IPv4 one may come as an IPv6 one
// (RFC 4291 2.5.5.2).
func fromStack(a tcpip.Address) netip.Addr {
	switch a.Len() {
	case 4:
		return netip.AddrFrom4(a.As4())
	case 16:
		return netip.AddrFrom16(a.As16()).Unmap()
	}
	return netip.Addr{}
}

func endpointOf(a tcpip.Address, port uint16) flow.Endpoint {
	return flow.EndpointOf(netip.AddrPortFrom(fromStack(a), port))
}

// tupleOf is the tuple of what a connection's own end sends.
func tupleOf(id *tcp.TCPEndpointID) flow.Tuple {
	return flow.Tuple{
		Src: endpointOf(id.LocalAddress, id.LocalPort),
		Dst: endpointOf(id.RemoteAddress, id.RemotePort),
	}
}

// endsOf is the tuple of what an endpoint sends; ok is false while it has no
// two ends.
func endsOf(ep tcpip.Endpoint) (tuple flow.Tuple, ok bool) {
	local, err := ep.GetLocalAddress()
	if err != nil {
		return tuple, false
	}
	remote, err := ep.GetRemoteAddress()
	if err != nil {
		return tuple, false
	}
	return flow.Tuple{
		Src: endpointOf(local.Addr, local.Port),
		Dst: endpointOf(remote.Addr, remote.Port),
	}, true
}

// protocolOf is the network protocol of an address.
func protocolOf(a netip.Addr) tcpip.NetworkProtocolNumber {
	if a.Is4() {
		return header.IPv4ProtocolNumber
	}
	return header.IPv6ProtocolNumber
}

func tcpAddr(a netip.AddrPort) net.Addr { return net.TCPAddrFromAddrPort(a) }
