package nstest

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Capture is what is captured in a namespace, by tcpdump, packets whole.
type Capture struct {
	space   *Space
	path    string
	command *exec.Cmd
	seen    chan struct{} // closed once the marker has been captured
	ended   chan error
	dropped string // what tcpdump says of that, once it has ended
	once    sync.Once
}

// marker is what the last packet of a capture has in it: a datagram to the discard port
// (RFC 863). Once it is there, all that was sent before is.
const (
	marker     = "flowlab: end of capture"
	markerPort = 9
)

// longest is how long a capture may take.
const longest = 10 * time.Minute

// Capture captures what is sent on loopback from now on, until [Capture.File].
func (s *Space) Capture() *Capture {
	s.t.Helper()
	c := &Capture{space: s, path: filepath.Join(s.t.TempDir(), "capture.pcap"), seen: make(chan struct{}), ended: make(chan error, 1)}
	c.command = bounded(s.t, longest, "tcpdump", "-i", "lo", "-s", "0", "-B", "65536", "-n", "-U", "-w", "-", fmt.Sprintf("tcp or udp port %d", markerPort))
	if err := c.start(); err != nil {
		s.t.Fatalf("tcpdump: %v", err)
	}
	s.t.Cleanup(c.stop)
	return c
}

// start starts tcpdump, and returns once it captures.
func (c *Capture) start() error {
	file, err := os.Create(c.path)
	if err != nil {
		return err
	}
	packets, err := c.command.StdoutPipe()
	if err != nil {
		return err
	}
	says, err := c.command.StderrPipe()
	if err != nil {
		return err
	}
	if err := c.space.Do(c.command.Start); err != nil {
		return err
	}
	listens := make(chan error, 1)
	var reading sync.WaitGroup
	reading.Go(func() { c.listen(says, listens) })
	reading.Go(func() { c.keep(file, packets) })
	go func() {
		reading.Wait()
		c.ended <- c.command.Wait()
	}()
	return <-listens
}

// listen reads what tcpdump says: that it listens, and at its end how many packets it was
// too slow for.
func (c *Capture) listen(says io.Reader, listens chan<- error) {
	lines := bufio.NewScanner(says)
	var said strings.Builder
	for lines.Scan() {
		line := lines.Text()
		said.WriteString(line + "\n")
		if strings.Contains(line, "listening on") {
			listens <- nil
		}
		if strings.Contains(line, "dropped by kernel") {
			c.dropped = line
		}
	}
	select {
	case listens <- fmt.Errorf("it ended: %s", said.String()):
	default: // it has listened
	}
}

// keep writes what is captured to a file, and looks for the marker.
func (c *Capture) keep(file *os.File, packets io.Reader) {
	defer file.Close()
	buf, tail, found := make([]byte, 1<<16), []byte(nil), false
	for {
		n, err := packets.Read(buf)
		if _, failed := file.Write(buf[:n]); failed != nil {
			return
		}
		if !found {
			tail = append(tail, buf[:n]...)
			if found = bytes.Contains(tail, []byte(marker)); found {
				close(c.seen)
			}
			tail = tail[max(0, len(tail)-len(marker)):]
		}
		if err != nil {
			return
		}
	}
}

// File ends the capture, and returns its file. All that was sent before the call is in
// it; the packets of the test's own marker, to UDP port 9, are too.
func (c *Capture) File() string {
	c.space.t.Helper()
	err := c.space.Do(func() error {
		conn, err := net.Dial("udp", fmt.Sprintf("127.0.0.1:%d", markerPort))
		if err != nil {
			return err
		}
		defer conn.Close()
		_, err = conn.Write([]byte(marker))
		return err
	})
	if err != nil {
		c.space.t.Fatalf("mark the end of the capture: %v", err)
	}
	select {
	case <-c.seen:
	case <-time.After(10 * time.Second):
		c.space.t.Fatal("tcpdump has not captured the last packet within 10s")
	}
	c.stop()
	if !strings.HasPrefix(c.dropped, "0 packets") {
		c.space.t.Fatalf("the capture is not whole: tcpdump says %q", c.dropped)
	}
	return c.path
}

// stop ends tcpdump, and waits until it has.
func (c *Capture) stop() {
	c.once.Do(func() {
		_ = c.command.Process.Signal(syscall.SIGTERM)
		<-c.ended
	})
}
