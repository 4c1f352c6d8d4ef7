package tlsrec

import (
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"hash"
)

// Version is a protocol version as the wire has it (RFC 8446 4.2.1); 0 is not
// known yet.
type Version uint16

const (
	VersionTLS12 Version = 0x0303
	VersionTLS13 Version = 0x0304
)

func (v Version) String() string {
	switch {
	case v == 0:
		return "unknown"
	case v == 0x0300:
		return "SSL 3.0"
	case v > 0x0300 && v <= VersionTLS13:
		return fmt.Sprintf("TLS 1.%d", v-0x0301)
	}
	return fmt.Sprintf("version %#04x", uint16(v))
}

// Suite is a cipher suite by its number in the registry of IANA; 0 is not known
// yet.
type Suite uint16

func (s Suite) String() string {
	if s == 0 {
		return "unknown"
	}
	if k, ok := suites[s]; ok {
		return k.name
	}
	if name, ok := otherSuites[s]; ok {
		return name
	}
	return fmt.Sprintf("%#04x", uint16(s))
}

// algorithm is an AEAD of those that are decrypted here.
type algorithm uint8

const (
	aes128GCM algorithm = iota
	aes256GCM
	chaCha20Poly1305
)

func (a algorithm) keyLen() int {
	if a == aes128GCM {
		return 16
	}
	return 32
}

// suite is what is needed of a cipher suite to read what it protects.
type suite struct {
	name   string
	tls13  bool
	aead   algorithm
	sha384 bool // the hash of the key derivation, else SHA-256
}

func (s *suite) hash() func() hash.Hash {
	if s.sha384 {
		return sha512.New384
	}
	return sha256.New
}

// hashLen is how long a secret of TLS 1.3 is.
func (s *suite) hashLen() int {
	if s.sha384 {
		return sha512.Size384
	}
	return sha256.Size
}

