package survey

import (
	"flowlab/diagnose"
	"flowlab/tlsrec"
)

// telling chooses the connections whose payload is read: from the first packet on that
// may begin TLS, or HTTP/2, or a frame of it.
type telling struct {
	keys *tlsrec.Keys        // nil if there are none
	read map[uint64]struct{} // by hash
}

// mostRead is how many connections are remembered. Beyond it all are forgotten, and
// read again from the next packet that tells.
const mostRead = 1 << 20

// handshake is how a record of a TLS handshake begins.
const handshake = 0x16

// wants tells whether a payload is to be read. It does not depend on what was made of
// the ones before, and so not on the number of workers.
func (t *telling) wants(hash uint64, payload []byte) bool {
	if len(t.read) > 0 {
		if _, known := t.read[hash]; known {
			return true
		}
	}
	if !diagnose.Telling(payload) {
		return false
	}
	if payload[0] == handshake && (t.keys == nil || t.keys.Len() == 0) {
		return true // of what follows nothing can be read
	}
	if t.read == nil || len(t.read) == mostRead {
		t.read = make(map[uint64]struct{})
	}
	t.read[hash] = struct{}{}
	return true
}
