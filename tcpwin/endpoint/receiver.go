package endpoint

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"time"
)

// Receiver is an application that reads.
type Receiver struct {
	conn  net.Conn
	valve *Valve
	chunk atomic.Int64
	read  atomic.Int64
}

// NewReceiver returns a receiver that reads up to chunk bytes at a time, at a
// rate in bytes a second.
func NewReceiver(conn net.Conn, rate float64, chunk int) *Receiver {
	r := &Receiver{conn: conn, valve: NewValve(rate)}
	r.chunk.Store(int64(chunk))
	return r
}

// SetRate changes the rate, in bytes a second; 0 stops it.
func (r *Receiver) SetRate(rate float64) { r.valve.Set(rate) }

// SetChunk changes the most that a read takes, from the next one on.
func (r *Receiver) SetChunk(bytes int) { r.chunk.Store(int64(bytes)) }

// Read is how many bytes the application has read.
func (r *Receiver) Read() int64 { return r.read.Load() }

// Run reads until the sender closes, or until ctx is done, which is no error.
func (r *Receiver) Run(ctx context.Context) error {
	defer context.AfterFunc(ctx, func() { r.conn.SetReadDeadline(time.Unix(1, 0)) })()
	var buf []byte
	for {
		if err := r.valve.Wait(ctx); err != nil {
			return nil
		}
		if n := int(r.chunk.Load()); len(buf) != n {
			buf = make([]byte, n)
		}
		n, err := r.conn.Read(buf)
		r.read.Add(int64(n))
		r.valve.Passed(n)
		switch {
		case err == nil:
		case errors.Is(err, io.EOF) || ctx.Err() != nil:
			return nil
		default:
			return fmt.Errorf("read after %d bytes: %w", r.read.Load(), err)
		}
	}
}