// suites are those that can be decrypted. How the keys were agreed upon makes no
// difference to that (RFC 8446 B.4; RFC 5288, 5289, 5487, 7905, 8442).
var suites = map[Suite]suite{
	0x1301: {"TLS_AES_128_GCM_SHA256", true, aes128GCM, false},
	0x1302: {"TLS_AES_256_GCM_SHA384", true, aes256GCM, true},
	0x1303: {"TLS_CHACHA20_POLY1305_SHA256", true, chaCha20Poly1305, false},

	0x009c: {"TLS_RSA_WITH_AES_128_GCM_SHA256", false, aes128GCM, false},
	0x009d: {"TLS_RSA_WITH_AES_256_GCM_SHA384", false, aes256GCM, true},
	0x009e: {"TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", false, aes128GCM, false},
	0x009f: {"TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", false, aes256GCM, true},
	0x00a0: {"TLS_DH_RSA_WITH_AES_128_GCM_SHA256", false, aes128GCM, false},
	0x00a1: {"TLS_DH_RSA_WITH_AES_256_GCM_SHA384", false, aes256GCM, true},
	0x00a2: {"TLS_DHE_DSS_WITH_AES_128_GCM_SHA256", false, aes128GCM, false},
	0x00a3: {"TLS_DHE_DSS_WITH_AES_256_GCM_SHA384", false, aes256GCM, true},
	0x00a4: {"TLS_DH_DSS_WITH_AES_128_GCM_SHA256", false, aes128GCM, false},
	0x00a5: {"TLS_DH_DSS_WITH_AES_256_GCM_SHA384", false, aes256GCM, true},
	0x00a6: {"TLS_DH_anon_WITH_AES_128_GCM_SHA256", false, aes128GCM, false},
	0x00a7: {"TLS_DH_anon_WITH_AES_256_GCM_SHA384", false, aes256GCM, true},
	0x00a8: {"TLS_PSK_WITH_AES_128_GCM_SHA256", false, aes128GCM, false},
	0x00a9: {"TLS_PSK_WITH_AES_256_GCM_SHA384", false, aes256GCM, true},
	0x00aa: {"TLS_DHE_PSK_WITH_AES_128_GCM_SHA256", false, aes128GCM, false},
	0x00ab: {"TLS_DHE_PSK_WITH_AES_256_GCM_SHA384", false, aes256GCM, true},
	0x00ac: {"TLS_RSA_PSK_WITH_AES_128_GCM_SHA256", false, aes128GCM, false},
	0x00ad: {"TLS_RSA_PSK_WITH_AES_256_GCM_SHA384", false, aes256GCM, true},
	0xc02b: {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", false, aes128GCM, false},
	0xc02c: {"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", false, aes256GCM, true},
	0xc02d: {"TLS_ECDH_ECDSA_WITH_AES_128_GCM_SHA256", false, aes128GCM, false},
	0xc02e: {"TLS_ECDH_ECDSA_WITH_AES_256_GCM_SHA384", false, aes256GCM, true},
	0xc02f: {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", false, aes128GCM, false},
	0xc030: {"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", false, aes256GCM, true},
	0xc031: {"TLS_ECDH_RSA_WITH_AES_128_GCM_SHA256", false, aes128GCM, false},
	0xc032: {"TLS_ECDH_RSA_WITH_AES_256_GCM_SHA384", false, aes256GCM, true},
	0xcca8: {"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", false, chaCha20Poly1305, false},
	0xcca9: {"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", false, chaCha20Poly1305, false},
	0xccaa: {"TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256", false, chaCha20Poly1305, false},
	0xccab: {"TLS_PSK_WITH_CHACHA20_POLY1305_SHA256", false, chaCha20Poly1305, false},
	0xccac: {"TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256", false, chaCha20Poly1305, false},
	0xccad: {"TLS_DHE_PSK_WITH_CHACHA20_POLY1305_SHA256", false, chaCha20Poly1305, false},
	0xccae: {"TLS_RSA_PSK_WITH_CHACHA20_POLY1305_SHA256", false, chaCha20Poly1305, false},
	0xd001: {"TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256", false, aes128GCM, false},
	0xd002: {"TLS_ECDHE_PSK_WITH_AES_256_GCM_SHA384", false, aes256GCM, true},
}

// otherSuites names common suites that are not decrypted, to say which it was:
// those of CBC and RC4, which HTTP/2 forbids (RFC 9113 appendix A), and CCM.
var otherSuites = map[Suite]string{
	0x0005: "TLS_RSA_WITH_RC4_128_SHA",
	0x000a: "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
	0x002f: "TLS_RSA_WITH_AES_128_CBC_SHA",
	0x0033: "TLS_DHE_RSA_WITH_AES_128_CBC_SHA",
	0x0035: "TLS_RSA_WITH_AES_256_CBC_SHA",
	0x0039: "TLS_DHE_RSA_WITH_AES_256_CBC_SHA",
	0x003c: "TLS_RSA_WITH_AES_128_CBC_SHA256",
	0x003d: "TLS_RSA_WITH_AES_256_CBC_SHA256",
	0x0067: "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256",
	0x006b: "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256",
	0x1304: "TLS_AES_128_CCM_SHA256",
	0x1305: "TLS_AES_128_CCM_8_SHA256",
	0xc009: "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
	0xc00a: "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
	0xc011: "TLS_ECDHE_RSA_WITH_RC4_128_SHA",
	0xc012: "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA",
	0xc013: "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
	0xc014: "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
	0xc023: "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
	0xc024: "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384",
	0xc027: "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
	0xc028: "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
	0xc09c: "TLS_RSA_WITH_AES_128_CCM",
	0xc09d: "TLS_RSA_WITH_AES_256_CCM",
	0xc09e: "TLS_DHE_RSA_WITH_AES_128_CCM",
	0xc09f: "TLS_DHE_RSA_WITH_AES_256_CCM",
	0xc0a0: "TLS_RSA_WITH_AES_128_CCM_8",
	0xc0a1: "TLS_RSA_WITH_AES_256_CCM_8",
	0xc0ac: "TLS_ECDHE_ECDSA_WITH_AES_128_CCM",
	0xc0ad: "TLS_ECDHE_ECDSA_WITH_AES_256_CCM",
	0xc0ae: "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8",
	0xc0af: "TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8",
}
