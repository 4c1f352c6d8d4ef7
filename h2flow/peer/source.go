package peer

import (
	"encoding/binary"
	"math"
)

// Endless is the number of bytes of a source without end.
const Endless = math.MaxInt64

// Source is what a stream's application writes.
type Source struct {
	// Bytes is how many there are, the prefixes of messages included; or Endless.
	Bytes int64
	// Message, if not 0, makes them gRPC messages of so many bytes each, behind the
	// five octets that tell that they are not compressed and how long they are.
	Message uint32
	// End ends the stream with the last byte (END_STREAM).
	End bool

	content []byte // the bytes themselves, where they are not made up
}

// Messages is a source of so many gRPC messages, of at least a byte each. It does not
// end the stream.
func Messages(count int64, size uint32) Source {
	return Source{Bytes: count * (grpcPrefix + int64(size)), Message: size}
}

const grpcPrefix = 5

// writer makes the bytes of the sources that a stream was given, one after another.
type writer struct {
	sources []Source
	unsent  int64 // of all sources
	done    int64 // of the first one
	scratch []byte
}

func (w *writer) add(s Source) {
	if s.Bytes <= 0 {
		return
	}
	w.sources = append(w.sources, s)
	w.unsent += min(s.Bytes, Endless-w.unsent)
}

// next returns the next n bytes, of at most unsent ones. They hold until the next call.
func (w *writer) next(n int) []byte {
	s := &w.sources[0]
	if s.content == nil && s.Message == 0 && int64(n) <= s.Bytes-w.done && n <= len(letters)-26 {
		at := int(w.done % 26)
		w.advance(int64(n))
		return letters[at : at+n]
	}
	out := w.scratch[:0]
	for len(out) < n {
		before := len(out)
		out = w.sources[0].piece(out, w.done, n)
		w.advance(int64(len(out) - before))
	}
	w.scratch = out
	return out
}

// advance notes n bytes of the first source as sent.
func (w *writer) advance(n int64) {
	s := &w.sources[0]
	if s.Bytes == Endless {
		w.done += n
		return
	}
	w.done += n
	w.unsent -= n
	if w.done == s.Bytes {
		w.sources, w.done = w.sources[1:], 0
	}
}

// piece appends bytes of the source from its byte at on, until out has n bytes, the
// source ends, or what comes next is of another kind.
func (s *Source) piece(out []byte, at int64, n int) []byte {
	room := min(int64(n-len(out)), s.Bytes-at)
	if s.content != nil {
		return append(out, s.content[at:at+room]...)
	}
	if s.Message == 0 {
		from := int(at % 26)
		return append(out, letters[from:from+int(min(room, int64(len(letters)-26)))]...)
	}
	at %= grpcPrefix + int64(s.Message)
	if at < grpcPrefix {
		var prefix [grpcPrefix]byte
		binary.BigEndian.PutUint32(prefix[1:], s.Message)
		return append(out, prefix[at:min(grpcPrefix, at+room)]...)
	}
	room = min(room, grpcPrefix+int64(s.Message)-at, int64(len(letters)-26))
	from := int((at - grpcPrefix) % 26)
	return append(out, letters[from:from+int(room)]...)
}

// letters are bytes that do not all look alike in a capture.
var letters = func() []byte {
	b := make([]byte, 1<<14+26)
	for i := range b {
		b[i] = byte('a' + i%26)
	}
	return b
}()
