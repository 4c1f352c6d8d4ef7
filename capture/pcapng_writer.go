package capture

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"flowlab/flow"
)

// Block types (draft-ietf-opsawg-pcapng, section 4).
const (
	blockInterface  = 1          // 4.2
	blockOldPacket  = 2          // appendix A: obsolete
	blockSimple     = 3          // 4.4
	blockStatistics = 5          // 4.6: of an interface
	blockPacket     = 6          // 4.3: enhanced packet
	blockSecrets    = 10         // 4.7: to decrypt
	blockSection    = 0x0A0D0D0A // 4.1: the same in both byte orders
)

// Options (draft-ietf-opsawg-pcapng, sections 3.5, 4.1, 4.2 and 4.6).
const (
	optionEnd      = 0
	optionComment  = 1  // of any block
	optionUserAppl = 4  // of a section
	optionName     = 2  // of an interface
	optionUnit     = 9  // of an interface: if_tsresol
	optionOffset   = 14 // of an interface: if_tsoffset
	optionReceived = 4  // of statistics: isb_ifrecv
	optionIfDrops  = 5  // of statistics: isb_ifdrop
	optionSysDrops = 7  // of statistics: isb_osdrop
)

// byteOrderMagic tells by its bytes in which order a section is written.
const byteOrderMagic = 0x1A2B3C4D

// maxPacket is the most bytes of a packet that are written or read: what
// libpcap and Wireshark allow too. A claim above it is a damaged file.
const maxPacket = 256 << 10

// Writer writes packets as pcapng (draft-ietf-opsawg-pcapng): one section, its
// interfaces, and an enhanced packet block for each packet, with its time in
// nanoseconds. Every block is one call of the underlying Write, so that whoever
// is below knows where blocks end.
type Writer struct {
	w      io.Writer
	ifaces []Interface
	block  []byte // the block being put together; kept, to be reused
}

// NewWriter writes the section header, with a comment on the whole capture
// unless that is empty, and a block for each interface, and returns a writer of
// packets that were seen there.
func NewWriter(w io.Writer, ifaces []Interface, comment string) (*Writer, error) {
	ng := &Writer{w: w}
	if len(comment) > math.MaxUint16 {
		return nil, commentTooLong(comment)
	}
	ng.begin(blockSection)
	ng.u32(byteOrderMagic)
	ng.u32(1)              // version 1.0: major, then minor, of 16 bits each
	ng.u64(math.MaxUint64) // the section's length is not known
	if comment != "" {
		ng.option(optionComment, comment)
	}
	ng.option(optionUserAppl, "flowlab")
	ng.u32(optionEnd)
	if err := ng.end(); err != nil {
		return nil, fmt.Errorf("section header: %w", err)
	}
	for _, f := range ifaces {
		if err := ng.AddInterface(f); err != nil {
			return nil, err
		}
	}
	return ng, nil
}

// AddInterface writes the block of one more interface. Its packets may follow.
func (ng *Writer) AddInterface(f Interface) error {
	i := len(ng.ifaces)
	if len(f.Name) > math.MaxUint16 {
		return fmt.Errorf("interface %d: a name of %d bytes does not fit an option of %d", i, len(f.Name), math.MaxUint16)
	}
	ng.begin(blockInterface)
	ng.u32(uint32(f.LinkType)) // 16 bits, and 16 reserved
	ng.u32(uint32(f.SnapLen))
	if f.Name != "" {
		ng.option(optionName, f.Name)
	}
	ng.option(optionUnit, "\x09") // 10^-9 s
	ng.u32(optionEnd)
	if err := ng.end(); err != nil {
		return fmt.Errorf("interface %d (%s): %w", i, f.Name, err)
	}
	ng.ifaces = append(ng.ifaces, f)
	return nil
}

// Statistics writes how many packets an interface has given by now, and how many
// more the system has dropped. The numbers are sums since the section began, so
// that the latest ones hold (section 4.6).
func (ng *Writer) Statistics(iface int, now flow.Time, received, dropped int64) error {
	if iface < 0 || iface >= len(ng.ifaces) {
		return fmt.Errorf("statistics of interface %d: there are %d interfaces", iface, len(ng.ifaces))
	}
	ng.begin(blockStatistics)
	ng.u32(uint32(iface))
	ng.u32(uint32(now >> 32))
	ng.u32(uint32(now))
	ng.option(optionReceived, string(binary.LittleEndian.AppendUint64(nil, uint64(received))))
	ng.option(optionSysDrops, string(binary.LittleEndian.AppendUint64(nil, uint64(dropped))))
	ng.u32(optionEnd)
	return ng.end()
}

