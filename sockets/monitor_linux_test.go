package sockets

import (
	"net"
	"testing"
	"time"
)

// A socket that is new counts from the look before, also where that saw none at all.
func TestMonitorCountsNewSockets(t *testing.T) {
	d, err := OpenDiag("")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	m, err := NewMonitor(d)
	if err != nil {
		t.Fatal(err)
	}
	m.before = m.before[:0] // as if there had been none
	m.remember()
	began := time.Now()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	verdicts, err := m.Next()
	if err != nil {
		t.Fatal(err)
	}
	if len(verdicts) < 2 {
		t.Fatalf("%d sockets, want at least the two of a connection", len(verdicts))
	}
	for _, v := range verdicts {
		if v.Length > time.Since(began)+time.Second {
			t.Errorf("%v counts for %v", v.Socket.Local, v.Length)
		}
	}
}
