package tlsrec

import (
	"fmt"
	"sync"
	"sync/atomic"

	"flowlab/flow"
)

// label is what a secret of a key log is for.
type label uint8

const (
	masterSecret label = iota // TLS 1.2, of both sides
	clientEarly
	clientHandshake
	serverHandshake
	clientTraffic
	serverTraffic

	numLabels = int(serverTraffic) + 1
)

var labelNames = [numLabels]string{
	"CLIENT_RANDOM", "CLIENT_EARLY_TRAFFIC_SECRET", "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
	"SERVER_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0",
}

func (l label) String() string { return labelNames[l] }

func labelOf(name []byte) (label, bool) {
	for i, n := range labelNames {
		if n == string(name) {
			return label(i), true
		}
	}
	return 0, false
}

// labelFor returns the label of the secret that protects what a side sends in
// an epoch of TLS 1.3. A server sends nothing early.
func labelFor(from flow.Side, e epoch) label {
	switch {
	case e == early:
		return clientEarly
	case e == handshake && from == flow.Client:
		return clientHandshake
	case e == handshake:
		return serverHandshake
	case from == flow.Client:
		return clientTraffic
	}
	return serverTraffic
}

// maxSessions is how many sessions a key log may hold; the oldest is forgotten
// for one more. A session of TLS 1.3 takes about 400 bytes.
const maxSessions = 1_000_000

// Keys holds the secrets of a key log, in the format of SSLKEYLOGFILE
// (draft-ietf-tls-keylogfile): a label, the random of the ClientHello, and the
// secret, in hexadecimal, a line each. Labels that are for something else, lines
// of RSA, comments and empty lines are passed over; when a secret is there twice
// the later one holds.
//
// Of more than a million sessions the oldest are forgotten. Many connections may
// look into one Keys while it is written to: it is safe for concurrent use.
type Keys struct {
	mu          sync.RWMutex
	sessions    map[[32]byte]*session // by the ClientHello's random
	first, last *session              // in the order in which they came
	limit       int

	growing  bool   // see Grow
	line     []byte // what there is of a line that has not ended
	lines    int
	mistakes []Mistake

	// generation counts what was added, so that who waits for keys looks
	// again only when there is something new.
	generation atomic.Uint64
}

// session is what is known of one session.
type session struct {
	secrets secrets
	random  [32]byte
	next    *session
}

// secrets are those of one session, by label; empty where there is none.
type secrets [numLabels]string

// NewKeys returns a key log that has no keys yet.
func NewKeys() *Keys {
	return &Keys{sessions: make(map[[32]byte]*session), limit: maxSessions}
}

// Len returns of how many sessions there are secrets.
func (k *Keys) Len() int {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return len(k.sessions)
}

// Grow says that more secrets may come while connections are read.
func (k *Keys) Grow() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.growing = true
}

// Any tells whether there are secrets, or may be some later.
func (k *Keys) Any() bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.growing || len(k.sessions) > 0
}

func (k *Keys) add(random *[32]byte, which label, secret []byte) {
	s := k.sessions[*random]
	if s == nil {
		if len(k.sessions) >= k.limit {
			delete(k.sessions, k.first.random)
			k.first = k.first.next
		}
		s = &session{random: *random}
		if len(k.sessions) == 0 {
			k.first = s
		} else {
			k.last.next = s
		}
		k.last = s
		k.sessions[*random] = s
	}
	if s.secrets[which] != string(secret) {
		s.secrets[which] = string(secret)
		k.generation.Add(1)
	}
}

// Lines returns what there is of a session as lines of a key log, none if it is not
// known.
func (k *Keys) Lines(random *[32]byte) (lines []byte) {
	secrets := k.find(random)
	for which, secret := range secrets {
		if secret != "" {
			lines = fmt.Appendf(lines, "%v %x %x\n", label(which), random[:], secret)
		}
	}
	return lines
}

// find returns the secrets of a session, none if it is not known.
func (k *Keys) find(random *[32]byte) secrets {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if s := k.sessions[*random]; s != nil {
		return s.secrets
	}
	return secrets{}
}
