package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
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
// exists it is replaced if overwrite is set, and is an error that wraps
// [io/fs.ErrExist] if not.
func Create(path string, ifaces []Interface, overwrite bool) (*File, error) {
	mode := os.O_EXCL
	if overwrite {
		mode = os.O_TRUNC
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|mode, 0o666)
	if err != nil {
		return nil, err
	}
	f := &File{path: path, file: file, pending: make([]byte, 0, fileBuffer)}
	if f.writer, err = NewWriter(blockBuffer{f}, ifaces); err == nil {
		err = f.flush() // a disk that is full already is better known now
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

// Close writes what waits and closes the file. It returns the [*SaveError] that
// an earlier Write returned, if one did.
func (f *File) Close() error {
	err := f.flush()
	return errors.Join(err, f.file.Close())
}

// flush writes the blocks that wait. If not all of them can be written, it cuts
// the file after the last one that could.
func (f *File) flush() error {
	if f.failed != nil {
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
		if err := b.f.flush(); err != nil {
			return 0, err
		}
	}
	b.f.pending = append(b.f.pending, block...)
	return len(block), nil
}
