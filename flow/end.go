package flow

import (
	"fmt"
	"net/netip"
)

// ParseEnd reads which endpoints are meant by an address: 10.0.0.1, 10.0.0.0/8,
// 10.0.0.1:443, or the same of IPv6. An IPv4 address that is written as one of IPv6 is
// that of IPv4; zones are left out.
func ParseEnd(text string) (meant func(Endpoint) bool, err error) {
	if p, err := netip.ParsePrefix(text); err == nil {
		return func(e Endpoint) bool { return p.Contains(e.AddrPort().Addr()) }, nil
	}
	if a, err := netip.ParseAddr(text); err == nil {
		a = a.Unmap().WithZone("")
		return func(e Endpoint) bool { return e.AddrPort().Addr() == a }, nil
	}
	if a, err := netip.ParseAddrPort(text); err == nil {
		end := EndpointOf(a)
		return func(e Endpoint) bool { return e == end }, nil
	}
	return nil, fmt.Errorf("address %q: write 10.0.0.1, 10.0.0.0/8, 10.0.0.1:443, or the same of IPv6", text)
}
