package capture

import (
	"fmt"
	"io"
)

const (
	// smallBuffer is how much of a capture is read at first, and readAtOnce once
	// that much came.
	smallBuffer = 4 << 10
	readAtOnce  = 256 << 10
	// maxRecord is the most bytes that one record of a capture may have, with
	// its header and options. A claim above it is a damaged file.
	maxRecord = 16 << 20
)

// input is a window that slides over the bytes of a capture. Records are parsed
// in place in it, so a packet costs no copy and no allocation. It grows to the
// largest record, but only while bytes for it really come.
type input struct {
	src      io.Reader
	buf      []byte
	pos, end int   // buf[pos:end] is read and not yet used
	base     int64 // where buf[0] is in the capture
	record   int64 // where the record begins that is being read
	full     bool  // the last read filled buf
	err      error // why src gives no more; io.EOF at its end
	// memory returns memory of at least that size to read on in: buf itself, where it is
	// large enough and nobody keeps what lies in it.
	memory func(buf []byte, size int) []byte
}

func newInput(src io.Reader) *input {
	return &input{src: src, buf: make([]byte, smallBuffer), memory: larger}
}

// begin marks where a record begins, for the errors in it.
func (in *input) begin() { in.record = in.base + int64(in.pos) }

// peek returns the next n bytes and leaves them unused. They are valid until
// the next peek of bytes that are not there yet. It is io.EOF where no byte is
// left, and wraps io.ErrUnexpectedEOF where fewer are left than n.
func (in *input) peek(n int) ([]byte, error) {
	if in.end-in.pos < n {
		return in.fill(n)
	}
	return in.buf[in.pos : in.pos+n], nil
}

// fill is peek where bytes are missing. It asks src for no more once n are
// there, so that a packet that came through a pipe is not held back.
func (in *input) fill(n int) ([]byte, error) {
	if len(in.buf)-in.end < len(in.buf)/2 || len(in.buf)-in.pos < n {
		in.move(min(len(in.buf), max(n, readAtOnce)))
	}
	idle := 0
	for in.end-in.pos < n {
		if in.err != nil {
			return nil, in.short(n)
		}
		switch {
		case len(in.buf) < readAtOnce && in.full:
			in.move(readAtOnce)
		case in.end == len(in.buf):
			in.move(min(2*len(in.buf), maxRecord))
		}
		got, err := in.src.Read(in.buf[in.end:])
		in.end += got
		in.full = in.end == len(in.buf)
		in.err = err
		if got > 0 {
			idle = 0
		} else if idle++; idle == 100 && err == nil {
			in.err = io.ErrNoProgress
		}
	}
	return in.buf[in.pos : in.pos+n], nil
}

// move moves what is not used to the beginning of a buffer of at least that size. It
// only becomes larger once the one before was full of what was really read.
func (in *input) move(size int) {
	into := in.memory(in.buf, size)
	in.end = copy(into, in.buf[in.pos:in.end])
	in.base += int64(in.pos)
	in.buf, in.pos = into, 0
}

// larger is the memory of an input whose packets nobody keeps.
func larger(buf []byte, size int) []byte {
	if len(buf) >= size {
		return buf
	}
	return make([]byte, size)
}

// short is the error of n bytes that are not there.
func (in *input) short(n int) error {
	switch {
	case in.err != io.EOF:
		return in.err
	case in.pos == in.end:
		return io.EOF
	}
	return cut(int64(n), int64(in.end-in.pos))
}

// skip passes over n bytes, of which fewer may be left.
func (in *input) skip(n int64) error {
	for {
		have := int64(in.end - in.pos)
		if have >= n {
			in.pos += int(n)
			return nil
		}
		n -= have
		in.pos = in.end
		if _, err := in.fill(1); err != nil {
			return err
		}
	}
}

// cut is the error of a record that the capture ends in.
func cut(want, have int64) error {
	return fmt.Errorf("%d bytes were expected, the capture ends after %d: %w", want, have, io.ErrUnexpectedEOF)
}
