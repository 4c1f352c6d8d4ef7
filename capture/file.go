package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"flowlab/flow"
)

// fileBuffer is how many bytes wait in memory before they go to the file.
const fileBuffer = 64 << 10

// File is a pcapng file being written. Packets wait in a buffer of 64 KiB and
// are all in the file after Close.
//
// If the file cannot take more, because the disk is full or a quota is reached,
// it is cut back to its last whole block, so that everything before stays
// readable; see [SaveError].
type File struct {
	path    string
	file    *os.File
	writer  *Writer
	pending []byte // whole blocks, not yet in the file
	packets int    // in the file
	bytes   int64
	failed  error // the SaveError after which nothing is written
	counts  []count
}

// count is the statistics of an interface.
type count struct {
	now               flow.Time
	received, dropped int64
	told              int64 // of dropped, what the file says already
}

// FileOptions say how to begin a file.
type FileOptions struct {
	Overwrite bool   // replace a file of that name
	Comment   string // on the whole capture
}

// SaveError tells what a file holds that could not be written to its end.
type SaveError struct {
	Path    string
	Packets int   // whole packets in the file
	Bytes   int64 // the file's length
	Err     error // what kept the next ones out
}

func (e *SaveError) Error() string {
	return fmt.Sprintf("%s: saved %d packets (%d bytes) and no more: %v", e.Path, e.Packets, e.Bytes, e.Err)
}

func (e *SaveError) Unwrap() error { return e.Err }

// Create starts a file for packets of those interfaces. Where one of that name
// exists and is not to be replaced, the error wraps [io/fs.ErrExist].
func Create(path string, ifaces []Interface, o FileOptions) (*File, error) {
	mode := os.O_EXCL
	if o.Overwrite {
		mode = os.O_TRUNC
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|mode, 0o666)
	if err != nil {
		return nil, err
	}
	f := &File{path: path, file: file, pending: make([]byte, 0, fileBuffer)}
	if f.writer, err = NewWriter(blockBuffer{f}, ifaces, o.Comment); err == nil {
		err = f.Flush() // a disk that is full already is better known now
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return f, nil
}

// Write writes a packet and a comment, as [Writer.Write] does. The first error
// of the file itself is a [*SaveError], and every later call returns it again.
func (f *File) Write(p Packet, comment string) error {
	if f.failed != nil {
		return f.failed
	}
	return f.writer.Write(p, comment)
}

// AddInterface adds an interface whose packets may follow.
func (f *File) AddInterface(i Interface) error {
	if f.failed != nil {
		return f.failed
	}
	return f.writer.AddInterface(i)
}

// Secrets writes keys, as [Writer.Secrets] does.
func (f *File) Secrets(s Secrets) error {
	if f.failed != nil {
		return f.failed
	}
	return f.writer.Secrets(s)
}

// Statistics takes the counts of an interface, as [Writer.Statistics] does. They
// are written when more packets were dropped, and at the end.
func (f *File) Statistics(iface int, now flow.Time, received, dropped int64) error {
	if iface < 0 || iface >= len(f.writer.ifaces) {
		return fmt.Errorf("statistics of interface %d: there are %d interfaces", iface, len(f.writer.ifaces))
	}
	for len(f.counts) <= iface {
		f.counts = append(f.counts, count{})
	}
	c := &f.counts[iface]
	c.now, c.received, c.dropped = now, received, dropped
	if f.failed != nil || c.dropped == c.told {
		return f.failed
	}
	c.told = c.dropped
	return f.writer.Statistics(iface, now, received, dropped)
}

// Close writes what waits and closes the file. It returns the [*SaveError] that
// an earlier Write returned, if one did.
func (f *File) Close() error {
	for i, c := range f.counts {
		if c.received > 0 && f.failed == nil {
			if err := f.writer.Statistics(i, c.now, c.received, c.dropped); err != nil {
				break // which is the file's, and is said below
			}
		}
	}
	err := f.Flush()
	return errors.Join(err, f.file.Close())
}

// Flush writes the blocks that wait, so that who reads the file finds all that
// was written. If not all of them can be written, it cuts the file after the last
// one that could.
func (f *File) Flush() error {
	if f.failed != nil || len(f.pending) == 0 {
		return f.failed
	}
	written, err := f.file.Write(f.pending)
	packets, whole := wholeBlocks(f.pending[:written])
	f.packets += packets
	f.bytes += int64(whole)
	f.pending = f.pending[:0]
	if err != nil {
		err = errors.Join(err, f.file.Truncate(f.bytes))
		f.failed = &SaveError{Path: f.path, Packets: f.packets, Bytes: f.bytes, Err: err}
	}
	return f.failed
}

// wholeBlocks counts the packets among the whole blocks that b begins with, and
// the bytes of those blocks.
func wholeBlocks(b []byte) (packets, size int) {
	for len(b)-size >= 8 {
		kind := binary.LittleEndian.Uint32(b[size:])
		length := int(binary.LittleEndian.Uint32(b[size+4:]))
		if length > len(b)-size {
			break
		}
		if kind == blockPacket {
			packets++
		}
		size += length
	}
	return packets, size
}

// blockBuffer takes the writer's blocks, one a call.
type blockBuffer struct{ f *File }

func (b blockBuffer) Write(block []byte) (int, error) {
	if len(b.f.pending)+len(block) > fileBuffer {
		if err := b.f.Flush(); err != nil {
			return 0, err
		}
	}
	b.f.pending = append(b.f.pending, block...)
	return len(block), nil
}
