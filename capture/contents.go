package capture

// contents is what a capture says beside its packets, as far as it is read.
type contents struct {
	ifaces  []Interface
	drops   uint64
	secrets []Secrets
	bytes   int // of secrets
	left    int // secrets that were left out
}

// Secrets are keys that a capture carries to decrypt what is in it, such as a
// TLS key log (draft-ietf-opsawg-pcapng, section 4.7).
type Secrets struct {
	Type uint32 // SecretsTLS; others by section 4.7
	Data []byte
}

// SecretsTLS is the type of secrets that are lines of a TLS key log.
const SecretsTLS = 0x544c534b

// secretsCost is what an entry costs beside its data.
const secretsCost = 64

func (c *contents) keep(s Secrets) {
	if c.bytes += len(s.Data) + secretsCost; c.bytes > maxKept {
		c.left++
		return
	}
	c.secrets = append(c.secrets, s)
}
