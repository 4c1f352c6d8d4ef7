package peers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"flowlab/tcpwin/endpoint"
)

// Stream is a call as a library has it. One goroutine writes, another reads.
type Stream interface {
	// Read waits for what comes next: a message, or as many bytes as one read gives. It
	// holds until the next call. The error is io.EOF at the end.
	Read() ([]byte, error)
	// Begin sends the header of an answer at once. It is for a server.
	Begin() error
	// Write returns once the library has accepted a message.
	Write([]byte) error
	// End says that nothing more will be written. It is for a client.
	End() error
}

// Party is the application at one end of a call. Its methods may be called from any
// goroutine.
type Party struct {
	path    string
	message int // bytes in a write
	out, in half
	all     *total // of its client or server
	cancel  context.CancelFunc
	done    chan struct{}

	mu   sync.Mutex
	err  error
	left int64         // to be written; Endless if there is no end
	last bool          // nothing is added to it any more
	more chan struct{} // holds a token when something of the two has changed
}

// Account is what a party has done so far.
type Account struct{ Written, Read Done }

// newParty makes a party. It can be sent more unless its content is the last.
func newParty(path string, content Content, last bool, readRate float64, all *total, cancel context.CancelFunc) *Party {
	p := &Party{
		path: path, message: cmp.Or(content.Message, 16<<10), all: all, cancel: cancel, done: make(chan struct{}),
		left: content.Bytes, last: last, more: make(chan struct{}, 1),
	}
	p.out.moved, p.in.moved = func(n int) { all.moved(n, 0) }, func(n int) { all.moved(0, n) }
	p.out.valve, p.in.valve = endpoint.NewValve(content.Rate), endpoint.NewValve(readRate)
	return p
}

// Path is that of the call.
func (p *Party) Path() string { return p.path }

// SetReadRate changes how fast it reads, in bytes a second; 0 stops it.
func (p *Party) SetReadRate(rate float64) { p.in.valve.Set(rate) }

// SetWriteRate changes how fast it writes, in bytes a second; 0 stops it.
func (p *Party) SetWriteRate(rate float64) { p.out.valve.Set(rate) }

// Send adds bytes to what it writes. The error is that it has ended what it writes.
func (p *Party) Send(bytes int64) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last && p.left == 0 {
		return fmt.Errorf("%s has ended what it sends", p.path)
	}
	if p.left != Endless {
		p.left += bytes
	}
	p.stir()
	return nil
}

// finish lets it write what is left, and then no more.
func (p *Party) finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = true
	p.stir()
}

// stir wakes the writer.
func (p *Party) stir() {
	select {
	case p.more <- struct{}{}:
	default: // one token is enough
	}
}

// Cancel ends the call in the way that its library has for it, and does not wait: a
// client resets the stream (RST_STREAM with CANCEL); a server of net/http resets it with
// INTERNAL_ERROR, one of grpc-go sends the status CANCELLED.
func (p *Party) Cancel() { p.cancel() }

// Account is what it has done so far.
func (p *Party) Account() Account { return Account{Written: p.out.done(), Read: p.in.done()} }

// Done is closed once it neither writes nor reads any more.
func (p *Party) Done() <-chan struct{} { return p.done }

// Err is the first error that it met, nil if none; that of a call which was cancelled
// tells so.
func (p *Party) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// note keeps the first error. That the end was reached is none.
func (p *Party) note(err error) {
	if err == nil || errors.Is(err, io.EOF) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil {
		p.err = err
	}
}

// call runs a client's part of a call on a stream, which open opens.
func (p *Party) call(ctx context.Context, ends bool, open func(context.Context) (Stream, error)) {
	defer close(p.done)
	defer p.cancel()
	p.all.begin()
	s, err := open(ctx)
	p.all.end()
	if err != nil {
		p.note(err)
		return
	}
	var writing sync.WaitGroup
	defer writing.Wait()
	writing.Go(func() {
		err := p.write(ctx, s)
		if err == nil && ends {
			err = s.End()
		}
		p.note(err)
	})
	err = p.read(ctx, s)
	p.finish() // who has the whole answer adds nothing to the request
	if err != nil {
		p.note(err)
		p.cancel()
	}
}

// write writes what there is, until nothing is left and nothing can be added.
func (p *Party) write(ctx context.Context, s Stream) error {
	data := pattern(p.message)
	for {
		n, err := p.due(ctx)
		if n == 0 || err != nil {
			return err
		}
		if err := p.out.valve.Wait(ctx); err != nil {
			return err
		}
		if err := p.writeOne(s, data[:n]); err != nil {
			return err
		}
		p.wrote(n)
	}
}

// due waits until there is something to write, and returns how much a write takes of it:
// 0 if nothing will come any more.
func (p *Party) due(ctx context.Context) (int, error) {
	for {
		p.mu.Lock()
		left, last := p.left, p.last
		p.mu.Unlock()
		if left > 0 || last {
			return int(min(int64(p.message), left)), nil
		}
		select {
		case <-p.more:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

func (p *Party) wrote(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.left != Endless {
		p.left -= int64(n)
	}
}

func (p *Party) writeOne(s Stream, data []byte) error {
	p.all.begin()
	defer p.all.end()
	return p.out.do(func() (int, error) { return len(data), s.Write(data) })
}

// read reads to the end.
func (p *Party) read(ctx context.Context, s Stream) error {
	for {
		_, err := p.readOne(ctx, s)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (p *Party) readOne(ctx context.Context, s Stream) (data []byte, err error) {
	if err := p.in.valve.Wait(ctx); err != nil {
		return nil, err
	}
	err = p.in.do(func() (int, error) {
		data, err = s.Read()
		return len(data), err
	})
	return data, err
}

// pattern returns n bytes that do not all look alike in a capture.
func pattern(n int) []byte {
	data := make([]byte, n)
	for i := range data {
		data[i] = byte('a' + i%26)
	}
	return data
}
