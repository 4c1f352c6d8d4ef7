package capture

import (
	"bytes"
	"fmt"
)

// foreignFormats are what people take for captures, by how it begins.
var foreignFormats = []struct{ begins, name string }{
	{"\x1f\x8b", "gzip in a compressed file"},
	{"\x28\xb5\x2f\xfd", "zstd in a compressed file"},
	{"\xfd7zXZ\x00", "compressed by xz"},
	{"BZh", "compressed by bzip2"},
	{"\x04\x22\x4d\x18", "compressed by lz4"},
	{"PK\x03\x04", "a zip archive"},
	{"RTSS", "a capture of Microsoft Network Monitor"},
	{"GMBU", "a capture of Microsoft Network Monitor"},
	{"TRSNIFF data", "a capture of Sniffer"},
	{"\x7fELF", "a program"},
}

// foreign is the error of a file that begins with head, like no capture.
func foreign(head []byte) error {
	for _, f := range foreignFormats {
		if bytes.HasPrefix(head, []byte(f.begins)) {
			return fmt.Errorf("%s, %w that can be read", f.name, ErrNotCapture)
		}
	}
	return fmt.Errorf("%w: it begins with %q", ErrNotCapture, head[:min(len(head), 8)])
}
