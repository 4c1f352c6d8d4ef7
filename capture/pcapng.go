package capture

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"flowlab/flow"
)

const (
	// maxInterfaces is how many interfaces a capture may have, in all its
	// sections: each costs memory for as long as the capture is read.
	maxInterfaces = 1 << 16
	// maxKept is the most bytes of interface names, and of secrets, that are
	// kept of a capture.
	maxKept = 16 << 20
)

// pcapngFile reads draft-ietf-opsawg-pcapng. Blocks that are not named here are
// passed over, whatever their length.
type pcapngFile struct {
	in     *input
	found  *contents
	order  byteOrder // of the section
	first  int       // where this section's interfaces begin in found.ifaces
	points []point   // this section's interfaces
	names  int       // bytes of interface names
	last   flow.Time // of the packet before
}

// point is what packets and statistics of an interface need of it.
type point struct {
	clock    clock
	snapLen  uint32 // 0 for all
	ifDrops  uint64 // by its latest statistics
	sysDrops uint64
}

func newPcapngFile(in *input, found *contents) (*pcapngFile, error) {
	f := &pcapngFile{in: in, found: found}
	kind, length, err := f.header()
	if err != nil {
		return nil, err
	}
	return f, f.other(kind, length)
}

func (f *pcapngFile) next() (at flow.Time, iface int, data []byte, wire int, err error) {
	for {
		f.in.begin()
		if at, iface, data, wire, ok := f.usual(); ok {
			return at, iface, data, wire, nil
		}
		kind, length, err := f.header()
		if err != nil {
			return 0, 0, nil, 0, err
		}
		switch kind {
		case blockPacket:
			body, err := f.block(length, 32)
			if err != nil {
				return 0, 0, nil, 0, err
			}
			return f.packet(body, f.order.u32(body))
		case blockOldPacket:
			body, err := f.block(length, 32)
			if err != nil {
				return 0, 0, nil, 0, err
			}
			return f.packet(body, uint32(f.order.u16(body))) // then a count of drops
		case blockSimple:
			body, err := f.block(length, 16)
			if err != nil {
				return 0, 0, nil, 0, err
			}
			return f.simplePacket(body)
		}
		if err := f.other(kind, length); err != nil {
			return 0, 0, nil, 0, err
		}
	}
}

// usual reads an enhanced packet that lies whole in the buffer and has nothing
// wrong. All others are left to the checks one by one, which say what is wrong.
func (f *pcapngFile) usual() (at flow.Time, iface int, data []byte, wire int, ok bool) {
	const before, after = 28, 4
	in := f.in
	there := in.buf[in.pos:in.end]
	if len(there) < before+after || f.order.u32(there) != blockPacket {
		return 0, 0, nil, 0, false
	}
	length, id, kept := f.order.u32(there[4:]), f.order.u32(there[8:]), f.order.u32(there[20:])
	if length < before+after || length%4 != 0 || uint64(length) > uint64(len(there)) || kept > length-before-after ||
		f.order.u32(there[length-after:]) != length || uint64(id) >= uint64(len(f.points)) {
		return 0, 0, nil, 0, false
	}
	from := &f.points[id].clock
	stamp := uint64(f.order.u32(there[12:]))<<32 | uint64(f.order.u32(there[16:]))
	if from.tick == 0 || stamp > from.last {
		return 0, 0, nil, 0, false
	}
	in.pos += int(length)
	f.last = flow.Time(stamp * from.tick)
	return f.last, f.first + int(id), there[before : before+kept : before+kept], int(f.order.u32(there[24:])), true
}

// header reads the type and length of a block. That of a section says also in
// which byte order they are.
func (f *pcapngFile) header() (kind, length uint32, err error) {
	head, err := f.in.peek(12) // the shortest block
	if err != nil {
		return 0, 0, err
	}
	if littleEndian.u32(head) == blockSection { // the same in both orders
		switch uint32(byteOrderMagic) {
		case littleEndian.u32(head[8:]):
			f.order = littleEndian
		case bigEndian.u32(head[8:]):
			f.order = bigEndian
		default:
			return 0, 0, fmt.Errorf("section of unknown byte order %x", head[8:])
		}
	}
	kind, length = f.order.u32(head), f.order.u32(head[4:])
	if length < 12 || length%4 != 0 {
		return 0, 0, fmt.Errorf("the block claims %d bytes: must be a multiple of 4, from 12", length)
	}
	return kind, length, nil
}

