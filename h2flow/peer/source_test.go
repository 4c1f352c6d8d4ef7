package peer

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
)

// The bytes of sources do not depend on the frames that they are cut into.
func TestSourceInAnyPieces(t *testing.T) {
	given := []Source{{Bytes: 100}, {Bytes: 20_000}, Messages(3, 1000), Messages(2, 1), {Bytes: 7, Message: 10}, Messages(1, 40_000)}
	all := func(piece int) (out []byte) {
		var w writer
		for _, s := range given {
			w.add(s)
		}
		for w.unsent > 0 {
			out = append(out, w.next(int(min(int64(piece), w.unsent)))...)
		}
		return out
	}
	want := all(1)
	if n := 100 + 20_000 + 3*1005 + 2*6 + 7 + 40_005; len(want) != n {
		t.Fatalf("%d bytes, want %d", len(want), n)
	}
	for _, piece := range []int{2, 5, 7, 1000, 16_384, 65_535, 1 << 20} {
		if !bytes.Equal(all(piece), want) {
			t.Errorf("other bytes in pieces of %d", piece)
		}
	}
	if !bytes.Equal(want[20_100:20_108], []byte("\x00\x00\x00\x03\xe8abc")) {
		t.Errorf("a message begins with %q", want[20_100:20_108])
	}
}

func TestMessagesAreFoundInAnyPieces(t *testing.T) {
	var w writer
	for _, s := range []Source{Messages(2, 10), Messages(2, 1), Messages(1, 300)} {
		w.add(s)
	}
	body := bytes.Clone(w.next(int(w.unsent)))
	for _, piece := range []int{1, 3, 5, 14, 15, 16, 400} {
		t.Run(fmt.Sprint(piece), func(t *testing.T) {
			var m messages
			for data := range slices.Chunk(body, piece) {
				m.feed(data)
			}
			if want := []int64{15, 30, 36, 42, 347}; !slices.Equal(m.ends, want) {
				t.Fatalf("messages end at %d, want %d", m.ends, want)
			}
			for _, c := range [][2]int64{{14, 0}, {37, 36}, {41, 0}, {347, 347}, {347, 0}} {
				if end := m.through(c[0]); end != c[1] {
					t.Errorf("within %d bytes the last message ends at %d, want %d", c[0], end, c[1])
				}
			}
		})
	}
}

func TestEndlessSourceEndsNever(t *testing.T) {
	var w writer
	w.add(Source{Bytes: 10})
	w.add(Source{Bytes: Endless})
	w.add(Source{Bytes: 10})
	for range 100 {
		w.next(1 << 16)
	}
	if w.unsent < Endless/2 {
		t.Errorf("%d bytes are left", w.unsent)
	}
}
