package h2flow

import "encoding/binary"

// prefixLength is what a gRPC message begins with: whether it is compressed, and its
// length (gRPC over HTTP2, "Length-Prefixed-Message").
const prefixLength = 5

// Messages are the messages of gRPC in one direction of a stream.
type Messages struct {
	Whole  int64 // messages that were sent whole
	Length int64 // bytes of the one that was begun, its prefix included; 0 between two
	Done   int64 // of these, bytes that were sent
	Lost   bool  // bytes are missing, so that nothing is known any more

	prefix [prefixLength]byte
}

// take enters payload of DATA.
func (m *Messages) take(b []byte) {
	for len(b) > 0 && !m.Lost {
		if m.Done < prefixLength {
			n := copy(m.prefix[m.Done:], b)
			m.Done += int64(n)
			m.Length = prefixLength
			b = b[n:]
			if m.Done < prefixLength {
				return
			}
			if m.prefix[0] > 1 {
				m.Lost = true // it is no gRPC
			}
			m.Length += int64(binary.BigEndian.Uint32(m.prefix[1:]))
		}
		n := min(int64(len(b)), m.Length-m.Done)
		m.Done += n
		b = b[n:]
		if m.Done == m.Length {
			m.Whole++
			m.Length, m.Done = 0, 0
		}
	}
}
