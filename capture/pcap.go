package capture

import (
	"fmt"

	"flowlab/flow"
)

// Magic numbers of the classic format (draft-ietf-opsawg-pcap, section 4).
const (
	pcapMicros   = 0xA1B2C3D4
	pcapNanos    = 0xA1B23C4D
	pcapModified = 0xA1B2CD34 // by Kuznetsov's patch: more in each record's header
)

// lengthOrder is which of its two lengths a record has first. They were
// interchanged in version 2.3, but not by every writer.
type lengthOrder int

const (
	keptFirst lengthOrder = iota
	wireFirst
	shorterFirst // version 2.3 names both orders
)

// pcapFile reads a classic file. The rules for old versions are libpcap's
// (sf-pcap.c).
type pcapFile struct {
	in      *input
	order   byteOrder
	header  int    // bytes of a record before the packet
	unit    uint64 // nanoseconds
	lengths lengthOrder
	most    uint32 // bytes of a packet
}

// pcapOrder tells if a file begins as a classic one, and in which byte order.
func pcapOrder(head []byte) (order byteOrder, ok bool) {
	for _, order := range []byteOrder{littleEndian, bigEndian} {
		switch order.u32(head) {
		case pcapMicros, pcapNanos, pcapModified:
			return order, true
		}
	}
	return littleEndian, false
}

func newPcapFile(in *input, order byteOrder, found *contents) (*pcapFile, error) {
	const header = 24
	head, err := in.peek(header)
	if err != nil {
		return nil, err
	}
	f := &pcapFile{in: in, order: order, header: 16, unit: 1000}
	switch order.u32(head) {
	case pcapNanos:
		f.unit = 1
	case pcapModified:
		f.header = 24 // also the interface's index and the packet's type
	}
	switch major, minor := order.u16(head[4:]), order.u16(head[6:]); {
	case major == 2 && minor < 3, major == 543 && minor == 0: // the latter by DG/UX
		f.lengths = wireFirst
	case major == 2 && minor == 3:
		f.lengths = shorterFirst
	case major == 2 && minor == 4:
		f.lengths = keptFirst
	default:
		return nil, fmt.Errorf("pcap version %d.%d is not known", major, minor)
	}
	// Some writers exceed the snap length that they claim, and a damaged file
	// can claim any. The field for the time zone is ignored by all readers.
	snap := order.u32(head[16:])
	f.most = min(max(snap, maxPacket), maxRecord-uint32(f.header))
	found.ifaces = []Interface{{
		SnapLen:  int(snap),
		LinkType: LinkType(order.u32(head[20:])), // the upper bits tell of the frame check sequence
	}}
	in.pos += header
	return f, nil
}

func (f *pcapFile) next() (at flow.Time, iface int, data []byte, wire int, err error) {
	in := f.in
	in.begin()
	for need := f.header; ; {
		if there := in.buf[in.pos:in.end]; len(there) >= need {
			seconds, fraction := f.order.u32(there), f.order.u32(there[4:])
			kept, wire := f.order.u32(there[8:]), f.order.u32(there[12:])
			if f.lengths != keptFirst && (f.lengths == wireFirst || kept > wire) {
				kept, wire = wire, kept
			}
			if kept > f.most {
				return 0, 0, nil, 0, tooLong(kept, f.most)
			}
			need = f.header + int(kept)
			if len(there) >= need {
				in.pos += need
				at = flow.Time(uint64(seconds)*second + uint64(fraction)*f.unit) // always below 2^63
				return at, 0, there[f.header:need:need], int(wire), nil
			}
		}
		if _, err := in.fill(need); err != nil {
			return 0, 0, nil, 0, err
		}
	}
}

// tooLong is the error of a record that can only be damaged.
func tooLong(claimed, most uint32) error {
	return fmt.Errorf("the packet claims %d bytes, more than the %d that can be", claimed, most)
}
