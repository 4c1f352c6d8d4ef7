package capture

import (
	"bufio"
	"bytes"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxWindow is how far back a zstd stream may refer, which is memory on the
// stream's word: as much as zstd(1) takes without being asked to.
const maxWindow = 128 << 20

// readCompressed is how much of a compressed stream is read at once.
const readCompressed = 32 << 10

// decompress returns what is in a compressed stream that begins with head, and
// what gives its memory back; or nil if it is not compressed in a known way.
func decompress(head []byte, src io.Reader) (*decompressed, error) {
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}): // RFC 1952 2.3.1
		in, err := gzip.NewReader(bufio.NewReaderSize(src, readCompressed)) // all members, one after the other
		if err != nil {
			return nil, fmt.Errorf("in the gzip stream: %w", unexpected(err))
		}
		return &decompressed{"gzip", in, func() {}}, nil
	case isZstd(head):
		// One goroutine, ours: so a block that came through a pipe is not held
		// back for the next, and nothing is left running.
		in, err := zstd.NewReader(bufio.NewReaderSize(src, readCompressed),
			zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, fmt.Errorf("in the zstd stream: %w", err)
		}
		return &decompressed{"zstd", in, in.Close}, nil
	}
	return nil, nil
}

// isZstd knows a frame and a skippable frame (RFC 8878 3.1), which parallel
// compressors write first.
func isZstd(head []byte) bool {
	if len(head) < 4 {
		return false
	}
	magic := littleEndian.u32(head)
	return magic == 0xFD2FB528 || magic&^0xF == 0x184D2A50
}

// unexpected is the error of a header that the file ends in.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// decompressed says in its errors that it is the compression that is damaged.
type decompressed struct {
	method string
	in     io.Reader
	close  func()
}

func (d *decompressed) Read(p []byte) (int, error) {
	n, err := d.in.Read(p)
	if err != nil && err != io.EOF {
		err = fmt.Errorf("in the %s stream: %w", d.method, err)
	}
	return n, err
}
