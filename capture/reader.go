package capture

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/pcapgo"

	"flowlab/flow"
)

// Reader reads packets from a pcapng file or a classic pcap file, of either
// byte order, with times in any decimal unit. It holds one packet at a time,
// and at most 1 MiB of memory for what the file only claims to have.
type Reader struct {
	path    string   // empty if not opened by name
	file    *os.File // nil if not opened by name
	packets gopacket.PacketDataSource
	blocks  *ngBlocks   // of a pcapng file
	ifaces  []Interface // of a classic file
	read    int         // packets so far
}

// Open opens a capture file. What is none, such as a directory, an empty file
// or a text, is an error that says what it is.
func Open(path string) (*Reader, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	r, err := newFileReader(file)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), file.Close())
	}
	r.path, r.file = path, file
	return r, nil
}

func newFileReader(file *os.File) (*Reader, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, errors.New("a directory, not a capture file")
	}
	return NewReader(file)
}

// NewReader reads a capture that comes through r, such as a pipe. It waits for
// the file's header, and later for no more than the packet that is asked for.
func NewReader(r io.Reader) (*Reader, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	const header = 24 // of a classic file; a pcapng section's is longer
	head, err := in.Peek(header)
	switch {
	case err != nil && err != io.EOF:
		return nil, err
	case len(head) == 0:
		return nil, errors.New("empty, not a capture file")
	case len(head) < header:
		return nil, fmt.Errorf("not a capture file: it is %q", head)
	}
	switch binary.LittleEndian.Uint32(head) {
	case blockSection:
		return newNgReader(in)
	case 0xA1B2C3D4, 0xA1B23C4D: // microseconds, nanoseconds
		return newPcapReader(in, head, binary.LittleEndian)
	case 0xD4C3B2A1, 0x4D3CB2A1:
		return newPcapReader(in, head, binary.BigEndian)
	}
	return nil, fmt.Errorf("not a capture file: it begins with %q", head[:8])
}

func newNgReader(in io.Reader) (*Reader, error) {
	blocks := &ngBlocks{r: in, order: binary.LittleEndian}
	packets, err := pcapgo.NewNgReader(blocks, pcapgo.NgReaderOptions{WantMixedLinkType: true})
	if err != nil {
		return nil, err
	}
	return &Reader{packets: packets, blocks: blocks}, nil
}

// newPcapReader reads a classic file (draft-ietf-opsawg-pcap). Its link type is
// taken from the header here, because gopacket keeps only 8 bits of it.
func newPcapReader(in io.Reader, head []byte, order binary.ByteOrder) (*Reader, error) {
	iface := Interface{
		SnapLen:  int(order.Uint32(head[16:])),
		LinkType: LinkType(order.Uint32(head[20:])), // the upper bits tell of the frame check sequence
	}
	packets, err := pcapgo.NewReader(in)
	if err != nil {
		return nil, err
	}
	// Some writers exceed the snap length that they claim, and a damaged file
	// can claim any: neither decides what is read.
	packets.SetSnaplen(maxPacket)
	return &Reader{packets: packets, ifaces: []Interface{iface}}, nil
}

// Interfaces returns the interfaces that the file has named so far. That of a
// packet is always among them. Each section of a pcapng file has its own, which
// come after those of the sections before.
func (r *Reader) Interfaces() []Interface {
	if r.blocks != nil {
		return r.blocks.ifaces
	}
	return r.ifaces
}

// Next returns the next packet, whose data is the caller's, or [io.EOF] after
// the last one. Any other error names the file and how many packets came before
// it, and ends the reading; it wraps [io.ErrUnexpectedEOF] where the file ends
// in the middle of a packet.
func (r *Reader) Next() (Packet, error) {
	data, info, err := r.packets.ReadPacketData()
	if err == io.EOF && info.CaptureLength > 0 { // the header is there, the data is not
		err = io.ErrUnexpectedEOF
	}
	if err == io.EOF {
		return Packet{}, err
	}
	if s := info.Timestamp.Unix(); err == nil && (s < 0 || s >= math.MaxInt64/int64(time.Second)) {
		err = fmt.Errorf("its time is %d s after 1970", s)
	}
	if err != nil {
		err = fmt.Errorf("after packet %d: %w", r.read, err)
		if r.path != "" {
			err = fmt.Errorf("%s: %w", r.path, err)
		}
		return Packet{}, err
	}
	r.read++
	p := Packet{
		Time:      flow.FromTime(info.Timestamp),
		Interface: info.InterfaceIndex,
		Data:      data,
		Length:    info.Length,
	}
	if r.blocks != nil {
		p.Interface += r.blocks.first
	}
	return p, nil
}

// Close closes the file that [Open] opened.
func (r *Reader) Close() error {
	if r.file == nil {
		return nil
	}
	return r.file.Close()
}
