package filter

import "encoding/binary"

// field is one, two or four bytes of a packet, in network byte order.
type field struct {
	offset uint32 // from the packet's start
	size   uint8  // bytes

	// The bytes follow an IPv4 header that begins at header: its length is
	// added to the offset.
	ipv4   bool
	header uint32
}

// load reads the field, index bytes further on. Only the sum of index and IPv4
// header length wraps, as it does in BPF's registers; an address never does.
func (f *field) load(data []byte, index uint32) (value uint32, ok bool) {
	if f.ipv4 {
		if uint64(f.header) >= uint64(len(data)) {
			return 0, false
		}
		index += uint32(data[f.header]&0xf) * 4
	}
	at := uint64(f.offset) + uint64(index)
	if at+uint64(f.size) > uint64(len(data)) {
		return 0, false
	}
	switch f.size {
	case 1:
		return uint32(data[at]), true
	case 2:
		return uint32(binary.BigEndian.Uint16(data[at:])), true
	}
	return binary.BigEndian.Uint32(data[at:]), true
}

// full is the mask of all of the field's bits.
func (f *field) full() uint32 { return 1<<(8*f.size) - 1 }
