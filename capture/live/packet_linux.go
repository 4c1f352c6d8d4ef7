package live

import (
	"encoding/binary"
	"time"

	"golang.org/x/sys/unix"

	"flowlab/capture"
	"flowlab/flow"
)

// Offsets in what comes before a packet: struct tpacket3_hdr of
// linux/if_packet.h, and after it struct sockaddr_ll.
const (
	packetNext    = 0
	packetSeconds = 4
	packetNanos   = 8
	packetKept    = 12
	packetLength  = 16
	packetStatus  = 20
	packetStart   = 24
	packetTCI     = 32
	packetTPID    = 36

	addressProtocol = 50 // in network byte order
	addressIndex    = 52
	addressHardware = 56
	addressKind     = 58
	addressLength   = 59
	addressBytes    = 60
)

const (
	cookedLength = 20
	tagLength    = 4
	tagAt        = 12     // after the two addresses of an Ethernet header
	usualTPID    = 0x8100 // 802.1Q
)

// next returns the next packet.
func (s *socket) next(wait time.Duration) (capture.Packet, error) {
	for {
		at, err := s.ring.next(wait)
		if err != nil {
			return capture.Packet{}, err
		}
		index := int32(s.ring.u32(at + addressIndex))
		iface := s.latest
		if index != s.latestIndex {
			iface = s.find(index)
		}
		if s.loopback[iface] && s.ring.memory[at+addressKind] == unix.PACKET_OUTGOING {
			continue // it comes in, too
		}
		return s.packet(at, iface), nil
	}
}

// packet returns the packet at a place of the ring, with the headers that belong
// before it.
func (s *socket) packet(at, iface int) capture.Packet {
	m := s.ring.memory
	p := capture.Packet{
		Time:      flow.Time(s.ring.u32(at+packetSeconds))*flow.Time(time.Second) + flow.Time(s.ring.u32(at+packetNanos)),
		Interface: iface,
		Length:    int(s.ring.u32(at + packetLength)),
	}
	start := at + int(s.ring.u16(at+packetStart))
	end := start + int(s.ring.u32(at+packetKept))
	status := s.ring.u32(at + packetStatus)
	tagged := status&unix.TP_STATUS_VLAN_VALID != 0
	tpid := uint16(usualTPID)
	if status&unix.TP_STATUS_VLAN_TPID_VALID != 0 {
		tpid = s.ring.u16(at + packetTPID)
	}
	tci := uint16(s.ring.u32(at + packetTCI))
	switch {
	case s.link == capture.LinuxCooked2:
		header := cookedLength
		if tagged {
			header += tagLength
		}
		start -= header
		p.Length += header
		s.cook(m[start:start+header], at, tagged, tpid, tci)
	case tagged && end-start >= tagAt+2:
		start -= tagLength
		p.Length += tagLength
		copy(m[start:start+tagAt], m[start+tagLength:])
		binary.BigEndian.PutUint16(m[start+tagAt:], tpid)
		binary.BigEndian.PutUint16(m[start+tagAt+2:], tci)
	}
	p.Data = m[start:end:end]
	return p
}

// cook writes the header of LINKTYPE_LINUX_SLL2, and a VLAN tag after it.
func (s *socket) cook(h []byte, at int, tagged bool, tpid, tci uint16) {
	m := s.ring.memory
	protocol := binary.BigEndian.Uint16(m[at+addressProtocol:])
	index, hardware := s.ring.u32(at+addressIndex), s.ring.u16(at+addressHardware)
	kind, length := m[at+addressKind], m[at+addressLength]
	var address [8]byte
	copy(address[:], m[at+addressBytes:at+addressBytes+8])
	if tagged {
		binary.BigEndian.PutUint16(h[cookedLength:], tci)
		binary.BigEndian.PutUint16(h[cookedLength+2:], protocol)
		protocol = tpid
	}
	binary.BigEndian.PutUint16(h, protocol)
	h[2], h[3] = 0, 0
	binary.BigEndian.PutUint32(h[4:], index)
	binary.BigEndian.PutUint16(h[8:], hardware)
	h[10], h[11] = kind, length
	copy(h[12:20], address[:])
}
