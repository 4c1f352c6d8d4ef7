package h2flow

import "encoding/binary"

const (
	// chain is how many headers in a row must fit for a place to be a frame's
	// beginning. That random bytes look like one happens once in 10^8 places.
	chain = 4
	// longestFrame is how long frames are that are looked for.
	longestFrame = 1 << 17
	// lastStream is up to which number streams are looked for: connections end long
	// before that.
	lastStream = 1 << 20
	// mostLikely is how many places are followed at once.
	mostLikely = 64
)

// Finder looks for where a frame begins, in bytes that may begin anywhere in one.
// It follows the frames from each place that looks like a header, and takes the
// first place whose frames fit one another. The zero value is ready.
type Finder struct {
	// Head is the header that was found.
	Head [headerLength]byte

	offset int64              // of the next byte
	tail   [headerLength]byte // the latest bytes
	likely [mostLikely]place
	count  int
}

// place is where the next header stands if an earlier place was one.
type place struct {
	next int64
	fits int // headers so far
}

// Offset is how many bytes were looked at.
func (f *Finder) Offset() int64 { return f.offset }

// Find looks on in b. If it is true, Head is a frame's header, and what is left of b
// follows it; else all of b was used.
func (f *Finder) Find(b []byte) (used int, found bool) {
	for i, c := range b {
		copy(f.tail[:], f.tail[1:])
		f.tail[headerLength-1] = c
		f.offset++
		if f.offset >= headerLength && f.look() {
			f.Head = f.tail
			return i + 1, true
		}
	}
	return len(b), false
}

// look looks at the latest bytes as a header.
func (f *Finder) look() bool {
	at := f.offset - headerLength
	length, fits := plausible(&f.tail)
	next := at + headerLength + int64(length)
	followed := false
	kept := 0
	for _, p := range f.likely[:f.count] {
		switch {
		case p.next != at:
		case !fits:
			continue
		case p.fits+1 == chain:
			return true
		default:
			p, followed = place{next, p.fits + 1}, true
		}
		f.likely[kept] = p
		kept++
	}
	f.count = kept
	if fits && !followed && f.count < mostLikely {
		f.likely[f.count] = place{next, 1}
		f.count++
	}
	return false
}

// plausible tells whether nine bytes may be a header (RFC 9113 4.1, 6).
func plausible(h *[headerLength]byte) (length int, ok bool) {
	length = int(h[0])<<16 | int(h[1])<<8 | int(h[2])
	kind, flags, stream := Type(h[3]), Flags(h[4]), binary.BigEndian.Uint32(h[5:])
	if length > longestFrame || kind > Continuation || stream >= lastStream || stream != 0 && stream%2 == 0 {
		return 0, false // streams of servers, which are even, have gone out of use
	}
	f := Frame{Type: kind, Flags: flags, Stream: stream, Length: length}
	if _, right := misshapen(&f); !right || flags&^known[kind] != 0 {
		return 0, false
	}
	if kind == Data && length == 0 && flags == 0 {
		return 0, false // says nothing, and is what zeros look like
	}
	return length, true
}

// known are the flags that each type has.
var known = [...]Flags{
	Data: EndStream | Padded, Headers: EndStream | EndHeaders | Padded | HasWeight,
	Settings: Ack, PushPromise: EndHeaders | Padded, Ping: Ack, Continuation: EndHeaders,
}

// Plausible tells whether bytes may begin with a frame's header, which one place in
// 10^8 of random bytes does.
func Plausible(b []byte) bool {
	if len(b) < headerLength {
		return false
	}
	_, ok := plausible((*[headerLength]byte)(b))
	return ok
}
