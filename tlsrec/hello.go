package tlsrec

import "encoding/binary"

// Extensions (RFC 8446 4.2).
const (
	extServerName        = 0
	extALPN              = 16
	extPreSharedKey      = 41
	extEarlyData         = 42
	extSupportedVersions = 43
)

// clientHello is what is read of a ClientHello (RFC 8446 4.1.2).
type clientHello struct {
	random     [32]byte
	serverName string
	alpn       []string
	early      bool // it announces 0-RTT data
}

// serverHello is what is read of a ServerHello (RFC 8446 4.1.3), and of what
// completes it: in TLS 1.3 the protocol stands in the EncryptedExtensions.
type serverHello struct {
	random     [32]byte
	version    Version
	suite      Suite
	compressed bool
	retry      bool // it is a HelloRetryRequest
	psk        bool // TLS 1.3: a pre-shared key was accepted
	firstPSK   bool // and it is the one that 0-RTT data are protected with
	alpn       string
}

// retryRandom marks a ServerHello as a HelloRetryRequest (RFC 8446 4.1.3).
var retryRandom = [32]byte{
	0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
	0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
}

// fields reads the fields of a message one after another. After one that is not
// there, bad is set and all others are zero.
type fields struct {
	b   []byte
	bad bool
}

func (f *fields) take(n int) []byte {
	if n > len(f.b) {
		f.bad, f.b = true, nil
		return nil
	}
	v := f.b[:n]
	f.b = f.b[n:]
	return v
}

func (f *fields) uint8() int {
	if v := f.take(1); v != nil {
		return int(v[0])
	}
	return 0
}

func (f *fields) uint16() int {
	if v := f.take(2); v != nil {
		return int(binary.BigEndian.Uint16(v))
	}
	return 0
}

func (f *fields) random() (r [32]byte) {
	copy(r[:], f.take(len(r)))
	return r
}

// vector8 and vector16 read a vector with its length before it.
func (f *fields) vector8() fields  { return fields{b: f.take(f.uint8())} }
func (f *fields) vector16() fields { return fields{b: f.take(f.uint16())} }

func (f *fields) more() bool { return len(f.b) > 0 }

// extensions calls each for every extension of a block, which may be missing as
// a whole, and tells whether the block is well formed.
func (f *fields) extensions(each func(typ int, body *fields) bool) bool {
	if f.bad || !f.more() {
		return !f.bad
	}
	for all := f.vector16(); all.more(); {
		typ := all.uint16()
		body := all.vector16()
		if all.bad || !each(typ, &body) || body.bad {
			return false
		}
	}
	return !f.bad
}

func readClientHello(body []byte) (h clientHello, ok bool) {
	f := fields{b: body}
	f.uint16() // the version, which lies in TLS 1.3
	h.random = f.random()
	f.vector8()  // session id
	f.vector16() // suites
	f.vector8()  // compression methods
	ok = f.extensions(func(typ int, body *fields) bool {
		switch typ {
		case extServerName:
			for names := body.vector16(); names.more(); { // RFC 6066 3
				kind, name := names.uint8(), names.vector16()
				if kind == 0 && h.serverName == "" {
					h.serverName = string(name.b)
				}
			}
		case extALPN:
			h.alpn = readProtocols(body)
		case extEarlyData:
			h.early = true
		}
		return true
	})
	return h, ok
}

func readServerHello(body []byte) (h serverHello, ok bool) {
	f := fields{b: body}
	h.version = Version(f.uint16())
	h.random = f.random()
	h.retry = h.random == retryRandom
	f.vector8() // session id
	h.suite = Suite(f.uint16())
	h.compressed = f.uint8() != 0
	ok = f.extensions(func(typ int, body *fields) bool {
		switch typ {
		case extSupportedVersions:
			h.version = Version(body.uint16())
		case extPreSharedKey:
			h.psk = true
			h.firstPSK = body.uint16() == 0 && !body.bad
		case extALPN:
			h.alpn = first(readProtocols(body))
		}
		return true
	})
	return h, ok
}

// readEncryptedExtensions returns the protocol that was selected, and whether
// 0-RTT data were accepted (RFC 8446 4.3.1, 4.2.10).
func readEncryptedExtensions(body []byte) (alpn string, early, ok bool) {
	f := fields{b: body}
	ok = f.extensions(func(typ int, body *fields) bool {
		switch typ {
		case extALPN:
			alpn = first(readProtocols(body))
		case extEarlyData:
			early = true
		}
		return true
	})
	return alpn, early, ok
}

// maxProtocols bounds the names that are kept of one extension.
const maxProtocols = 100

// readProtocols reads the names in an ALPN extension (RFC 7301 3.1).
func readProtocols(body *fields) (names []string) {
	for list := body.vector16(); list.more() && len(names) < maxProtocols; {
		if name := list.vector8(); len(name.b) > 0 {
			names = append(names, string(name.b))
		}
	}
	return names
}

func first(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return names[0]
}
