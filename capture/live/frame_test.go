package live

import "encoding/binary"

// frame is an Ethernet frame with a TCP segment, whose sequence number is that
// given; tags are VLAN tags to have, of type 0x8100.
func frame(number uint32, port uint16, payload int, tags ...uint16) []byte {
	f := []byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1}
	for _, tag := range tags {
		f = binary.BigEndian.AppendUint16(f, 0x8100)
		f = binary.BigEndian.AppendUint16(f, tag)
	}
	f = binary.BigEndian.AppendUint16(f, 0x0800)
	ip := len(f)
	f = append(f, make([]byte, 40+payload)...)
	f[ip], f[ip+8], f[ip+9] = 0x45, 64, 6
	binary.BigEndian.PutUint16(f[ip+2:], uint16(40+payload))
	copy(f[ip+12:], []byte{10, 78, 0, 1, 10, 78, 0, 2})
	tcp := ip + 20
	binary.BigEndian.PutUint16(f[tcp:], 40000)
	binary.BigEndian.PutUint16(f[tcp+2:], port)
	binary.BigEndian.PutUint32(f[tcp+4:], number)
	f[tcp+12], f[tcp+13] = 0x50, 0x10
	return f
}

// number finds the segment of frame in a packet, whatever comes before it.
func number(data []byte) (uint32, bool) {
	for at := range max(0, len(data)-39) {
		if data[at] == 0x45 && data[at+9] == 6 && binary.BigEndian.Uint16(data[at+20:]) == 40000 {
			return binary.BigEndian.Uint32(data[at+24:]), true
		}
	}
	return 0, false
}
