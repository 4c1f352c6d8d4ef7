package capture

import (
	"encoding/binary"
	"slices"
)

// Capture files, put together by hand.

// anyOrder is a byte order that can also append.
type anyOrder interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

var (
	little = binary.LittleEndian
	big    = binary.BigEndian
)

// words returns 32-bit numbers as bytes.
func words(o anyOrder, values ...uint32) []byte {
	var b []byte
	for _, v := range values {
		b = o.AppendUint32(b, v)
	}
	return b
}

// pcapHead is the header of a classic file.
func pcapHead(o anyOrder, magic uint32, major, minor uint16, snap, link uint32) []byte {
	b := words(o, magic)
	b = o.AppendUint16(b, major)
	b = o.AppendUint16(b, minor)
	return append(b, words(o, 0, 0, snap, link)...)
}

// pcapRecord is a packet of a classic file; first and then are its lengths.
func pcapRecord(o anyOrder, seconds, fraction, first, then uint32, data string) []byte {
	return append(words(o, seconds, fraction, first, then), data...)
}

// ngBlock is a pcapng block around what is in it.
func ngBlock(o anyOrder, kind uint32, parts ...[]byte) []byte {
	body := slices.Concat(parts...)
	for len(body)%4 != 0 {
		body = append(body, 0)
	}
	length := uint32(12 + len(body))
	return slices.Concat(words(o, kind, length), body, words(o, length))
}

func ngSection(o anyOrder) []byte {
	version := o.AppendUint16(o.AppendUint16(nil, 1), 0)
	return ngBlock(o, blockSection, words(o, byteOrderMagic), version, words(o, 1<<32-1, 1<<32-1))
}

func ngOption(o anyOrder, code uint16, value string) []byte {
	b := o.AppendUint16(o.AppendUint16(nil, code), uint16(len(value)))
	b = append(b, value...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

func ngInterface(o anyOrder, link uint16, snap uint32, options ...[]byte) []byte {
	return ngBlock(o, blockInterface, o.AppendUint16(nil, link), []byte{0, 0}, words(o, snap), slices.Concat(options...))
}

func ngPacket(o anyOrder, iface uint32, stamp uint64, wire uint32, data string) []byte {
	return ngBlock(o, blockPacket, words(o, iface, uint32(stamp>>32), uint32(stamp), uint32(len(data)), wire), []byte(data))
}

// ngOldPacket has a count of drops beside its interface.
func ngOldPacket(o anyOrder, iface, drops uint16, stamp uint64, wire uint32, data string) []byte {
	return ngBlock(o, blockOldPacket, o.AppendUint16(o.AppendUint16(nil, iface), drops),
		words(o, uint32(stamp>>32), uint32(stamp), uint32(len(data)), wire), []byte(data))
}

func ngSimple(o anyOrder, wire uint32, data string) []byte {
	return ngBlock(o, blockSimple, words(o, wire), []byte(data))
}

func ngStatistics(o anyOrder, iface uint32, options ...[]byte) []byte {
	return ngBlock(o, blockStatistics, words(o, iface, 0, 0), slices.Concat(options...))
}

func ngDrops(o anyOrder, code uint16, count uint64) []byte {
	return ngOption(o, code, string(o.AppendUint64(nil, count)))
}

func ngSecrets(o anyOrder, kind uint32, data string) []byte {
	return ngBlock(o, blockSecrets, words(o, kind, uint32(len(data))), []byte(data))
}

func snoopHead(version, datalink uint32) []byte {
	return append([]byte(snoopMagic), words(big, version, datalink)...)
}

// snoopRecord is a packet of a snoop file, with padding after it.
func snoopRecord(seconds, micros, wire, drops uint32, data string, padding int) []byte {
	head := words(big, wire, uint32(len(data)), uint32(24+len(data)+padding), drops, seconds, micros)
	return slices.Concat(head, []byte(data), make([]byte, padding))
}
