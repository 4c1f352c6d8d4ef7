package capture

import (
	"errors"
	"fmt"
)

// ErrNotCapture is what a file is that no capture format begins like: a
// directory, an empty file, a text, an archive. The error that wraps it says
// which.
var ErrNotCapture = errors.New("not a capture file")

// ReadError tells where a capture cannot be read further. It wraps
// [io.ErrUnexpectedEOF] where the capture ends in the middle of a packet, as
// one does that is still being written.
type ReadError struct {
	Path    string // empty if it was not opened by name
	Offset  int64  // where the record begins, in the capture as it is decompressed
	Packets int64  // that were read before
	Err     error
}

func (e *ReadError) Error() string {
	text := fmt.Sprintf("at byte %d, after packet %d: %v", e.Offset, e.Packets, e.Err)
	if e.Packets == 0 {
		text = fmt.Sprintf("at byte %d, before the first packet: %v", e.Offset, e.Err)
	}
	if e.Path != "" {
		text = e.Path + ": " + text
	}
	return text
}

func (e *ReadError) Unwrap() error { return e.Err }
