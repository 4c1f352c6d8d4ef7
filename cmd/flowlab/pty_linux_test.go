package main

import (
	"bytes"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// pty is a terminal of 200x60 whose reader is as slow as it is told.
type pty struct {
	master, slave *os.File
	thaw          chan struct{} // closed once all is to be read at once
	ended         chan struct{}

	mu   sync.Mutex
	read bytes.Buffer
}

// newPTY opens a terminal of which so many bytes are taken every 100 ms; all that there
// are if it is below 0.
func newPTY(t *testing.T, every int) *pty {
	t.Helper()
	p := &pty{thaw: make(chan struct{}), ended: make(chan struct{})}
	var err error
	if p.master, err = os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	fd := int(p.master.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if p.slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 60, Col: 200}); err != nil {
		t.Fatal(err)
	}
	go p.take(every)
	t.Cleanup(func() {
		p.slave.Close()
		<-p.ended
		p.master.Close()
	})
	return p
}

// take reads what is written, until nobody has the terminal.
func (p *pty) take(every int) {
	defer close(p.ended)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	b := make([]byte, 32<<10)
	for {
		most := every
		if every >= 0 {
			select {
			case <-tick.C:
			case <-p.thaw:
				most = len(b)
			}
		} else {
			most = len(b)
		}
		if most == 0 {
			continue
		}
		n, err := p.master.Read(b[:most])
		if err != nil {
			return
		}
		p.mu.Lock()
		p.read.Write(b[:n])
		p.mu.Unlock()
	}
}

// text is what was read by now.
func (p *pty) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.read.String()
}

// settings are those of the terminal.
func (p *pty) settings(t *testing.T) unix.Termios {
	t.Helper()
	s, err := unix.IoctlGetTermios(int(p.slave.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return *s
}
