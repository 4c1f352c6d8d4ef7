package tlsrec

import (
	"fmt"

	"flowlab/flow"
)

// State is how far the reading of one direction has come.
type State uint8

const (
	// Handshaking: nothing of an application has come yet, or the handshake of
	// the other direction has to be read first.
	Handshaking State = iota
	// WaitingForKeys: records are held back until the key log has a secret.
	WaitingForKeys
	// Decrypting: the application's bytes are read.
	Decrypting
	// Opaque: nothing more will be read of this direction.
	Opaque
)

func (s State) String() string {
	return [...]string{"handshaking", "waiting for keys", "decrypting", "opaque"}[s]
}

// Reason is why a direction cannot be read.
type Reason uint8

const (
	None Reason = iota
	// NoKeyLog: there is none.
	NoKeyLog
	// NoKeys: the key log has no secret of this session.
	NoKeys
	// NoSecret: it has some, but lacks the one that Problem.What names.
	NoSecret
	// WrongKeys: no record authenticates with the secrets of the key log.
	WrongKeys
	// UnsupportedSuite: the suite is not one of AES-GCM or ChaCha20-Poly1305.
	UnsupportedSuite
	// UnsupportedVersion: neither TLS 1.2 nor 1.3.
	UnsupportedVersion
	// StartMissed: the hello of one side was not seen.
	StartMissed
	// Corrupt: a record is not what the protocol allows, or does not
	// authenticate though others did. Problem.What says which.
	Corrupt
	// Bridgeless: where records go on after missing bytes was not found.
	Bridgeless
	// NotTLS: the first bytes of a side are something else.
	NotTLS
	// TooMuchHeld: more than [MaxHeld] bytes, or too many gaps, were held back.
	TooMuchHeld
	// Compressed: TLS compresses, which nobody should (RFC 7457 2.6).
	Compressed
	// Renegotiated: TLS 1.2 changed its keys within the connection.
	Renegotiated
)

// Problem is what stands in the way of reading a direction, or did once.
type Problem struct {
	Reason Reason
	From   flow.Side // whose bytes
	Offset int64     // where the record begins in the direction, where there is one
	Record uint64    // its number under its keys, from 0, where there is one
	What   string    // more of it, in a few words
}

// String says the problem in a sentence without its subject; it is empty where
// there is none.
func (p Problem) String() string {
	switch p.Reason {
	case None:
		return ""
	case NoKeyLog:
		return "no key log was given"
	case NoKeys:
		return "the key log has no keys of this session"
	case NoSecret:
		return "the key log lacks " + p.What + " of this session"
	case WrongKeys:
		return fmt.Sprintf("the keys do not fit: %v's record %d, at byte %d, %s", p.From, p.Record, p.Offset, p.What)
	case UnsupportedSuite:
		return fmt.Sprintf("suite %s is not decrypted: only AES-GCM and ChaCha20-Poly1305 are", p.What)
	case UnsupportedVersion:
		return p.What + " is not decrypted: only TLS 1.2 and 1.3 are"
	case StartMissed:
		return fmt.Sprintf("the start of the session was not seen: %v's %s", p.From, p.What)
	case Corrupt:
		return fmt.Sprintf("%v's record at byte %d is corrupt: %s", p.From, p.Offset, p.What)
	case Bridgeless:
		return fmt.Sprintf("bytes of the %v are missing at %d, and %s", p.From, p.Offset, p.What)
	case NotTLS:
		return fmt.Sprintf("not TLS: %v's record at byte %d %s", p.From, p.Offset, p.What)
	case TooMuchHeld:
		return "too much was held back: " + p.What
	case Compressed:
		return "TLS compresses: that is not read"
	}
	return fmt.Sprintf("the %v renegotiated at byte %d: that is not followed", p.From, p.Offset)
}