// block reads a block whole and returns what is in it. The smallest that it can
// be follows from its type.
func (f *pcapngFile) block(length, smallest uint32) ([]byte, error) {
	if length < smallest || length > maxRecord {
		return nil, fmt.Errorf("the block claims %d bytes, must be %d to %d", length, smallest, maxRecord)
	}
	block, err := f.in.peek(int(length))
	if err != nil {
		return nil, err
	}
	body, tail := block[8:length-4], block[length-4:]
	if again := f.order.u32(tail); again != length {
		return nil, lengthsDiffer(length, again)
	}
	f.in.pos += len(block)
	return body, nil
}

func lengthsDiffer(length, again uint32) error {
	return fmt.Errorf("the block claims %d bytes at its start and %d at its end", length, again)
}

// other reads a block that has no packet.
func (f *pcapngFile) other(kind, length uint32) error {
	var smallest uint32 // by what has to be in it
	var read func(body []byte) error
	switch kind {
	case blockSection:
		smallest, read = 28, f.section
	case blockInterface:
		smallest, read = 20, f.interfaceBlock
	case blockStatistics:
		smallest, read = 24, f.statistics
	case blockSecrets:
		smallest, read = 20, f.secrets
	default:
		return f.pass(length)
	}
	body, err := f.block(length, smallest)
	if err != nil {
		return err
	}
	return read(body)
}

// pass passes over a block, which may be longer than the buffer can be.
func (f *pcapngFile) pass(length uint32) error {
	in := f.in
	err := in.skip(int64(length) - 4)
	var tail []byte
	if err == nil {
		tail, err = in.peek(4)
	}
	switch {
	case err != nil && in.err == io.EOF:
		return cut(int64(length), in.base+int64(in.end)-in.record)
	case err != nil:
		return err
	}
	if again := f.order.u32(tail); again != length {
		return lengthsDiffer(length, again)
	}
	in.pos += len(tail)
	return nil
}

// section reads what a section header has after type and length: byte order,
// version, and a length of the section, which nothing here needs (4.1).
func (f *pcapngFile) section(body []byte) error {
	major, minor := f.order.u16(body[4:]), f.order.u16(body[6:])
	if major != 1 || minor != 0 && minor != 2 { // 1.2 is the same
		return fmt.Errorf("pcapng version %d.%d is not known", major, minor)
	}
	f.first = len(f.found.ifaces) // each section counts its interfaces from 0
	f.points = f.points[:0]
	return nil
}

// interfaceBlock reads 4.2.
func (f *pcapngFile) interfaceBlock(body []byte) error {
	snap := f.order.u32(body[4:])
	iface := Interface{LinkType: LinkType(f.order.u16(body)), SnapLen: int(snap)}
	resolution, offset := byte(6), int64(0) // microseconds since 1970
	err := f.options(body[8:], func(code uint16, value []byte) error {
		switch {
		case code == optionName:
			value, _, _ = bytes.Cut(value, []byte{0}) // some writers end it with a zero
			iface.Name = string(value)
		case code == optionUnit && len(value) == 1:
			resolution = value[0]
		case code == optionOffset && len(value) == 8:
			offset = int64(f.order.u64(value))
		case code == optionUnit, code == optionOffset:
			return fmt.Errorf("interface option %d of %d bytes", code, len(value))
		}
		return nil
	})
	f.names += len(iface.Name)
	switch {
	case err != nil:
		return err
	case len(f.found.ifaces) == maxInterfaces:
		return fmt.Errorf("more than %d interfaces", maxInterfaces)
	case f.names > maxKept:
		return fmt.Errorf("the names of %d interfaces have more than %d bytes", len(f.found.ifaces)+1, maxKept)
	}
	f.found.ifaces = append(f.found.ifaces, iface)
	f.points = append(f.points, point{clock: newClock(resolution, offset), snapLen: snap})
	return nil
}

