package h2flow

import "encoding/binary"

// Step is what [Reader.Next] came to.
type Step uint8

const (
	// More: all bytes are used, and the frame is not whole yet.
	More Step = iota
	// Begun: the header of a frame was read, and its padding's length. From here on
	// its sender has withdrawn its length from the windows.
	Begun
	// Piece: some payload of DATA, or of a header block, without padding.
	Piece
	// Ended: the frame is whole, and its fields are set.
	Ended
)

// Reader reads the frames of one direction, from bytes as they come. The zero value
// is at the beginning of a frame. It keeps no payload and never allocates; any bytes
// are frames to it, those of unknown types included.
type Reader struct {
	Frame Frame  // the one that was begun last
	Piece []byte // after the step Piece: a part of the bytes given

	offset int64 // of the next byte
	head   [headerLength]byte
	have   int  // bytes of head; all of them once the frame was begun
	padded bool // the padding's length is to be read
	left   int  // payload that was not read
	field  [8]byte
	filled int // bytes of field
	skip   int // bytes before the payload that is of interest: priority
}

// Offset is how many bytes were read.
func (r *Reader) Offset() int64 { return r.offset }

// Whole tells whether the reader stands between two frames.
func (r *Reader) Whole() bool { return r.have == 0 }

// Next reads on in b. It returns how many bytes it used, and to what they led; call
// it again with the rest until that is More.
func (r *Reader) Next(b []byte) (used int, step Step) {
	for {
		switch {
		case r.have < headerLength:
			n := copy(r.head[r.have:], b[used:])
			r.have += n
			r.offset += int64(n)
			used += n
			if r.have < headerLength {
				return used, More
			}
			if r.begin(); !r.padded {
				return used, Begun
			}
		case r.padded:
			if used == len(b) {
				return used, More
			}
			r.pad(b[used])
			r.offset++
			return used + 1, Begun
		case r.left == 0:
			r.have = 0
			r.finish()
			return used, Ended
		case used == len(b):
			return used, More
		default:
			n, piece := r.payload(b[used:min(len(b), used+r.left)])
			r.left -= n
			r.offset += int64(n)
			used += n
			if piece {
				return used, Piece
			}
		}
	}
}

// begin reads the header.
func (r *Reader) begin() {
	h := &r.head
	r.Frame = Frame{
		Length: int(h[0])<<16 | int(h[1])<<8 | int(h[2]),
		Type:   Type(h[3]), Flags: Flags(h[4]),
		Stream: binary.BigEndian.Uint32(h[5:]) &^ (1 << 31),
		Offset: r.offset - headerLength,
	}
	f := &r.Frame
	r.left, r.filled, r.skip, r.field = f.Length, 0, 0, [8]byte{}
	if f.Type == Headers && f.Flags.Has(HasWeight) {
		r.skip = 5
	}
	r.padded = f.Flags.Has(Padded) && f.Length > 0 && (f.Type == Data || f.Type == Headers || f.Type == PushPromise)
}

// pad reads the padding's length. One that is longer than the frame is an error of
// its sender (RFC 9113 6.1); the frame then has nothing but padding.
func (r *Reader) pad(length byte) {
	r.padded = false
	r.left--
	r.Frame.Padding = min(1+int(length), r.Frame.Length)
}

// payload takes some of the payload, and tells whether it is a piece to be given.
func (r *Reader) payload(b []byte) (n int, piece bool) {
	switch r.Frame.Type {
	case Data, Headers, Continuation, PushPromise:
		if r.skip > 0 {
			n = min(r.skip, len(b))
			r.skip -= n
			return n, false
		}
		if r.Frame.Type == PushPromise && r.filled < 4 {
			return r.fill(b, 4), false
		}
		if of := r.left - max(0, r.Frame.Padding-1); of > 0 {
			r.Piece = b[:min(len(b), of)]
			return len(r.Piece), true
		}
	case Settings:
		n = r.fill(b, 6)
		if r.filled == 6 {
			r.filled = 0
			r.Frame.Settings.set(binary.BigEndian.Uint16(r.field[:]), binary.BigEndian.Uint32(r.field[2:]))
		}
		return n, false
	case RSTStream, WindowUpdate, Ping, GoAway:
		if r.filled < len(r.field) {
			return r.fill(b, len(r.field)), false
		}
	}
	return len(b), false
}

// fill gathers a field of that many bytes.
func (r *Reader) fill(b []byte, length int) int {
	n := copy(r.field[r.filled:length], b)
	r.filled += n
	return n
}

// finish sets what stands in the fields that were gathered.
func (r *Reader) finish() {
	f := &r.Frame
	const noReserved = 1<<31 - 1
	first, second := binary.BigEndian.Uint32(r.field[:]), binary.BigEndian.Uint32(r.field[4:])
	switch f.Type {
	case WindowUpdate:
		f.Increment = first & noReserved
	case RSTStream:
		f.Code = Code(first)
	case PushPromise:
		f.Last = first & noReserved
	case GoAway:
		f.Last, f.Code = first&noReserved, Code(second)
	case Ping:
		f.Opaque = uint64(first)<<32 | uint64(second)
	}
}

// passOver passes over n bytes that are not there, if they all lie in the payload of a
// DATA frame that has begun: then nothing is lost that matters.
func (r *Reader) passOver(n int64) bool {
	if r.have < headerLength || r.padded || r.Frame.Type != Data || n > int64(r.left) {
		return false
	}
	r.left -= int(n)
	r.offset += n
	return true
}
