package capture

import "flowlab/flow"

// Interface is one point at which packets were seen. Packets of two interfaces
// are two observations, even where they are the same packets.
type Interface struct {
	Name     string
	LinkType LinkType
	SnapLen  int // the most bytes that are kept of a packet, 0 for all
}

// Packet is one packet as it passed an interface. Its data must not be changed;
// how long it is valid, its source says.
type Packet struct {
	Time      flow.Time
	Interface int    // index into the source's interfaces
	Data      []byte // what was kept of it
	Length    int    // bytes on the wire
}
