package endpoint

import (
	"context"
	"fmt"
	"net"
	"sync/atomic"
	"time"
)

// Sender is an application that writes.
type Sender struct {
	conn    net.Conn
	valve   *Valve
	chunk   atomic.Int64
	total   int64
	written atomic.Int64
	blocked atomic.Int64 // nanoseconds in writes that are over
	since   atomic.Int64 // when the write under way began, Unix nanoseconds; 0 if none is
}

// Sent is the account of a sender.
type Sent struct {
	Written int64         // bytes that the transport has accepted
	Blocked time.Duration // in writes, the one under way included
	Writing time.Duration // how long the write under way has taken; 0 if none is
}

// NewSender returns a sender that writes chunk bytes at a time, at a rate in
// bytes a second, until it has written total bytes; 0 is without end.
func NewSender(conn net.Conn, rate float64, chunk int, total int64) *Sender {
	s := &Sender{conn: conn, valve: NewValve(rate), total: total}
	s.chunk.Store(int64(chunk))
	return s
}

// SetRate changes the rate, in bytes a second; 0 stops it.
func (s *Sender) SetRate(rate float64) { s.valve.Set(rate) }

// SetChunk changes how many bytes a write has, from the next one on.
func (s *Sender) SetChunk(bytes int) { s.chunk.Store(int64(bytes)) }

// Account returns what the sender has done so far.
func (s *Sender) Account() Sent {
	a := Sent{Written: s.written.Load(), Blocked: time.Duration(s.blocked.Load())}
	if since := s.since.Load(); since != 0 {
		a.Writing = time.Duration(time.Now().UnixNano() - since)
		a.Blocked += a.Writing
	}
	return a
}

// Run writes until the total is written, and then half-closes the connection
// if it can be; or until ctx is done, which is no error.
func (s *Sender) Run(ctx context.Context) error {
	defer context.AfterFunc(ctx, func() { s.conn.SetWriteDeadline(time.Unix(1, 0)) })()
	var data []byte
	for s.total == 0 || s.written.Load() < s.total {
		if err := s.valve.Wait(ctx); err != nil {
			return nil
		}
		data = pattern(data, s.next())
		if err := s.write(data); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("write after %d bytes: %w", s.written.Load(), err)
		}
	}
	if c, ok := s.conn.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return nil
}

// next is how many bytes the next write has.
func (s *Sender) next() int {
	n := s.chunk.Load()
	if s.total != 0 {
		n = min(n, s.total-s.written.Load())
	}
	return int(n)
}

func (s *Sender) write(data []byte) error {
	start := time.Now()
	s.since.Store(start.UnixNano())
	n, err := s.conn.Write(data)
	s.since.Store(0)
	s.blocked.Add(int64(time.Since(start)))
	s.written.Add(int64(n))
	s.valve.Passed(n)
	return err
}

// pattern returns n bytes that do not all look alike in a capture.
func pattern(data []byte, n int) []byte {
	for len(data) < n {
		data = append(data, byte('a'+len(data)%26))
	}
	return data[:n]
}
