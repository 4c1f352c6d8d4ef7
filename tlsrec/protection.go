package tlsrec

import (
	"crypto/cipher"
	"encoding/binary"

	"flowlab/flow"
)

const (
	nonceLen = 12
	tagLen   = 16
	// explicitLen is the part of the nonce that a record of AES-GCM carries in
	// TLS 1.2 (RFC 5288 3).
	explicitLen = 8
)

// protection is what opens the records of one direction from one change of keys
// to the next.
type protection struct {
	aead     cipher.AEAD
	iv       [nonceLen]byte
	seq      uint64 // of the record that comes next
	secret   string // TLS 1.3: what the keys were derived from
	explicit bool   // TLS 1.2 with AES-GCM: the record carries a part of the nonce
	tls13    bool
	opened   uint64 // records that did open

	// The nonce that the last record carried. Most senders count it up by one a
	// record, which tells after a gap how many are missing.
	carried    uint64
	carriedSeq uint64
}

// protect13 derives keys and nonce from a traffic secret (RFC 8446 7.3).
func protect13(s *suite, secret string) (*protection, error) {
	key, err := expandLabel(s.hash(), secret, "key", s.aead.keyLen())
	if err != nil {
		return nil, err
	}
	iv, err := expandLabel(s.hash(), secret, "iv", nonceLen)
	if err != nil {
		return nil, err
	}
	p := &protection{secret: secret, tls13: true}
	copy(p.iv[:], iv)
	p.aead, err = newAEAD(s.aead, key)
	return p, err
}

// update returns what protects the records after a KeyUpdate.
func (p *protection) update(s *suite) (*protection, error) {
	secret, err := nextSecret(s, p.secret)
	if err != nil {
		return nil, err
	}
	return protect13(s, secret)
}

// protect12 derives what protects the records of a side from the master secret
// (RFC 5246 6.3): an AEAD takes no MAC keys out of the key block.
func protect12(s *suite, master string, client, server *[32]byte, from flow.Side) (*protection, error) {
	seed := append(append(make([]byte, 0, 64), server[:]...), client[:]...)
	keyLen, ivLen := s.aead.keyLen(), nonceLen
	explicit := s.aead != chaCha20Poly1305
	if explicit {
		ivLen = nonceLen - explicitLen
	}
	block := prf(s.hash(), master, "key expansion", seed, 2*keyLen+2*ivLen)
	keys, ivs := block[:2*keyLen], block[2*keyLen:]
	if from == flow.Server {
		keys, ivs = keys[keyLen:], ivs[ivLen:]
	}
	p := &protection{explicit: explicit}
	copy(p.iv[:], ivs[:ivLen])
	var err error
	p.aead, err = newAEAD(s.aead, keys[:keyLen])
	return p, err
}

// overhead is how much longer a record's body is than its plaintext, at least.
func (p *protection) overhead() int {
	switch {
	case p.tls13:
		return tagLen + 1 // the type of what is inside
	case p.explicit:
		return tagLen + explicitLen
	}
	return tagLen
}

// opener holds the buffers that opening a record takes, so that it allocates
// nothing.
type opener struct {
	nonce [nonceLen]byte
	aad   [13]byte
	plain []byte
}

// open opens a record as one of that sequence number. What it returns is valid
// until the next call. TLS 1.3 hides the type of the content behind it, and zeros
// behind the type (RFC 8446 5.2, 5.4); a type of 0 says that there was none.
func (o *opener) open(p *protection, seq uint64, record []byte) (content []byte, typ uint8, ok bool) {
	head, body := record[:headerLen], record[headerLen:]
	if len(body) < p.overhead() {
		return nil, 0, false
	}
	o.nonce = p.iv
	if p.explicit {
		copy(o.nonce[nonceLen-explicitLen:], body[:explicitLen])
		body = body[explicitLen:]
	} else {
		low := o.nonce[nonceLen-8:]
		binary.BigEndian.PutUint64(low, binary.BigEndian.Uint64(low)^seq)
	}
	aad := head
	if !p.tls13 {
		binary.BigEndian.PutUint64(o.aad[:], seq)
		copy(o.aad[8:], head)
		binary.BigEndian.PutUint16(o.aad[11:], uint16(len(body)-tagLen))
		aad = o.aad[:]
	}
	if need := len(body) - tagLen; cap(o.plain) < need {
		o.plain = make([]byte, 0, max(need, 1024))
	}
	content, err := p.aead.Open(o.plain[:0], o.nonce[:], body, aad)
	if err != nil {
		return nil, 0, false
	}
	if !p.tls13 {
		return content, head[0], true
	}
	end := len(content)
	for end > 0 && content[end-1] == 0 {
		end--
	}
	if end == 0 {
		return nil, 0, true
	}
	return content[:end-1], content[end-1], true
}

// succeeded counts a record that opened with a sequence number.
func (p *protection) succeeded(seq uint64, record []byte) {
	p.seq = seq + 1
	p.opened++
	if p.explicit {
		p.carried, p.carriedSeq = carriedNonce(record), seq
	}
}

func carriedNonce(record []byte) uint64 {
	return binary.BigEndian.Uint64(record[headerLen:])
}
