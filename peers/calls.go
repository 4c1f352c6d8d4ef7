package peers

import (
	"context"
	"sync"
)

// Calls are those of a client that are under way. The methods may be called from any
// goroutine.
type Calls struct {
	ctx    context.Context
	cancel context.CancelFunc

	all total

	mu      sync.Mutex
	running sync.WaitGroup // none begins once ctx is done
}

// NewCalls returns none.
func NewCalls() *Calls {
	c := new(Calls)
	c.ctx, c.cancel = context.WithCancel(context.Background())
	return c
}

// Open begins a call, on the stream that open returns, and does not wait. The context
// that open is given ends when the call is cancelled, or over. After Close it is over at
// once, with [context.Canceled].
func (c *Calls) Open(call Call, open func(context.Context) (Stream, error)) *Party {
	ctx, cancel := context.WithCancel(c.ctx)
	p := newParty(call.Path, call.Content, call.Ends, call.ReadRate, &c.all, cancel)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := ctx.Err(); err != nil {
		p.note(err)
		close(p.done)
		return p
	}
	c.running.Go(func() { p.call(ctx, call.Ends, open) })
	return p
}

// Total is the account of all of them so far.
func (c *Calls) Total() Total { return c.all.account() }

// Close cancels all calls, and waits until they are over.
func (c *Calls) Close() {
	c.mu.Lock()
	c.cancel()
	c.mu.Unlock()
	c.running.Wait()
}
