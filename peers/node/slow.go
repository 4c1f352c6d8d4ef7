package node

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"

	"flowlab/peers/story"
)

//go:embed slow.js
var script []byte

// What the two sockets and the streams are given, in bytes.
const (
	socketBuffer = 128 << 10 // of each socket; Linux makes it twice as much (socket(7))
	writableMark = 256 << 10 // highWaterMark of the slow writable
	chunk        = 64 << 10  // the most that node reads from a socket at once
	limit        = 160 << 20 // at which the program that ignores write() gives up
)

// report is what the program says of itself.
type report struct {
	RSS          int64  `json:"rss"`      // its memory, in bytes
	Written      int64  `json:"written"`  // that the slow writable has taken
	Readable     int64  `json:"readable"` // that wait in the socket's stream
	Writable     int64  `json:"writable"` // that wait in the slow one
	ReadableMark int64  `json:"readableMark"`
	WritableMark int64  `json:"writableMark"`
	Ended        string `json:"ended"` // why it has; empty while it lasts
}

// receiving is how many bytes node's side may hold if each buffer keeps its bound: that of
// the socket, and those of the streams, each with a chunk that may be above it.
func (r report) receiving() int64 {
	return 2*socketBuffer + r.ReadableMark + chunk + r.WritableMark + chunk
}

// sum is how many bytes may be between the producer and the slow writable: there is also
// the producer's send buffer, with a segment that may be above it.
func (r report) sum() int64 { return 2*socketBuffer + chunk + r.receiving() }

// program is slow.js while it runs.
type program struct {
	*story.Process
	rates io.Writer

	mu     sync.Mutex
	first  chan struct{} // closed with the first report
	last   report
	lowest int64 // of its memory
	most   int64
	broken error // a line that was no report
}

// start runs slow.js with a connection, which is its own from then on.
func start(s *story.Stage, mode string, conn *net.TCPConn) (*program, error) {
	defer conn.Close()
	file := filepath.Join(s.Folder(), "slow.js")
	if err := os.WriteFile(file, script, 0o600); err != nil {
		return nil, fmt.Errorf("write the program: %w", err)
	}
	if err := conn.SetReadBuffer(socketBuffer); err != nil {
		return nil, fmt.Errorf("set the receive buffer: %w", err)
	}
	given, err := conn.File()
	if err != nil {
		return nil, fmt.Errorf("hand the connection over: %w", err)
	}
	defer given.Close()
	p := &program{first: make(chan struct{})}
	cmd := exec.Command("node", file, mode, strconv.Itoa(writableMark), strconv.Itoa(limit))
	cmd.ExtraFiles = []*os.File{given}
	cmd.Stdout = story.NewLines(func(line []byte) { p.take(s, line) })
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("talk to node: %w", err)
	}
	p.rates = in
	p.Process, err = s.Start(cmd)
	return p, err
}

// take enters a report, and its memory as a figure.
func (p *program) take(s *story.Stage, line []byte) {
	var r report
	err := json.Unmarshal(line, &r)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		p.broken = fmt.Errorf("report %q: %w", line, err)
		return
	}
	if p.lowest == 0 {
		p.lowest = r.RSS
		close(p.first)
	}
	p.last, p.lowest, p.most = r, min(p.lowest, r.RSS), max(p.most, r.RSS)
	s.Figure("memory of node", float64(r.RSS), "bytes")
	s.Figure("waiting in node", float64(r.Readable+r.Writable), "bytes")
}

// begun waits for the first report.
func (p *program) begun(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-p.Ended():
		return fmt.Errorf("node has ended before it said anything: %w", p.Wait(ctx))
	case <-p.first:
		return nil
	}
}

// now is the latest report.
func (p *program) now() report {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last
}

// grown is by how much its memory had grown at the most, in bytes.
func (p *program) grown() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.most - p.lowest
}

// problem is that something else than a report came.
func (p *program) problem() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.broken
}

// setRate has the slow writable take so many bytes a second. A program that has ended has
// no rate, and its end is seen elsewhere.
func (p *program) setRate(rate int) { _, _ = fmt.Fprintln(p.rates, rate) }
