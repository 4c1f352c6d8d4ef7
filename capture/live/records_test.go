package live

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"flowlab/flow"
)

// recordOf writes a record as the kernel of macOS does: its header has 18 bytes,
// which it fills up to 20 to align what follows.
func recordOf(at time.Time, data []byte, length int) []byte {
	var r []byte
	for _, word := range []uint32{uint32(at.Unix()), uint32(at.Nanosecond() / 1000), uint32(len(data)), uint32(length)} {
		r = binary.NativeEndian.AppendUint32(r, word)
	}
	r = binary.NativeEndian.AppendUint16(r, 20)
	r = append(r, 0, 0)
	r = append(r, data...)
	for len(r)%4 != 0 {
		r = append(r, 0)
	}
	return r
}

func TestRecords(t *testing.T) {
	at := time.Date(2026, 11, 24, 12, 0, 0, 123456000, time.UTC)
	want := [][]byte{[]byte("abcde"), []byte("abcdefgh"), nil}
	var buffer []byte
	for _, data := range want {
		buffer = append(buffer, recordOf(at, data, 1000)...)
	}
	for _, data := range want {
		p, rest, err := record(buffer)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(p.Data, data) || p.Length != 1000 || p.Time != flow.FromTime(at) {
			t.Errorf("%q of %d bytes at %d, want %q of 1000 at %d", p.Data, p.Length, p.Time, data, flow.FromTime(at))
		}
		buffer = rest
	}
	if len(buffer) != 0 {
		t.Errorf("%d bytes are left", len(buffer))
	}
	for _, c := range []struct {
		name  string
		spoil func([]byte) []byte
		want  string
	}{
		{"cut in the header", func(r []byte) []byte { return r[:10] }, "a record of 10 bytes, its header has 18"},
		{"cut in the packet", func(r []byte) []byte { return r[:22] }, "a record claims 5 bytes and 20 of header, 22 are there"},
		{"a header that is too short", func(r []byte) []byte { r[16], r[17] = 4, 4; return r }, "bytes and 1028 of header"},
	} {
		if _, _, err := record(c.spoil(recordOf(at, []byte("abcde"), 5))); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func FuzzRecords(f *testing.F) {
	f.Add(recordOf(time.Unix(1, 0), []byte("abcde"), 1000))
	f.Add(bytes.Repeat([]byte{0xff}, 40))
	f.Fuzz(func(t *testing.T, buffer []byte) {
		for len(buffer) > 0 {
			p, rest, err := record(buffer)
			if err != nil {
				return
			}
			if len(rest) >= len(buffer) || p.Length < len(p.Data) {
				t.Fatalf("%d bytes are left of %d; %d of %d bytes", len(rest), len(buffer), len(p.Data), p.Length)
			}
			buffer = rest
		}
	})
}
