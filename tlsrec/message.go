package tlsrec

// Types of handshake messages (RFC 8446 4, RFC 5246 7.4).
const (
	messageClientHello         = 1
	messageServerHello         = 2
	messageEndOfEarlyData      = 5
	messageEncryptedExtensions = 8
	messageServerHelloDone     = 14
	messageFinished            = 20
	messageKeyUpdate           = 24
)

// maxMessage bounds the messages that are kept as a whole: the hellos and the
// EncryptedExtensions. With keys against quantum computers a ClientHello takes 2
// to 20 KB.
const maxMessage = 1 << 16

// messages puts handshake messages together: one may be split over records, and
// a record may hold several. Bodies that nobody reads are passed over.
type messages struct {
	head [4]byte
	got  int // bytes of the head
	left int // bytes of the body that are still to come
	body []byte
}

// message is one handshake message; body is nil where nobody reads it.
type message struct {
	typ    uint8
	length int
	body   []byte
}

// next takes the next message out of b and returns what is left of b. ok is false
// when b ends before the message does; tooLong when its body would be kept but is
// longer than is believed.
func (m *messages) next(b []byte) (msg message, rest []byte, ok, tooLong bool) {
	if m.got < len(m.head) {
		n := copy(m.head[m.got:], b)
		m.got += n
		b = b[n:]
		if m.got < len(m.head) {
			return message{}, nil, false, false
		}
		m.left = int(m.head[1])<<16 | int(m.head[2])<<8 | int(m.head[3])
		if m.read() && m.left > maxMessage {
			return message{}, nil, false, true
		}
	}
	n := min(m.left, len(b))
	if m.read() {
		m.body = append(m.body, b[:n]...)
	}
	m.left -= n
	b = b[n:]
	if m.left > 0 {
		return message{}, nil, false, false
	}
	msg = message{
		typ:    m.head[0],
		length: int(m.head[1])<<16 | int(m.head[2])<<8 | int(m.head[3]),
		body:   m.body,
	}
	*m = messages{}
	return msg, b, true, false
}

// read tells whether somebody reads messages of the type that has begun.
func (m *messages) read() bool {
	switch m.head[0] {
	case messageClientHello, messageServerHello, messageEncryptedExtensions:
		return true
	}
	return false
}
