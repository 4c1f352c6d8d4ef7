package capture

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"
)

// maxBlock is the most bytes of a block that is kept whole: a packet of
// maxPacket bytes and ample options. So much is taken on a file's word, no more.
const maxBlock = 1 << 20

// ngBlocks reads a pcapng file block by block and gives gopacket's reader what
// it can take. That reader (v1.1.19) trusts the file: it allocates whatever
// length a packet claims, divides by zero on some time units and computes
// others wrongly, reads an empty option as the one before it, keeps 8 of a link
// type's 16 bits, and reports a file cut in the middle of a block as its end.
//
// So every block is checked here, whole, before it is passed on. Section and
// interface blocks are passed on as new ones, without options but those of time;
// what they say of interfaces is kept in ifaces. Blocks other than of sections,
// interfaces and packets are left out.
type ngBlocks struct {
	r      io.Reader
	order  byteOrder // of the section
	offset int64     // of the block, in the file
	block  []byte    // the block, kept to be reused
	unread []byte    // the part of what is passed on that is not read yet
	ifaces []Interface
	first  int   // where this section's interfaces begin in ifaces
	err    error // io.EOF after the last block
}

type byteOrder interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

// Read never crosses the end of a block, and reads the next one only if it is
// asked for: a packet that came through a pipe is not held back.
func (b *ngBlocks) Read(p []byte) (int, error) {
	for len(b.unread) == 0 {
		if b.err == nil {
			b.err = b.next()
		}
		if b.err != nil {
			return 0, b.err
		}
	}
	n := copy(p, b.unread)
	b.unread = b.unread[n:]
	return n, nil
}

// next reads one block. It returns io.EOF between two blocks only.
func (b *ngBlocks) next() error {
	b.offset += int64(len(b.block))
	b.block = b.block[:0]
	if err := b.read(8); err == io.EOF {
		return err
	} else if err != nil {
		return b.cut(8, err)
	}
	if binary.LittleEndian.Uint32(b.block) == blockSection {
		if err := b.read(4); err != nil {
			return b.cut(12, err)
		}
		switch uint32(byteOrderMagic) {
		case binary.LittleEndian.Uint32(b.block[8:]):
			b.order = binary.LittleEndian
		case binary.BigEndian.Uint32(b.block[8:]):
			b.order = binary.BigEndian
		default:
			return b.wrong("section of unknown byte order %x", b.block[8:])
		}
	}
	kind, length := b.order.Uint32(b.block), b.order.Uint32(b.block[4:])
	if length < 12 || length%4 != 0 {
		return b.wrong("length of %d", length)
	}
	smallest := uint32(12) // by what has to be in it
	switch kind {
	case blockSection:
		smallest = 28
	case blockInterface:
		smallest = 20
	case blockPacket, blockOldPacket:
		smallest = 32
	case blockSimple:
		return b.wrong("simple packet block: its packet has no time")
	default:
		skipped, err := io.CopyN(io.Discard, b.r, int64(length)-8)
		if err != nil {
			return b.cut(length, err)
		}
		b.offset += skipped
		return nil
	}
	if length < smallest || length > maxBlock {
		return b.wrong("block of type %d claims %d bytes, must be %d to %d", kind, length, smallest, maxBlock)
	}
	if err := b.read(int(length) - len(b.block)); err != nil {
		return b.cut(length, err)
	}
	if again := b.order.Uint32(b.block[length-4:]); again != length {
		return b.wrong("block claims %d bytes at its start and %d at its end", length, again)
	}
	switch kind {
	case blockSection:
		return b.section()
	case blockInterface:
		return b.interfaceBlock()
	}
	return b.packet(kind)
}

func (b *ngBlocks) section() error {
	major, minor := b.order.Uint16(b.block[12:]), b.order.Uint16(b.block[14:])
	if major != 1 || minor != 0 && minor != 2 { // 1.2 is the same (section 4.1)
		return b.wrong("pcapng version %d.%d is not known", major, minor)
	}
	b.first = len(b.ifaces) // each section counts its interfaces from 0
	b.pass(blockSection, func(body []byte) []byte {
		body = b.order.AppendUint32(body, byteOrderMagic)
		body = b.order.AppendUint16(body, 1)
		body = b.order.AppendUint16(body, 0)
		return b.order.AppendUint64(body, 1<<64-1)
	})
	return nil
}

