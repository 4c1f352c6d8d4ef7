package tlsrec

import "encoding/binary"

// Types of records (RFC 8446 5.1).
const (
	typeChangeCipherSpec = 20
	typeAlert            = 21
	typeHandshake        = 22
	typeApplicationData  = 23
)

const (
	headerLen = 5
	maxPlain  = 1 << 14         // RFC 8446 5.1
	maxBody13 = maxPlain + 256  // RFC 8446 5.2
	maxBody12 = maxPlain + 2048 // RFC 5246 6.2.3
	maxRecord = headerLen + maxBody12
)

// header is what a record begins with.
type header struct {
	typ     uint8
	version uint16
	length  int
}

func readHeader(b []byte) header {
	return header{b[0], binary.BigEndian.Uint16(b[1:]), int(binary.BigEndian.Uint16(b[3:]))}
}

// known tells whether it is a header of TLS at all. Senders of a ClientHello put
// any version of the protocol there; the length is checked where the version is
// known.
func (h header) known() bool {
	return h.typ >= typeChangeCipherSpec && h.typ <= typeApplicationData && h.version>>8 == 3 && h.version <= uint16(VersionTLS13)
}

// Looks tells whether the first bytes that a client sends could be a record of
// TLS with a ClientHello. It needs up to six of them: until then enough is false,
// unless fewer already say no.
func Looks(b []byte) (yes, enough bool) {
	for i, fits := range [...]func(c byte) bool{
		func(c byte) bool { return c == typeHandshake },
		func(c byte) bool { return c == 3 },
		func(c byte) bool { return c <= 4 },
		func(c byte) bool { return c <= maxPlain>>8 },
		func(c byte) bool { return b[3] < maxPlain>>8 && (b[3] > 0 || c > 0) || b[3] == maxPlain>>8 && c == 0 },
		func(c byte) bool { return c == messageClientHello },
	} {
		if i == len(b) {
			return false, false
		}
		if !fits(b[i]) {
			return false, true
		}
	}
	return true, true
}
