package capture

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"sync/atomic"

	"flowlab/flow"
)

// Reader reads packets from a capture file:
//
//   - pcapng: several sections and interfaces, in either byte order, with times
//     in any unit (draft-ietf-opsawg-pcapng);
//   - classic pcap, versions 2.0 to 2.4, in either byte order, with times in
//     micro- or nanoseconds (draft-ietf-opsawg-pcap);
//   - snoop of Solaris, version 2 (RFC 1761);
//
// each of them also compressed by gzip or zstd. Packets are parsed in a buffer
// of 256 KiB, or more if a record is longer, which may have 16 MiB; one that
// claims more is an error. A Reader allocates nothing for a packet.
//
// Times may be from 1901 to 2262, the last year that [flow.Time] can hold; any
// other is an error.
type Reader struct {
	path    string   // empty if not opened by name
	file    *os.File // nil if not opened by name
	size    int64    // of the file, 0 if not known
	stored  counter
	unpack  *decompressed // nil if the capture is not compressed
	in      *input
	format  format
	found   contents
	packets int64
	err     error // after which nothing is read
}

// format reads the records of one file format.
type format interface {
	// next returns the next packet, io.EOF between two records, or what is wrong
	// with the record that in has marked as begun. The parts of the packet are
	// results of their own because the compiler keeps those in registers, and
	// not a struct of that size.
	next() (at flow.Time, iface int, data []byte, wire int, err error)
}

// counter counts what is read, so that another goroutine can tell how far it is.
type counter struct {
	src  io.Reader
	read atomic.Int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.src.Read(p)
	c.read.Add(int64(n))
	return n, err
}

// Open opens a capture file. What is none, such as a directory, an empty file
// or a text, is an [ErrNotCapture] that says what it is; a capture whose header
// is damaged is a [*ReadError].
func Open(path string) (*Reader, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	r := &Reader{path: path, file: file}
	if err := r.begin(file); err != nil {
		_ = r.Close() // the first error is the one to tell
		return nil, err
	}
	return r, nil
}

// NewReader reads a capture that comes through r, such as a pipe. It waits for
// the file's header, and later for no more than the packet that is asked for.
func NewReader(r io.Reader) (*Reader, error) {
	reader := &Reader{}
	if err := reader.begin(r); err != nil {
		_ = reader.Close()
		return nil, err
	}
	return reader, nil
}

// begin finds out what src is, and reads its header.
func (r *Reader) begin(src io.Reader) error {
	if r.file != nil {
		info, err := r.file.Stat()
		if err != nil {
			return err
		}
		if info.IsDir() {
			return r.failed(fmt.Errorf("a directory, %w", ErrNotCapture))
		}
		if info.Mode().IsRegular() {
			r.size = info.Size()
		}
	}
	r.stored.src = src
	stored := bufio.NewReaderSize(&r.stored, 16) // to look at the beginning; larger reads pass it by
	head, err := stored.Peek(4)
	if err != nil && err != io.EOF {
		return r.failed(err)
	}
	if r.unpack, err = decompress(head, stored); err != nil {
		return r.failed(err)
	}
	if r.unpack != nil {
		r.in = newInput(r.unpack)
	} else {
		r.in = newInput(stored)
	}
	if err := r.header(); err != nil {
		return r.failed(err)
	}
	return nil
}

// header tells the format by how the capture begins, and reads its header.
func (r *Reader) header() error {
	head, err := r.in.peek(4)
	if there := r.in.buf[:r.in.end]; err != nil && r.in.err == io.EOF {
		if len(there) == 0 {
			return fmt.Errorf("empty, %w", ErrNotCapture)
		}
		return fmt.Errorf("%w: it is %q", ErrNotCapture, there)
	}
	if err != nil {
		return err
	}
	if order, ok := pcapOrder(head); ok {
		r.format, err = newPcapFile(r.in, order, &r.found)
		return err
	}
	switch {
	case littleEndian.u32(head) == blockSection:
		r.format, err = newPcapngFile(r.in, &r.found)
	case string(head) == snoopMagic[:4]:
		r.format, err = newSnoopFile(r.in, &r.found)
	default:
		err = foreign(r.in.buf[:r.in.end])
	}
	return err
}

// failed says where and of what file err is.
func (r *Reader) failed(err error) error {
	if errors.Is(err, ErrNotCapture) {
		if r.path != "" {
			err = fmt.Errorf("%s: %w", r.path, err)
		}
		return err
	}
	e := &ReadError{Path: r.path, Packets: r.packets, Err: err}
	if r.in != nil {
		e.Offset = r.in.record
	}
	return e
}

// Interfaces returns the interfaces that the capture has named so far. That of a
// packet is always among them. Each section of a pcapng file has its own, which
// come after those of the sections before. The caller must not change them.
func (r *Reader) Interfaces() []Interface { return r.found.ifaces }

// Dropped returns how many packets the capturing system lost, as far as the part
// of the file says that is read: those of each interface's latest statistics, by
// the interface and by the operating system (pcapng), or the last packet's count
// (snoop). A classic file does not say.
func (r *Reader) Dropped() int64 { return int64(min(r.found.drops, math.MaxInt64)) }

// Secrets returns the decryption secrets that were met so far, and how many were
// left out because 16 MiB of them are kept at most.
func (r *Reader) Secrets() (kept []Secrets, left int) { return r.found.secrets, r.found.left }

// Progress returns how many bytes of the file are read, as they are stored: of a
// compressed file the compressed ones; and how many it had when it was opened, 0
// if that is not known, as of a pipe. It may be called from any goroutine.
func (r *Reader) Progress() (read, total int64) { return r.stored.read.Load(), r.size }

// ReadInto has the reader take its buffers from memory, which is called when there is no
// room left in the buffer that it has, and returns one of at least that size, whose
// content does not matter. It is that same buffer, where packets in it are no longer
// needed, or another: then the data of the packets before stays as it is. It is called at
// once, too.
func (r *Reader) ReadInto(memory func(buffer []byte, size int) []byte) {
	r.in.memory = memory
	r.in.move(len(r.in.buf))
}

// Next returns the next packet, or [io.EOF] after the last one. The packet's
// data is valid until the next call only, unless [Reader.ReadInto] says otherwise: it lies
// in the reader's buffer, and who keeps it copies it. Its Length is never less than its
// data's.
//
// Any other error is a [*ReadError], and ends the reading: each further call
// returns it again. The packets before it are all delivered.
//
// A simple packet block of pcapng has no time: its packet gets that of the one
// before it, or 1970 if it is the first.
func (r *Reader) Next() (Packet, error) {
	if r.err != nil {
		return Packet{}, r.err
	}
	at, iface, data, wire, err := r.format.next()
	if err != nil {
		r.err = err
		if err != io.EOF {
			r.err = r.failed(err)
		}
		return Packet{}, r.err
	}
	r.packets++
	return Packet{Time: at, Interface: iface, Data: data, Length: max(wire, len(data))}, nil
}

// Close closes the file that [Open] opened, and gives memory back. What comes
// from [NewReader] is not closed.
func (r *Reader) Close() error {
	if r.unpack != nil {
		r.unpack.close()
		r.unpack = nil
	}
	if r.file == nil {
		return nil
	}
	return r.file.Close()
}
