package capture

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

// FuzzReader reads what is damaged in any way: no panic, packets within their
// bounds, an end that is clean or has its place, and the same for bytes that
// come all at once and one by one.
func FuzzReader(f *testing.F) {
	for _, c := range formatCases() {
		if len(c.file) > 4096 {
			continue // slows the fuzzing down
		}
		f.Add(c.file)
		f.Add(compressed(f, "gzip", c.file))
		f.Add(compressed(f, "zstd", c.file))
	}
	for _, c := range refusals() {
		f.Add(c.file)
	}
	file, _, _ := twoTaps(f)
	f.Add(file)
	f.Fuzz(func(t *testing.T, file []byte) {
		// What is compressed can have any number of packets.
		const most = 1000
		whole, wholeErr := NewReader(bytes.NewReader(file))
		pieces, piecesErr := NewReader(iotest.OneByteReader(bytes.NewReader(file)))
		if (wholeErr == nil) != (piecesErr == nil) {
			t.Fatalf("all at once: %v, byte by byte: %v", wholeErr, piecesErr)
		}
		if wholeErr != nil {
			checkPlace(t, wholeErr, 0)
			return
		}
		defer whole.Close()
		defer pieces.Close()
		for n := range int64(most) {
			var p, q Packet
			p, wholeErr = whole.Next()
			q, piecesErr = pieces.Next()
			if (wholeErr == nil) != (piecesErr == nil) || wholeErr != nil && wholeErr.Error() != piecesErr.Error() {
				t.Fatalf("packet %d: all at once %v, byte by byte %v", n+1, wholeErr, piecesErr)
			}
			if wholeErr != nil {
				checkPlace(t, wholeErr, n)
				break
			}
			if sum(p) != sum(q) {
				t.Fatalf("packet %d: all at once %v, byte by byte %v", n+1, p, q)
			}
			if p.Interface < 0 || p.Interface >= len(whole.Interfaces()) || p.Length < len(p.Data) {
				t.Errorf("packet %d of interface %d of %d, %d of %d bytes", n+1, p.Interface, len(whole.Interfaces()), len(p.Data), p.Length)
			}
		}
		if whole.Dropped() < 0 {
			t.Errorf("%d dropped", whole.Dropped())
		}
		there := whole.in.base + int64(whole.in.end)
		if room := int64(len(whole.in.buf)); room > max(readAtOnce, 2*there) || room > maxRecord {
			t.Errorf("a buffer of %d bytes for %d", room, there)
		}
	})
}

// checkPlace holds the error that ends the reading after n packets to its form.
func checkPlace(t *testing.T, err error, n int64) {
	var at *ReadError
	switch {
	case err == io.EOF || errors.Is(err, ErrNotCapture):
	case !errors.As(err, &at):
		t.Errorf("no place: %v", err)
	case at.Packets != n || at.Offset < 0:
		t.Errorf("after %d packets: %v", n, err)
	}
}
