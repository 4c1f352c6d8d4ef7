package h2flow

import (
	"math/rand/v2"
	"testing"
)

// FuzzFinder looks for frames in anything, in two ways of cutting it, and finds the same
// place: one that may be a header, and from which as many headers as a chain has fit.
func FuzzFinder(f *testing.F) {
	frames := randomFrames(f, rand.New(rand.NewPCG(8, 8)), 4)
	f.Add(frames[5:], 3)
	f.Add(frames[len(frames)/2:], 1)
	f.Add(make([]byte, 200), 9)
	f.Fuzz(func(t *testing.T, b []byte, at int) {
		whole, pieces := new(Finder), new(Finder)
		end, found := whole.Find(b)
		used := 0
		for rest := b; len(rest) > 0; {
			n, again := pieces.Find(rest[:min(len(rest), 1+at&15)])
			used += n
			if rest = rest[n:]; again {
				break
			}
		}
		if used != end || pieces.Head != whole.Head || pieces.Offset() != whole.Offset() {
			t.Fatalf("found after %d bytes, %x; at once after %d, %x", used, pieces.Head, end, whole.Head)
		}
		if !found {
			return
		}
		if !Plausible(b[end-headerLength : end]) {
			t.Fatalf("found %x, which is no header", whole.Head)
		}
		if !chained(b[:end]) {
			t.Fatalf("no %d headers in a row end at byte %d", chain, end)
		}
	})
}

// chained tells, by trying every place, whether a chain of headers ends at b's end.
func chained(b []byte) bool {
	for from := range b {
		at := from
		for n := 1; len(b)-at >= headerLength; n++ {
			length, ok := plausible((*[headerLength]byte)(b[at:]))
			if !ok {
				break
			}
			if at+headerLength == len(b) && n >= chain {
				return true
			}
			at += headerLength + length
		}
	}
	return false
}