func (b *ngBlocks) interfaceBlock() error {
	unit, offset := byte(6), uint64(0) // microseconds since 1970
	f := Interface{
		LinkType: LinkType(b.order.Uint16(b.block[8:])),
		SnapLen:  int(b.order.Uint32(b.block[12:])),
	}
	opts := b.block[16 : len(b.block)-4]
	for len(opts) >= 4 {
		code, length := b.order.Uint16(opts), int(b.order.Uint16(opts[2:]))
		if code == optionEnd {
			break
		}
		padded := (length + 3) &^ 3
		if 4+padded > len(opts) {
			return b.wrong("interface option %d claims %d bytes, %d are there", code, length, len(opts)-4)
		}
		value := opts[4 : 4+length]
		switch {
		case code == optionName:
			f.Name = string(value)
		case code == optionUnit && length == 1:
			unit = value[0]
		case code == optionOffset && length == 8:
			offset = b.order.Uint64(value)
		case code == optionUnit, code == optionOffset:
			return b.wrong("interface option %d of %d bytes", code, length)
		}
		opts = opts[4+padded:]
	}
	switch {
	case unit&0x80 != 0:
		return b.wrong("time in units of 2^-%d s is not supported", unit&0x7f)
	case unit == 0 || unit > 19:
		return b.wrong("time in units of 10^-%d s is not supported", unit)
	}
	b.ifaces = append(b.ifaces, f)
	b.pass(blockInterface, func(body []byte) []byte {
		body = b.order.AppendUint64(body, 0) // the link type and snap length are kept here
		body = b.order.AppendUint16(body, optionUnit)
		body = b.order.AppendUint16(body, 1)
		body = append(body, unit, 0, 0, 0)
		body = b.order.AppendUint16(body, optionOffset)
		body = b.order.AppendUint16(body, 8)
		return b.order.AppendUint64(body, offset)
	})
	return nil
}

func (b *ngBlocks) packet(kind uint32) error {
	id := b.order.Uint32(b.block[8:])
	if kind == blockOldPacket { // 16 bits, then a count of drops
		id = uint32(b.order.Uint16(b.block[8:]))
	}
	if known := len(b.ifaces) - b.first; int64(id) >= int64(known) {
		return b.wrong("packet of interface %d: the section has %d", id, known)
	}
	const before, after = 28, 4
	kept, room := b.order.Uint32(b.block[20:]), len(b.block)-before-after
	if kept > maxPacket || int(kept) > room {
		return b.wrong("packet claims %d bytes, its block has %d", kept, room)
	}
	b.unread = b.block
	return nil
}

// pass hands on a block of that type with the body that fill appends.
func (b *ngBlocks) pass(kind uint32, fill func(body []byte) []byte) {
	block := b.order.AppendUint32(nil, kind)
	block = b.order.AppendUint32(block, 0)
	block = fill(block)
	length := uint32(len(block) + 4)
	b.order.PutUint32(block[4:], length)
	b.unread = b.order.AppendUint32(block, length)
}

// read appends n bytes of the file to the block.
func (b *ngBlocks) read(n int) error {
	have := len(b.block)
	b.block = slices.Grow(b.block, n)[:have+n]
	got, err := io.ReadFull(b.r, b.block[have:])
	b.block = b.block[:have+got]
	return err
}

// wrong is the error of a block that cannot be.
func (b *ngBlocks) wrong(format string, args ...any) error {
	return fmt.Errorf("block at byte %d: "+format, append([]any{b.offset}, args...)...)
}

// cut is the error of a block that the file ends in, or that cannot be read.
func (b *ngBlocks) cut(want uint32, err error) error {
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("block at byte %d is cut: %d bytes were expected: %w", b.offset, want, err)
}
