package netstack

import (
	"fmt"
	"net/netip"
	"time"
)

// Options are what a host is made with. Zero values are the defaults named.
type Options struct {
	// Name is the host's name on the wire and in captures.
	Name string
	// Addrs are the host's addresses, IPv4, IPv6 or both; at least one.
	Addrs []netip.Addr
	// MTU is the largest IP packet that the host sends, 1280 to 65,535 bytes
	// (RFC 8200 5); by default 1500.
	MTU int
	// Window is the largest receive window that the host's sockets advertise,
	// in bytes; by default 1 MiB.
	Window int
	// SendBuffer is how many bytes a connection takes from the application
	// before they are acknowledged; by default 4 MiB.
	SendBuffer int
	// DelayedACK is for how long an ACK may be held back; 0 is not at all. RFC
	// 9293 wants less than 500 ms.
	DelayedACK time.Duration
	// CongestionControl is "cubic" (RFC 9438), the default, or "reno" (RFC
	// 5681).
	CongestionControl string
	// LossDetection turns RACK on (RFC 8985).
	LossDetection bool
}

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
	case o.MTU < 1280 || o.MTU > 65535:
		return o, fmt.Errorf("MTU of %d bytes is not between 1280 and 65535", o.MTU)
	case o.Window < 0 || o.Window > maxWindow:
		return o, fmt.Errorf("window of %d bytes is not between 1 and %d", o.Window, maxWindow)
	case o.SendBuffer < 0:
		return o, fmt.Errorf("send buffer of %d bytes is negative", o.SendBuffer)
	case o.DelayedACK < 0:
		return o, fmt.Errorf("ACK delay %v is negative", o.DelayedACK)
	case o.CongestionControl != "cubic" && o.CongestionControl != "reno":
		return o, fmt.Errorf("congestion control %q is neither cubic nor reno", o.CongestionControl)
	}
	return o, nil
}

// maxWindow is the largest window that TCP can advertise (RFC 7323 2.3).
const maxWindow = 65535 << 14
