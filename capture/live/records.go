package live

import (
	"encoding/binary"
	"fmt"

	"flowlab/capture"
	"flowlab/flow"
)

// recordHeader is the least that a header of a record has: two words of time, the
// lengths of what was kept and of the packet, and its own (bpf(4), struct bpf_hdr).
const recordHeader = 18

// record takes the first packet out of what a read of a BPF device of macOS gave,
// and returns the rest. Times there are of microseconds.
func record(buffer []byte) (p capture.Packet, rest []byte, err error) {
	if len(buffer) < recordHeader {
		return p, nil, fmt.Errorf("a record of %d bytes, its header has %d", len(buffer), recordHeader)
	}
	word := func(at int) int64 { return int64(binary.NativeEndian.Uint32(buffer[at:])) }
	kept, length, header := word(8), word(12), int64(binary.NativeEndian.Uint16(buffer[16:]))
	if header < recordHeader || header+kept > int64(len(buffer)) {
		return p, nil, fmt.Errorf("a record claims %d bytes and %d of header, %d are there", kept, header, len(buffer))
	}
	p.Time = flow.Time(word(0)*1e9 + word(4)*1e3)
	p.Data, p.Length = buffer[header:header+kept:header+kept], int(max(length, kept))
	const align = 4
	next := (header + kept + align - 1) &^ (align - 1)
	return p, buffer[min(next, int64(len(buffer))):], nil
}
