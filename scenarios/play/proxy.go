package play

import (
	"context"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"flowlab/h2flow/peer"
	"flowlab/scenarios"
)

// proxy stands between the two applications: it is the server of the producer and a
// client of the consumer. It passes each stream on, and holds so much of it at the most
// in each direction that the other side does not take. It gives credit for what it reads.
type proxy struct {
	down, up *peer.Conn
	buffer   int64

	ctx   context.Context // of run, once it has begun
	begun chan struct{}
	tasks sync.WaitGroup
}

// newProxy puts the proxy between two connections.
func newProxy(k *scenarios.Knobs, down, up conn) (*proxy, error) {
	p := &proxy{buffer: int64(k.Proxy.Buffer), begun: make(chan struct{})}
	// The connection's window is as large as can be, as nginx's: only streams wait.
	config := peer.Config{ConnWindow: math.MaxInt32}
	var err error
	if p.down, err = peer.New(sideOf(scenarios.Consumer), down, config, p.serve); err != nil {
		return nil, err
	}
	p.up, err = peer.New(sideOf(scenarios.Producer), up, config, nil)
	return p, err
}

// run goes on until both connections are over, or ctx is done.
func (p *proxy) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p.ctx = ctx
	close(p.begun)
	failed := make(chan error, 2)
	for _, c := range []*peer.Conn{p.down, p.up} {
		p.tasks.Go(func() {
			failed <- c.Run(ctx)
			cancel() // a proxy of which one side is gone serves nobody
		})
	}
	p.tasks.Wait()
	for range 2 {
		if err := <-failed; err != nil && !isProtocol(err) {
			return err
		}
	}
	return nil
}

// isProtocol tells whether an error is that a side broke a rule: the packets show it.
func isProtocol(err error) bool {
	_, is := errors.AsType[*peer.ConnError](err)
	return is
}

// serve forwards a request.
func (p *proxy) serve(s *peer.Stream) {
	s.KeepForPass()
	p.tasks.Go(func() {
		<-p.begun
		p.forward(s)
	})
}

// forward passes a request on, and its answer back. If either ends in another way than
// by its end, so does the other.
func (p *proxy) forward(down *peer.Stream) {
	header := slices.DeleteFunc(slices.Clone(down.Header()), func(f hpack.HeaderField) bool { return strings.HasPrefix(f.Name, ":") })
	up, err := p.up.Open(peer.Request{
		Method: down.Value(":method"), Path: down.Value(":path"), Authority: down.Value(":authority"), Header: header, Keep: true,
	})
	if err != nil {
		_ = down.Reset(http2.ErrCodeRefusedStream)
		return
	}
	p.tasks.Go(func() {
		if err := p.pass(down, up); err != nil {
			_ = up.Reset(http2.ErrCodeCancel)
		}
	})
	select {
	case <-up.Answered():
	case <-up.Done():
	case <-p.ctx.Done():
	}
	if err := p.answer(up, down); err != nil {
		_ = down.Reset(http2.ErrCodeInternal)
	}
}

// answer passes an answer back.
func (p *proxy) answer(up, down *peer.Stream) error {
	header := up.Header()
	if len(header) == 0 {
		return errors.New("no answer came")
	}
	status, err := strconv.Atoi(header[0].Value) // :status stands first
	if err != nil {
		return err
	}
	if err := down.Respond(status, header[1:]...); err != nil {
		return err
	}
	return p.pass(up, down)
}

// pass passes what comes on a stream on to the other, with its end.
func (p *proxy) pass(from, to *peer.Stream) error {
	if err := from.Pass(p.ctx, to, p.buffer); err != nil {
		return err
	}
	return to.End(from.Trailer()...)
}
