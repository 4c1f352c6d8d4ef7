package tlsrec

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"hash"

	"golang.org/x/crypto/chacha20poly1305"
)

// expandLabel is HKDF-Expand-Label with an empty context (RFC 8446 7.1).
func expandLabel(h func() hash.Hash, secret, name string, length int) ([]byte, error) {
	info := make([]byte, 0, 32)
	info = append(info, byte(length>>8), byte(length), byte(len("tls13 ")+len(name)))
	info = append(info, "tls13 "...)
	info = append(info, name...)
	info = append(info, 0)
	return hkdf.Expand(h, []byte(secret), string(info), length)
}

// nextSecret is the traffic secret after a KeyUpdate (RFC 8446 7.2).
func nextSecret(s *suite, secret string) (string, error) {
	next, err := expandLabel(s.hash(), secret, "traffic upd", s.hashLen())
	return string(next), err
}

// prf is the pseudorandom function of TLS 1.2 (RFC 5246 5).
func prf(h func() hash.Hash, secret, name string, seed []byte, length int) []byte {
	seed = append([]byte(name), seed...)
	mac := hmac.New(h, []byte(secret))
	sum := func(parts ...[]byte) []byte {
		mac.Reset()
		for _, p := range parts {
			mac.Write(p)
		}
		return mac.Sum(nil)
	}
	out := make([]byte, 0, length+mac.Size())
	for a := sum(seed); len(out) < length; a = sum(a) {
		out = append(out, sum(a, seed)...)
	}
	return out[:length]
}

func newAEAD(a algorithm, key []byte) (cipher.AEAD, error) {
	if a == chaCha20Poly1305 {
		return chacha20poly1305.New(key)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
