package capture

import (
	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
)

// fcsLen is the length of an 802.11 frame check sequence, in bytes.
const fcsLen = 4

// linkByGopacket leaves the header of a wireless frame, or of a packet that a
// filter logged, to gopacket, and takes over at LLC or IP. That is slow, but
// these link types are rare. Frames that are encrypted end there.
func (r *rest) linkByGopacket(link LinkType) (header, error) {
	// gopacket takes the last 4 bytes of an 802.11 frame for its check sequence,
	// whether they are or were not kept; so it gets 4 to take. And it moves
	// bytes about in what it is given, so it gets a copy.
	frame := make([]byte, len(r.data)+fcsLen)
	copy(frame, r.data)
	packet := gopacket.NewPacket(frame, layers.LinkType(link), gopacket.NoCopy)
	size := 0
	for _, l := range packet.Layers() {
		switch l := l.(type) {
		case *layers.RadioTap:
			// Its payload has a check sequence, made up if there was none, and
			// lacks the padding between the 802.11 header and the data.
			size += len(frame) - len(l.Contents) - len(l.Payload)
			if l.Flags.FCS() {
				r.end(r.left - fcsLen)
			} else {
				size += fcsLen
			}
		case *layers.LLC:
			return headerLLC, r.skip(size)
		case *layers.IPv4:
			return headerIPv4, r.skip(size)
		case *layers.IPv6:
			return headerIPv6, r.skip(size)
		}
		size += len(l.LayerContents())
	}
	if len(r.data) < r.left && (packet.ErrorLayer() != nil || size >= len(r.data)) {
		return 0, ErrTruncated
	}
	return headerOther, nil
}
