package peers

import (
	"context"
	"errors"
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
	content Content
	out, in half
	cancel  context.CancelFunc
	done    chan struct{}

	mu  sync.Mutex
	err error
}

// Account is what a party has done so far.
type Account struct{ Written, Read Done }

func newParty(path string, content Content, readRate float64, cancel context.CancelFunc) *Party {
	if content.Message == 0 {
		content.Message = 16 << 10
	}
	p := &Party{path: path, content: content, cancel: cancel, done: make(chan struct{})}
	p.out.valve, p.in.valve = endpoint.NewValve(content.Rate), endpoint.NewValve(readRate)
	return p
}

// Path is that of the call.
func (p *Party) Path() string { return p.path }

// SetReadRate changes how fast it reads, in bytes a second; 0 stops it.
func (p *Party) SetReadRate(rate float64) { p.in.valve.Set(rate) }

// SetWriteRate changes how fast it writes, in bytes a second; 0 stops it.
func (p *Party) SetWriteRate(rate float64) { p.out.valve.Set(rate) }

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
	s, err := open(ctx)
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
	if err := p.read(ctx, s); err != nil {
		p.note(err)
		p.cancel()
	}
}

// write writes the content.
func (p *Party) write(ctx context.Context, s Stream) error {
	data := pattern(int(min(int64(p.content.Message), p.content.Bytes)))
	for left := p.content.Bytes; left > 0; {
		if err := p.out.valve.Wait(ctx); err != nil {
			return err
		}
		n := int(min(int64(len(data)), left))
		if err := p.writeOne(s, data[:n]); err != nil {
			return err
		}
		if p.content.Bytes != Endless {
			left -= int64(n)
		}
	}
	return nil
}

func (p *Party) writeOne(s Stream, data []byte) error {
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
