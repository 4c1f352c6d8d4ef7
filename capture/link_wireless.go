package capture

import "encoding/binary"

const (
	// fcsLen is the length of an 802.11 frame check sequence, in bytes.
	fcsLen = 4

	// The bits of an 802.11 frame's first two bytes, its frame control (802.11-2020
	// 9.2.4.1): which frames are data, and what their headers have.
	dot11Kind      = 0x000f // version and type
	dot11Data      = 0x0008
	dot11Null      = 0x0040 // no data, in spite of the type
	dot11QoS       = 0x0080
	dot11Bridged   = 0x0300 // both to and from the distribution system: a fourth address
	dot11Protected = 0x4000 // encrypted
	dot11HTControl = 0x8000 // of a QoS frame
)

// dot11 reads the header of a wireless frame, up to LLC. Frames that are encrypted end
// there. If it is padded, its length is made a multiple of four.
func (r *rest) dot11(padded bool) (header, error) {
	if err := r.has(2); err != nil {
		return 0, err
	}
	control, size := binary.LittleEndian.Uint16(r.data), 24
	if control&dot11Kind != dot11Data || control&(dot11Null|dot11Protected) != 0 {
		return headerOther, nil
	}
	if control&dot11Bridged == dot11Bridged {
		size += 6
	}
	if control&dot11QoS != 0 {
		size += 2
		if control&dot11HTControl != 0 {
			size += 4
		}
	}
	if padded {
		size = (size + 3) &^ 3
	}
	return headerLLC, r.skip(size)
}

// radiotap reads the header that says how a wireless frame was received
// (https://www.radiotap.org), and the frame's own after it. Of its fields only the flags
// matter, which come first or after a time stamp.
func (r *rest) radiotap() (header, error) {
	const (
		hasTime, hasFlags, more = 1 << 0, 1 << 1, 1 << 31 // bits of a word that says what is present
		withFCS, padded         = 0x10, 0x20              // flags
	)
	if err := r.has(8); err != nil {
		return 0, err
	}
	size, fields := int(binary.LittleEndian.Uint16(r.data[2:])), 8
	if size < fields {
		return 0, ErrMalformed
	}
	if err := r.has(size); err != nil {
		return 0, err
	}
	present := binary.LittleEndian.Uint32(r.data[4:])
	for word := present; word&more != 0 && fields+4 <= size; fields += 4 {
		word = binary.LittleEndian.Uint32(r.data[fields:])
	}
	if present&hasTime != 0 {
		fields = (fields+7)&^7 + 8
	}
	flags := byte(0)
	if present&hasFlags != 0 && fields < size {
		flags = r.data[fields]
	}
	if err := r.skip(size); err != nil {
		return 0, err
	}
	if flags&withFCS != 0 {
		r.end(max(0, r.left-fcsLen))
	}
	return r.dot11(flags&padded != 0)
}

// prism reads the header of old drivers before a wireless frame, in the byte order of the
// host that captured, or that of AVS, which came after it.
func (r *rest) prism() (header, error) {
	const avs = 0x80211 // with a version after it
	if err := r.has(8); err != nil {
		return 0, err
	}
	size := binary.LittleEndian.Uint32(r.data[4:])
	if big := binary.BigEndian.Uint32(r.data[4:]); binary.BigEndian.Uint32(r.data)>>12 == avs || size > 0xffff {
		size = big
	}
	if size < 8 || size > 0xffff {
		return 0, ErrMalformed
	}
	if err := r.skip(int(size)); err != nil {
		return 0, err
	}
	return r.dot11(false)
}

// pflog reads the header of OpenBSD's packet filter, whose length is written without
// what makes it a multiple of four.
func (r *rest) pflog() (header, error) {
	if err := r.has(2); err != nil {
		return 0, err
	}
	next := byFamily(uint32(r.data[1]))
	return next, r.skip((int(r.data[0]) + 3) &^ 3)
}
