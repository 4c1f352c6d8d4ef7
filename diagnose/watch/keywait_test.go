package watch

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"net"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"flowlab/tlsrec"
)

// spoken is what one side sent at a time.
type spoken struct {
	server bool
	bytes  []byte
	pause  time.Duration // before
}

// recorded is a connection that notes what is written to it.
type recorded struct {
	net.Conn
	server bool
	mu     *sync.Mutex
	all    *[]spoken
}

func (r recorded) Write(b []byte) (int, error) {
	r.mu.Lock()
	*r.all = append(*r.all, spoken{server: r.server, bytes: bytes.Clone(b)})
	r.mu.Unlock()
	return r.Conn.Write(b)
}

// session is what both sides of a TLS session send whose client sends a length of bytes.
func session(t *testing.T, length int) (all []spoken) {
	t.Helper()
	made := httptest.NewTLSServer(nil)
	defer made.Close()
	var mu sync.Mutex
	a, b := net.Pipe()
	client := tls.Client(recorded{a, false, &mu, &all}, &tls.Config{InsecureSkipVerify: true})
	server := tls.Server(recorded{b, true, &mu, &all}, &tls.Config{Certificates: made.TLS.Certificates})
	done := make(chan error, 1)
	go func() {
		_, err := server.Read(make([]byte, 1)) // which shakes hands first
		for n := 1; n < length && err == nil; {
			var more int
			more, err = server.Read(make([]byte, 1<<14))
			n += more
		}
		done <- err
	}()
	if _, err := client.Write(make([]byte, length)); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	return all
}

// play adds a connection to the wire, from a client's port on, with its handshake.
func (w *wire) play(port uint16, all []spoken) {
	seq := [2]uint32{1, 1}
	send := func(side int, flags byte, b []byte) {
		seq[side] = w.carry(port, flags, seq[side], b)
		p := w.packets[len(w.packets)-1].Data
		binary.BigEndian.PutUint32(p[28:], seq[1-side])
		if side == 1 {
			copy(p[12:], []byte{192, 0, 2, 2, 192, 0, 2, 1})
			binary.BigEndian.PutUint16(p[20:], 443)
			binary.BigEndian.PutUint16(p[22:], port)
		}
	}
	send(0, 2, nil)
	seq[0]++
	send(1, 2|ack, nil)
	seq[1]++
	send(0, ack, nil)
	for _, s := range all {
		side := 0
		if s.server {
			side = 1
		}
		w.passed += s.pause
		for b := s.bytes; len(b) > 0; {
			n := min(len(b), 16000)
			send(side, ack, b[:n])
			send(1-side, ack, nil)
			b = b[n:]
		}
	}
}

// hiddenAfter runs a watch of a key log that never gets the keys, and returns when each
// connection was found to be hidden.
func (w *wire) hiddenAfter(t *testing.T) (after []time.Duration) {
	t.Helper()
	keys := tlsrec.NewKeys()
	keys.Grow()
	w.whole = map[uint16]int{}
	run := Watch{Source: w, Most: 1000, Keys: keys, Event: func(e *Event) {
		if e.What == Hidden {
			if r := e.Problem.Reason; r != tlsrec.NoKeys && r != tlsrec.TooMuchHeld {
				t.Errorf("connection %d is hidden as %v", e.Connection, e.Problem)
			}
			after = append(after, e.Time.Sub(noon))
		}
	}}
	if _, err := run.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	return after
}

// Keys are waited for, but not for ever.
func TestWaitsForKeys(t *testing.T) {
	w := &wire{}
	w.play(1000, session(t, 1000))
	for len(w.packets) < 15_000 { // something else, for 15 s
		w.carry(2000, ack, uint32(len(w.packets)), []byte("x"))
	}
	if after := w.hiddenAfter(t); len(after) != 1 || after[0] < 9*time.Second || after[0] > 12*time.Second {
		t.Errorf("hidden after %v, want once after some 10 s", after)
	}
}

// Connections that wait for keys hold back only so much, all together.
func TestWaitsForKeysOfMany(t *testing.T) {
	w := &wire{step: 10 * time.Microsecond}
	all := session(t, 900_000)
	for port := range uint16(100) {
		w.play(1000+port, all)
	}
	w.step = 0
	for end := len(w.packets) + 1500; len(w.packets) < end; {
		w.carry(2000, ack, uint32(len(w.packets)), []byte("x"))
	}
	if after := w.hiddenAfter(t); len(after) == 0 {
		t.Errorf("after %v 90 MB are held back", w.passed)
	}
}
