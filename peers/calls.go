package peers

import (
	"context"
	"sync"
)

// Calls are those of a client that are under way. The methods may be called from any
// goroutine.
type Calls struct {
	ctx     context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup
}

// NewCalls returns none.
func NewCalls() *Calls {
	c := new(Calls)
	c.ctx, c.cancel = context.WithCancel(context.Background())
	return c
}

// Open begins a call, on the stream that open returns, and does not wait. The context
// that open is given ends when the call is cancelled, or over.
func (c *Calls) Open(call Call, open func(context.Context) (Stream, error)) *Party {
	ctx, cancel := context.WithCancel(c.ctx)
	p := newParty(call.Path, call.Content, call.ReadRate, cancel)
	c.running.Go(func() { p.call(ctx, call.Ends, open) })
	return p
}

// Close cancels all calls, and waits until they are over. None may be opened any more.
func (c *Calls) Close() {
	c.cancel()
	c.running.Wait()
}
