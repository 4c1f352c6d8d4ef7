package capture

import "flowlab/flow"

// LinkType is how a packet begins, by the registry at
// https://www.tcpdump.org/linktypes.html.
type LinkType uint16

const (
	Ethernet LinkType = 1
	RawIP    LinkType = 101 // the packet begins with its IPv4 or IPv6 header
)

// Interface is one point at which packets were seen. Packets of two interfaces
// are two observations, even where they are the same packets.
type Interface struct {
	Name     string
	LinkType LinkType
	SnapLen  int // the most bytes that are kept of a packet, 0 for all
}

// Packet is one packet as it passed an interface. Its data must not change.
type Packet struct {
	Time      flow.Time
	Interface int    // index into the source's interfaces
	Data      []byte // what was kept of it
	Length    int    // bytes on the wire
}
