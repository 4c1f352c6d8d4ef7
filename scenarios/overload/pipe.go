package overload

import (
	"bytes"
	"io"
	"sync"
	"time"
)

// pipe is a stream of bytes within the process that holds some of them, as a send buffer
// does. So it knows when a writer waits for room, which is what holds it; of [io.Pipe],
// which holds none, every write waits for the reader to come.
type pipe struct {
	mu      sync.Mutex
	changed sync.Cond // what follows did
	held    bytes.Buffer
	ended   bool // nothing more is written
	closed  bool // nothing more is read
	blocked time.Duration
}

// pipeRoom is how many bytes a pipe holds before a write waits: as many as grpc-go keeps of a
// stream by default.
const pipeRoom = 64 << 10

func newPipe() *pipe {
	p := &pipe{}
	p.changed.L = &p.mu
	return p
}

// Write waits until there is room, and then takes all of b.
func (p *pipe) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.full() {
		begun := time.Now()
		for p.full() {
			p.changed.Wait()
		}
		p.blocked += time.Since(begun)
	}
	if p.closed || p.ended {
		return 0, io.ErrClosedPipe
	}
	p.changed.Broadcast()
	return p.held.Write(b)
}

// full tells whether a write must wait; mu is held.
func (p *pipe) full() bool { return p.held.Len() >= pipeRoom && !p.closed && !p.ended }

// Blocked is for how long writes have waited for room.
func (p *pipe) Blocked() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.blocked
}

// Close says that nothing more is written; what is held is still read.
func (p *pipe) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	p.changed.Broadcast()
	return nil
}

// pipeReader is the other end of a pipe. Once it is closed writes fail.
type pipeReader struct{ *pipe }

func (r pipeReader) Read(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.held.Len() == 0 && !r.ended && !r.closed {
		r.changed.Wait()
	}
	if r.closed {
		return 0, io.ErrClosedPipe
	}
	r.changed.Broadcast()
	return r.held.Read(b) // io.EOF after the last
}

func (r pipeReader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	r.changed.Broadcast()
	return nil
}
