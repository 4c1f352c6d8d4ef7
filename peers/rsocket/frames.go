package rsocket

import (
	"encoding/binary"
	"fmt"
)

// Type is that of a frame ("RSocket Protocol" 1.0, Frame Types).
type Type uint8

// The types that bear on credit.
const (
	RequestStream  Type = 0x06
	RequestChannel Type = 0x07
	RequestN       Type = 0x08
	Payload        Type = 0x0a
)

// credits tells whether a frame has a field of credit after its header.
func (t Type) credits() bool { return t == RequestStream || t == RequestChannel || t == RequestN }

// Flags are those of a frame. Their meaning depends on the type.
type Flags uint16

// The flags of a PAYLOAD frame that bear on credit.
const (
	Follows Flags = 0x080 // more fragments of the message follow
	Next    Flags = 0x020 // it has a message, or a fragment of one
)

// Frame is what bears on credit of one.
type Frame struct {
	Type   Type
	Flags  Flags
	Stream uint32
	Length int    // bytes, without the three of the length field
	Credit uint32 // messages, 1 to 2^31-1; 0 where the type has none
}

const (
	lengthBytes = 3 // of the length field, which TCP needs (Framing Protocol)
	headerBytes = 6 // stream, type and flags
	creditBytes = 4
)

// Reader reads the frames of one direction of a connection from its bytes, as they come.
// It keeps the beginning of one frame at the most. The zero value is ready.
type Reader struct {
	head [lengthBytes + headerBytes + creditBytes]byte
	have int // bytes of head
	skip int // bytes of the frame that do not matter, and have not come
	err  error
}

// Read calls take for each frame of which all that matters has come. The error is that it
// is no frame of RSocket; then nothing more can be read.
func (r *Reader) Read(data []byte, take func(Frame)) error {
	for r.err == nil {
		if n := min(r.skip, len(data)); n > 0 {
			r.skip -= n
			data = data[n:]
		}
		if len(data) == 0 {
			return nil
		}
		want := r.want()
		n := copy(r.head[r.have:want], data)
		r.have += n
		data = data[n:]
		if r.have == lengthBytes {
			r.err = r.check()
		}
		if r.have > lengthBytes && r.have == r.want() {
			r.err = r.frame(take)
		}
	}
	return r.err
}

// length is that of the frame.
func (r *Reader) length() int {
	return int(r.head[0])<<16 | int(r.head[1])<<8 | int(r.head[2])
}

// want is how many bytes of head are to be had before anything can be said of it.
func (r *Reader) want() int {
	switch {
	case r.have < lengthBytes:
		return lengthBytes
	case r.have < lengthBytes+headerBytes:
		return lengthBytes + headerBytes
	case Type(r.head[lengthBytes+4] >> 2).credits():
		return len(r.head)
	}
	return lengthBytes + headerBytes
}

func (r *Reader) check() error {
	if n := r.length(); n < headerBytes {
		return fmt.Errorf("a frame of %d bytes: the least is %d", n, headerBytes)
	}
	return nil
}

// frame gives the frame whose beginning has come.
func (r *Reader) frame(take func(Frame)) error {
	header := r.head[lengthBytes:]
	word := binary.BigEndian.Uint16(header[4:])
	f := Frame{
		Stream: binary.BigEndian.Uint32(header) & (1<<31 - 1),
		Type:   Type(word >> 10), Flags: Flags(word & 0x3ff), Length: r.length(),
	}
	if f.Type.credits() {
		if f.Length < headerBytes+creditBytes {
			return fmt.Errorf("a frame of type %#02x with %d bytes: it has a credit, and %d at least", uint8(f.Type), f.Length, headerBytes+creditBytes)
		}
		f.Credit = binary.BigEndian.Uint32(header[headerBytes:]) & (1<<31 - 1)
		if f.Credit == 0 {
			return fmt.Errorf("stream %d: a credit of 0 messages", f.Stream)
		}
	}
	r.skip = lengthBytes + f.Length - r.have
	r.have = 0
	take(f)
	return nil
}