// Secrets writes keys that decrypt packets after this block (section 4.7), of at most
// 256 KiB.
func (ng *Writer) Secrets(s Secrets) error {
	if len(s.Data) > maxPacket {
		return fmt.Errorf("secrets of %d bytes: at most %d can be written", len(s.Data), maxPacket)
	}
	ng.begin(blockSecrets)
	ng.u32(s.Type)
	ng.u32(uint32(len(s.Data)))
	ng.block = append(ng.block, s.Data...)
	ng.pad()
	return ng.end()
}

// Write writes one packet, cut to its interface's SnapLen, and a comment of at
// most 65535 bytes, or none if it is empty. Times before 1970 and packets above
// 256 KiB do not fit the format, and are errors that leave the file as it was.
// It allocates nothing once it has seen the longest packet.
func (ng *Writer) Write(p Packet, comment string) error {
	if p.Interface < 0 || p.Interface >= len(ng.ifaces) {
		return fmt.Errorf("packet of interface %d: there are %d interfaces", p.Interface, len(ng.ifaces))
	}
	data := p.Data
	if snap := ng.ifaces[p.Interface].SnapLen; snap > 0 && len(data) > snap {
		data = data[:snap]
	}
	switch {
	case p.Time < 0:
		return fmt.Errorf("packet of %d ns before 1970", -p.Time)
	case len(data) > maxPacket:
		return fmt.Errorf("packet of %d bytes: at most %d can be written", len(data), maxPacket)
	case p.Length < len(p.Data) || uint64(p.Length) > math.MaxUint32:
		return fmt.Errorf("packet of %d bytes claims a length of %d", len(p.Data), p.Length)
	case len(comment) > math.MaxUint16:
		return commentTooLong(comment)
	}
	var head [28]byte // its length is filled in by end
	order := binary.LittleEndian
	order.PutUint32(head[0:], blockPacket)
	order.PutUint32(head[8:], uint32(p.Interface))
	order.PutUint32(head[12:], uint32(p.Time>>32))
	order.PutUint32(head[16:], uint32(p.Time))
	order.PutUint32(head[20:], uint32(len(data)))
	order.PutUint32(head[24:], uint32(p.Length))
	ng.block = append(append(ng.block[:0], head[:]...), data...)
	ng.pad()
	if comment != "" {
		ng.option(optionComment, comment)
		ng.u32(optionEnd)
	}
	return ng.end()
}

func commentTooLong(comment string) error {
	return fmt.Errorf("comment of %d bytes: at most %d can be written", len(comment), math.MaxUint16)
}

// begin starts a block of that type; its length is filled in by end.
func (ng *Writer) begin(kind uint32) {
	ng.block = ng.block[:0]
	ng.u32(kind)
	ng.u32(0)
}

// end completes the block, with its length before and after it, and writes it.
func (ng *Writer) end() error {
	length := uint32(len(ng.block) + 4)
	binary.LittleEndian.PutUint32(ng.block[4:], length)
	ng.u32(length)
	_, err := ng.w.Write(ng.block)
	return err
}

func (ng *Writer) option(code uint16, value string) {
	ng.block = binary.LittleEndian.AppendUint16(ng.block, code)
	ng.block = binary.LittleEndian.AppendUint16(ng.block, uint16(len(value)))
	ng.block = append(ng.block, value...)
	ng.pad()
}

// pad fills the block to a multiple of four bytes, as every part of it must be.
func (ng *Writer) pad() {
	for len(ng.block)%4 != 0 {
		ng.block = append(ng.block, 0)
	}
}

func (ng *Writer) u32(v uint32) { ng.block = binary.LittleEndian.AppendUint32(ng.block, v) }
func (ng *Writer) u64(v uint64) { ng.block = binary.LittleEndian.AppendUint64(ng.block, v) }
