package peers

import (
	"context"
	"errors"
	"io"
	"sync"
)

// Answers are what a server does with calls, by path, and the calls that came. The zero
// value reads every request to its end, and answers with nothing. Its methods may be
// called from any goroutine.
type Answers struct {
	mu      sync.Mutex
	byPath  map[string]Answer
	parties []*Party
	all     total
}

// Set says what is done with calls of a path that come from now on.
func (a *Answers) Set(path string, answer Answer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.byPath == nil {
		a.byPath = make(map[string]Answer)
	}
	a.byPath[path] = answer
}

// SetReadRate changes how fast calls of a path are read, those that came and those to
// come.
func (a *Answers) SetReadRate(path string, rate float64) {
	a.mu.Lock()
	answer := a.get(path)
	a.mu.Unlock()
	answer.ReadRate = rate
	a.Set(path, answer)
	for _, p := range a.Parties(path) {
		p.SetReadRate(rate)
	}
}

// Parties are the server's applications of all calls of a path that came, in order.
func (a *Answers) Parties(path string) (list []*Party) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, p := range a.parties {
		if p.path == path {
			list = append(list, p)
		}
	}
	return list
}

// Total is the account of all calls that came so far.
func (a *Answers) Total() Total { return a.all.account() }

// Wait waits until none of the calls that came is served any more. It is for a server
// that takes no more.
func (a *Answers) Wait() {
	a.mu.Lock()
	parties := a.parties
	a.mu.Unlock()
	for _, p := range parties {
		<-p.done
	}
}

func (a *Answers) get(path string) Answer {
	if answer, ok := a.byPath[path]; ok {
		return answer
	}
	return Answer{When: AtEnd, ReadRate: Unlimited}
}

// Serve runs a server's part of a call, until it is over; it is for the library's
// handler, with the context of the call. If the party is cancelled, it returns at once,
// with [context.Canceled]: the handler sees to it that the stream's calls return, and
// [Party.Done] tells when they have.
func (a *Answers) Serve(ctx context.Context, path string, s Stream) (*Party, error) {
	ctx, cancel := context.WithCancel(ctx)
	a.mu.Lock()
	answer := a.get(path)
	p := newParty(path, answer.Content, answer.When != Never, answer.ReadRate, &a.all, cancel)
	a.parties = append(a.parties, p)
	a.mu.Unlock()
	go func() {
		defer close(p.done)
		p.note(p.serve(ctx, s, answer))
	}()
	select {
	case <-p.done:
		cancel()
	case <-ctx.Done():
		return p, ctx.Err()
	}
	return p, p.Err()
}

func (p *Party) serve(ctx context.Context, s Stream, answer Answer) error {
	switch {
	case answer.Echo:
		return p.echo(ctx, s)
	case answer.When != AtEnd:
		var writing sync.WaitGroup
		writing.Go(func() { p.note(p.answer(ctx, s, answer.When)) })
		defer writing.Wait()
		return p.read(ctx, s)
	}
	if err := p.read(ctx, s); err != nil {
		return err
	}
	return p.write(ctx, s)
}

// answer writes while the request is read.
func (p *Party) answer(ctx context.Context, s Stream, when When) error {
	if when == AtOnce {
		if err := s.Begin(); err != nil {
			return err
		}
	}
	return p.write(ctx, s)
}

// echo writes back what it reads.
func (p *Party) echo(ctx context.Context, s Stream) error {
	if err := s.Begin(); err != nil {
		return err
	}
	for {
		data, err := p.readOne(ctx, s)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = p.writeOne(s, data)
		}
		if err != nil {
			return err
		}
	}
}
