package watch

import (
	"errors"
	"io"
	"sync"
	"time"

	"flowlab/capture"
	"flowlab/capture/live"
	"flowlab/tlsrec"
)

// pipeRoom is how many bytes of packets wait in a pipe at most, beyond what its
// reader has.
const pipeRoom = 4 << 20

// Pipe is a source of packets that another program captures and writes, as
// tcpdump -U -w - does. It reads ahead, so that whoever waits for a packet can
// do other things when none comes.
type Pipe struct {
	reader  *capture.Reader
	keys    *tlsrec.Keys
	learnt  int // of the reader's secrets, how many were taken in
	current pile
	at      int // in the current pile
	ifaces  []capture.Interface

	mu      sync.Mutex
	next    pile
	known   []capture.Interface
	err     error // after the packets of next
	stopped bool
	came    chan struct{} // holds a token when next has something
	room    *sync.Cond
}

// pile is packets with their data.
type pile struct {
	packets []capture.Packet
	bytes   []byte
	ends    []int // of the packets' data, in bytes
}

// NewPipe reads a capture that comes through r. It waits for the file's header. The
// keys of TLS that the capture carries are added to keys before the packets after them
// are given. Its goroutine ends when r does: whoever stops early closes r.
func NewPipe(r io.Reader, keys *tlsrec.Keys) (*Pipe, error) {
	reader, err := capture.NewReader(r)
	if err != nil {
		return nil, err
	}
	p := &Pipe{reader: reader, keys: keys, came: make(chan struct{}, 1)}
	p.room = sync.NewCond(&p.mu)
	go p.read()
	return p, nil
}

// read reads ahead until the capture ends.
func (p *Pipe) read() {
	for {
		packet, err := p.reader.Next()
		p.learn()
		p.mu.Lock()
		for err == nil && len(p.next.bytes) > pipeRoom && !p.stopped {
			p.room.Wait()
		}
		if p.stopped {
			p.mu.Unlock()
			return
		}
		if err != nil {
			p.err = err
		} else {
			p.next.add(packet)
			p.known = p.reader.Interfaces()
		}
		p.mu.Unlock()
		select {
		case p.came <- struct{}{}:
		default: // one token is enough
		}
		if err != nil {
			return
		}
	}
}

// learn takes in the keys that the capture has carried so far.
func (p *Pipe) learn() {
	secrets, _ := p.reader.Secrets()
	for ; p.learnt < len(secrets); p.learnt++ {
		if s := secrets[p.learnt]; s.Type == capture.SecretsTLS {
			_, _ = p.keys.Write(append(s.Data, '\n')) // which never fails
		}
	}
}

func (l *pile) add(p capture.Packet) {
	l.bytes = append(l.bytes, p.Data...)
	l.ends = append(l.ends, len(l.bytes))
	p.Data = nil // bytes may move as it grows
	l.packets = append(l.packets, p)
}

// Interfaces are those that the capture has named so far.
func (p *Pipe) Interfaces() []capture.Interface { return p.ifaces }

// Next returns the next packet, or [live.ErrNone] if none comes for a while. A
// capture that ends within a packet ends with [io.ErrUnexpectedEOF].
func (p *Pipe) Next(wait time.Duration) (capture.Packet, error) {
	if p.at == len(p.current.packets) {
		if err := p.turn(wait); err != nil {
			return capture.Packet{}, err
		}
	}
	packet := p.current.packets[p.at]
	from := 0
	if p.at > 0 {
		from = p.current.ends[p.at-1]
	}
	packet.Data = p.current.bytes[from:p.current.ends[p.at]:p.current.ends[p.at]]
	p.at++
	return packet, nil
}

// turn takes what has come.
func (p *Pipe) turn(wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		p.mu.Lock()
		if len(p.next.packets) > 0 {
			p.current, p.next = p.next, p.current
			p.next.packets, p.next.bytes, p.next.ends = p.next.packets[:0], p.next.bytes[:0], p.next.ends[:0]
			p.ifaces, p.at = p.known, 0
			p.room.Signal()
			p.mu.Unlock()
			return nil
		}
		err := p.err
		if p.stopped && err == nil {
			err = io.EOF
		}
		p.mu.Unlock()
		if err != nil {
			return err
		}
		select {
		case <-p.came:
		case <-timer.C:
			return live.ErrNone
		}
	}
}

// Stop has Next return what has come, and then [io.EOF].
func (p *Pipe) Stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped = true
	p.room.Signal()
	select {
	case p.came <- struct{}{}:
	default:
	}
}

// Stats returns what the capture says of losses so far: few programs write that
// before the end.
func (p *Pipe) Stats() (live.Stats, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil {
		return live.Stats{}, errors.ErrUnsupported // the reader is another goroutine's
	}
	return live.Stats{Dropped: p.reader.Dropped()}, nil
}
