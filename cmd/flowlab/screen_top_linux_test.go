package main

import (
	"net"
	"strconv"
	"testing"
)

// TestScreenOfTop shows a sender on loopback whose reader does not read, and goes through
// the screen: filter, open, scrub, freeze, mouse, suspend, quit.
func TestScreenOfTop(t *testing.T) {
	t.Parallel()
	port := stalledPair(t)
	s := newTerminal(t, "100", "24")
	program := built(t)
	before := s.settings()

	s.types(program+" top --interval 200ms", "Enter")
	s.sees("connections, ")
	s.types("/", "port", "Space", "x", "Enter")
	s.sees("a port is a number")
	s.types("C-u", "port", "Space", strconv.Itoa(port), "Enter")
	s.sees("RECEIVE WINDOW")
	s.sees("OWN READER") // the other end of it
	s.sees("is held by RECEIVE WINDOW")
	s.sees("must read, or have a larger receive buffer")
	s.types("Space")
	s.sees("PAST")
	s.sees("s ago")
	s.types("End")
	s.sees("LIVE")
	s.types("g", "Enter")
	s.sees("limited in the last interval by")
	s.sees("their window")
	s.types("Left", "Left")
	s.sees("PAST")
	s.types("Escape")
	s.sees("OWN READER")
	s.types("s")
	s.sees("sort: unread")
	s.types("?")
	s.sees("idle ones too, or not")
	s.types("?")
	s.types("C-z")
	s.sees("ready$")
	s.types("clear", "Enter", "fg", "Enter")
	s.sees("sort: unread")
	s.types("q")
	s.sees("ready$")
	if after := s.settings(); after != before {
		t.Errorf("the terminal's settings were\n%s\nand are\n%s", before, after)
	}
}

// stalledPair is a connection on loopback whose one end writes all it can and whose other
// never reads. It returns the port of the latter.
func stalledPair(t *testing.T) (port int) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	out, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	in, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for b := make([]byte, 64<<10); err == nil; {
			_, err = out.Write(b)
		}
	}()
	t.Cleanup(func() {
		_, _, _ = out.Close(), in.Close(), l.Close()
		<-done
	})
	return l.Addr().(*net.TCPAddr).Port
}