// options gives each option of a block to read (3.5).
func (f *pcapngFile) options(opts []byte, read func(code uint16, value []byte) error) error {
	for len(opts) >= 4 {
		code, length := f.order.u16(opts), int(f.order.u16(opts[2:]))
		opts = opts[4:]
		if code == optionEnd {
			break
		}
		padded := (length + 3) &^ 3
		if padded > len(opts) {
			return fmt.Errorf("option %d claims %d bytes, %d are there", code, length, len(opts))
		}
		if err := read(code, opts[:length]); err != nil {
			return err
		}
		opts = opts[padded:]
	}
	return nil
}

// point returns the interface of that number in its section.
func (f *pcapngFile) point(id uint32) (*point, error) {
	if int64(id) >= int64(len(f.points)) {
		return nil, fmt.Errorf("the block is of interface %d: its section has %d", id, len(f.points))
	}
	return &f.points[id], nil
}

// packet reads an enhanced packet (4.3), or an obsolete one (appendix A), which
// differs in its first 4 bytes only.
func (f *pcapngFile) packet(body []byte, id uint32) (at flow.Time, iface int, data []byte, wire int, err error) {
	const header = 20
	from, err := f.point(id)
	if err != nil {
		return 0, 0, nil, 0, err
	}
	stamp := uint64(f.order.u32(body[4:]))<<32 | uint64(f.order.u32(body[8:]))
	kept, original := f.order.u32(body[12:]), f.order.u32(body[16:])
	data = body[header:]
	if int64(kept) > int64(len(data)) {
		return 0, 0, nil, 0, fmt.Errorf("the packet claims %d bytes, its block has %d", kept, len(data))
	}
	if f.last, err = from.clock.time(stamp); err != nil {
		return 0, 0, nil, 0, err
	}
	return f.last, f.first + int(id), data[:kept:kept], int(original), nil
}

// simplePacket reads 4.4: a packet of the section's first interface, without a
// time. To have none would be 1970; it gets that of the packet before.
func (f *pcapngFile) simplePacket(body []byte) (at flow.Time, iface int, data []byte, wire int, err error) {
	from, err := f.point(0)
	if err != nil {
		return 0, 0, nil, 0, err
	}
	original := f.order.u32(body)
	data = body[4:]
	if from.snapLen > 0 && int64(from.snapLen) < int64(len(data)) {
		data = data[:from.snapLen]
	}
	if int64(original) < int64(len(data)) { // the rest fills the block
		data = data[:original]
	}
	return f.last, f.first, data[:len(data):len(data)], int(original), nil
}

// statistics reads 4.6. What it counts is since the capture began, so the
// latest block of an interface has it all.
func (f *pcapngFile) statistics(body []byte) error {
	at, err := f.point(f.order.u32(body))
	if err != nil {
		return err
	}
	before := at.ifDrops + at.sysDrops
	err = f.options(body[12:], func(code uint16, value []byte) error {
		switch {
		case code != optionIfDrops && code != optionSysDrops:
		case len(value) != 8:
			return fmt.Errorf("statistics option %d of %d bytes", code, len(value))
		case code == optionIfDrops:
			at.ifDrops = f.order.u64(value)
		default:
			at.sysDrops = f.order.u64(value)
		}
		return nil
	})
	f.found.drops += at.ifDrops + at.sysDrops - before
	return err
}

// secrets reads 4.7.
func (f *pcapngFile) secrets(body []byte) error {
	kind, length := f.order.u32(body), f.order.u32(body[4:])
	data := body[8:]
	if int64(length) > int64(len(data)) {
		return fmt.Errorf("the secrets claim %d bytes, their block has %d", length, len(data))
	}
	f.found.keep(Secrets{Type: kind, Data: slices.Clone(data[:length])})
	return nil
}
