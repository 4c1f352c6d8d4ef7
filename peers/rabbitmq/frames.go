// AMQP 1.0's frames, as far as link credit is concerned.

package rabbitmq

import (
	"encoding/binary"
	"errors"
	"fmt"
)

const (
	flowCode     = 0x13 // AMQP 1.0, 2.7.4
	transferCode = 0x14 // 2.7.5

	headerSize  = 8       // of the protocol (2.2), and of a frame (2.3.1)
	largestSize = 1 << 20 // of a frame: many times what is agreed on here
)

// performative is what a frame says, with those of its fields that matter here.
type performative struct {
	code          uint64
	more          bool   // transfer: the message goes on in the next frame
	hasCredit     bool   // flow: it is about a link
	deliveryCount uint32 // flow
	credit        uint32 // flow
}

var errFrame = errors.New("no frame of AMQP 1.0")

// frames takes apart what one side of a connection sends. Use each for one side only.
type frames struct {
	rest []byte // of a frame that is not whole yet
	say  func(performative)
	err  error // there are no frames any more
}

// feed takes the next bytes, and tells of each frame that they complete.
func (f *frames) feed(p []byte) {
	if f.err != nil {
		return
	}
	f.rest = append(f.rest, p...)
	for f.err == nil && len(f.rest) >= headerSize {
		size := headerSize
		if string(f.rest[:4]) != "AMQP" {
			size = int(binary.BigEndian.Uint32(f.rest))
			if size < headerSize || size > largestSize {
				f.err = fmt.Errorf("%w: %d bytes long", errFrame, size)
				return
			}
			if len(f.rest) < size {
				return
			}
			f.frame(f.rest[:size])
		}
		f.rest = f.rest[size:]
	}
}

// frame tells of a frame that is a flow or a transfer.
func (f *frames) frame(b []byte) {
	const typeAMQP = 0
	begin := int(b[4]) * 4 // the data offset, in words (2.3.1)
	if begin < headerSize || begin > len(b) {
		f.err = fmt.Errorf("%w: its body begins at byte %d of %d", errFrame, begin, len(b))
		return
	}
	if b[5] != typeAMQP || begin == len(b) { // SASL, or empty: a heartbeat (2.4.5)
		return
	}
	p, err := parse(b[begin:])
	if err != nil {
		f.err = err
		return
	}
	if p.code == flowCode || p.code == transferCode {
		f.say(p)
	}
}

// parse reads the performative at the beginning of a frame's body.
func parse(b []byte) (p performative, err error) {
	if len(b) < 3 || b[0] != 0 { // a described type (1.2)
		return p, fmt.Errorf("%w: it has no performative", errFrame)
	}
	r := &values{b: b[1:]}
	p.code = r.number()
	n := r.list()
	for i := range n {
		switch {
		case p.code == transferCode && i == 5:
			p.more = r.truth()
		case p.code == flowCode && i == 5:
			p.deliveryCount = uint32(r.number())
		case p.code == flowCode && i == 6:
			p.hasCredit = len(r.b) > 0 && r.b[0] != null
			p.credit = uint32(r.number())
		case p.code != flowCode && p.code != transferCode || i > 6:
			return p, r.err
		default:
			r.skip()
		}
	}
	return p, r.err
}

// null is the constructor of no value (1.6.1).
const null = 0x40

// values reads values one after the other.
type values struct {
	b   []byte
	err error
}

// next returns the constructor of the next value, and what follows it, up to its end. The
// upper half of the constructor says how long a value is (1.2.3).
func (r *values) next() (constructor byte, value []byte) {
	if r.err != nil {
		return null, nil
	}
	if len(r.b) == 0 {
		r.err = fmt.Errorf("%w: a value is missing", errFrame)
		return null, nil
	}
	constructor = r.b[0]
	length, prefix := 0, 0 // a length that stands before the value takes prefix bytes
	switch constructor >> 4 {
	case 0x4:
	case 0x5, 0x6, 0x7, 0x8, 0x9:
		length = 1 << (constructor>>4 - 5)
	case 0xa, 0xc, 0xe:
		prefix = 1
	case 0xb, 0xd, 0xf:
		prefix = 4
	default:
		r.err = fmt.Errorf("%w: the constructor 0x%02x", errFrame, constructor)
		return null, nil
	}
	rest := r.b[1:]
	if len(rest) >= prefix {
		switch prefix {
		case 1:
			length = int(rest[0])
		case 4:
			length = int(binary.BigEndian.Uint32(rest))
		}
	}
	if len(rest)-prefix < length {
		r.err = fmt.Errorf("%w: a value of %d bytes is cut", errFrame, length)
		return null, nil
	}
	r.b = rest[prefix+length:]
	return constructor, rest[prefix : prefix+length]
}

func (r *values) skip() { r.next() }

// number reads an unsigned number of any width; null is 0.
func (r *values) number() (n uint64) {
	_, value := r.next()
	for _, b := range value {
		n = n<<8 | uint64(b)
	}
	return n
}

// truth reads a boolean; null is false.
func (r *values) truth() bool {
	constructor, value := r.next()
	return constructor == 0x41 || len(value) == 1 && value[0] == 1
}

// list enters a list, and returns how many values are in it (1.6.22).
func (r *values) list() int {
	constructor, value := r.next()
	width := 0
	switch constructor {
	case 0x45: // list0
	case 0xc0:
		width = 1
	case 0xd0:
		width = 4
	default:
		if r.err == nil {
			r.err = fmt.Errorf("%w: 0x%02x where a list should be", errFrame, constructor)
		}
		return 0
	}
	if len(value) < width {
		r.err = fmt.Errorf("%w: a list of %d bytes", errFrame, len(value))
		return 0
	}
	n := 0
	for _, b := range value[:width] {
		n = n<<8 | int(b)
	}
	r.b = value[width:]
	return min(n, len(r.b)) // each takes a byte or more
}
