package kernel

import (
	"errors"
	"fmt"
	"net/netip"
)

// Options are what a host is made with. Zero values are the defaults named.
type Options struct {
	// Name is the host's name on the wire and in captures.
	Name string
	// Addrs are the host's addresses, IPv4, IPv6 or both; at least one.
	Addrs []netip.Addr
	// MTU is the largest IP packet that the host sends, 576 to 65,535 bytes,
	// with IPv6 at least 1280 (RFC 8200 5); by default 1500.
	MTU int
	// Window is the largest receive window that the host's sockets advertise,
	// in bytes, up to 256 MiB; by default 1 MiB.
	Window int
	// SendBuffer is how many bytes a connection takes from the application at
	// the least before they are acknowledged, up to 512 MiB; by default 4 MiB.
	SendBuffer int
	// DelayedACK lets the kernel delay ACKs as it does by default.
	DelayedACK bool
	// CongestionControl is one of those that the kernel has; by default
	// "cubic".
	CongestionControl string
}

// The kernel counts buffers in an int, with room for what packets take.
const (
	maxWindow     = 256 << 20
	maxSendBuffer = 512 << 20
)

// withDefaults returns the options with what was left out filled in, or an
// error that names the first value out of its range.
func (o Options) withDefaults() (Options, error) {
	if o.MTU == 0 {
		o.MTU = 1500
	}
	if o.Window == 0 {
		o.Window = 1 << 20
	}
	if o.SendBuffer == 0 {
		o.SendBuffer = 4 << 20
	}
	if o.CongestionControl == "" {
		o.CongestionControl = "cubic"
	}
	switch {
	case len(o.Addrs) == 0:
		return o, errors.New("no address")
	case o.MTU < 576 || o.MTU > 65535:
		return o, fmt.Errorf("MTU of %d bytes is not between 576 and 65535", o.MTU)
	case o.Window < 0 || o.Window > maxWindow:
		return o, fmt.Errorf("window of %d bytes is not between 1 and %d", o.Window, maxWindow)
	case o.SendBuffer < 0 || o.SendBuffer > maxSendBuffer:
		return o, fmt.Errorf("send buffer of %d bytes is not between 1 and %d", o.SendBuffer, maxSendBuffer)
	}
	return o, nil
}
