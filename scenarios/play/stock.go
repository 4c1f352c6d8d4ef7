package play

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	"flowlab/flow"
	"flowlab/peers"
	"flowlab/scenarios"
	"flowlab/tcpwin/endpoint"
)

// stock is an application on a stock library: a client at the producer, a server at the
// consumer. The library's windows are its own business. What is known is what its
// application wrote and read, and for how long the library kept it waiting.
type stock struct {
	role    scenarios.Role
	conn    conn
	client  stockClient    // of a producer
	answers *peers.Answers // of a consumer
	close   func()

	mu    sync.Mutex
	rate  scenarios.ByteRate // of reading, where nothing else is said
	calls map[string][]call  // that a producer opened, by path
	reads map[string]bool    // of a consumer: the paths that are read as the knob says
}

// stockClient is the client of a library.
type stockClient interface {
	Open(peers.Call) *peers.Party
	Total() peers.Total
	Close()
}

// call is one that this side opened.
type call struct {
	*peers.Party
	asKnob bool // its answer is read as the knob says
}

// newStock puts a library on an end of the connection.
func newStock(role scenarios.Role, k *scenarios.Knobs, c conn) (*stock, error) {
	s := &stock{role: role, conn: c, rate: k.ReadRate(role), calls: map[string][]call{}, reads: map[string]bool{}}
	if role == scenarios.Consumer {
		s.answers = new(peers.Answers)
		s.close = stockServer(k, &single{conn: c, closed: make(chan struct{})}, s.answers)
		return s, nil
	}
	var err error
	if s.client, err = newStockClient(k, &single{conn: c}); err != nil {
		return nil, err
	}
	s.close = s.client.Close
	return s, nil
}

// run waits until ctx is done. Whatever the library waits for then, it waits in vain.
func (s *stock) run(ctx context.Context) error {
	<-ctx.Done()
	s.conn.Close()
	s.close()
	return nil
}

func (s *stock) apply(k *scenarios.Knobs) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	rate := k.ReadRate(s.role)
	if rate == s.rate {
		return nil
	}
	s.rate = rate
	for path, asKnob := range s.reads {
		if asKnob {
			s.answers.SetReadRate(path, byteRate(rate))
		}
	}
	for _, calls := range s.calls {
		for _, c := range calls {
			if c.asKnob {
				c.SetReadRate(byteRate(rate))
			}
		}
	}
	return nil
}

// do does this side's part of an action.
func (s *stock) do(a scenarios.Action) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o, ok := a.(scenarios.Open); ok {
		s.open(o)
		return nil
	}
	if a.By() != s.role {
		return nil
	}
	switch a := a.(type) {
	case scenarios.Read:
		return s.each(a.Path, func(p *peers.Party) error {
			s.ownRate(p)
			p.SetReadRate(byteRate(a.Rate))
			return nil
		})
	case scenarios.Send:
		return s.each(a.Path, func(p *peers.Party) error { return p.Send(int64(a.Bytes)) })
	case scenarios.Reset:
		return s.each(a.Path, func(p *peers.Party) error {
			p.Cancel()
			return nil
		})
	}
	return nil
}

func (s *stock) awaits(path string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, opened := s.reads[path]
	return opened && len(s.answers.Parties(path)) == 0
}

// open opens calls, or notes what to answer them.
func (s *stock) open(o scenarios.Open) {
	if s.role == scenarios.Consumer {
		s.reads[o.Path] = o.Answer.Reads == scenarios.AsKnob
		s.answers.Set(o.Path, peers.Answer{
			When: moments[o.Answer.When], Content: content(&o.Answer.Body), Echo: o.Answer.Echo,
			ReadRate: s.readRate(o.Answer.Reads),
		})
		return
	}
	for range o.Count {
		p := s.client.Open(peers.Call{
			Path: o.Path, Content: content(&o.Request), Ends: o.Request.Ends, ReadRate: s.readRate(o.Reads),
		})
		s.calls[o.Path] = append(s.calls[o.Path], call{p, o.Reads == scenarios.AsKnob})
	}
}

var moments = map[scenarios.Moment]peers.When{
	scenarios.AtEnd: peers.AtEnd, scenarios.AtOnce: peers.AtOnce, scenarios.Never: peers.Never,
}

func (s *stock) readRate(r scenarios.ByteRate) float64 {
	if r == scenarios.AsKnob {
		r = s.rate
	}
	return byteRate(r)
}

// content is a body without gRPC's prefixes, which the library adds.
func content(b *scenarios.Body) peers.Content {
	c := peers.Content{Bytes: int64(b.Sends), Message: int(b.Message), Rate: byteRate(b.Rate)}
	switch {
	case b.Sends == scenarios.Unlimited:
		c.Bytes = peers.Endless
	case b.Message > 0:
		whole := int64(b.Message) + grpcPrefix
		c.Bytes = c.Bytes/whole*int64(b.Message) + max(0, c.Bytes%whole-grpcPrefix)
	}
	if b.Message > 0 && b.Rate != scenarios.Unlimited {
		c.Rate *= float64(b.Message) / float64(b.Message+grpcPrefix)
	}
	return c
}

// each calls f with the parties of a path that are not over, of which there must be one.
func (s *stock) each(path string, f func(*peers.Party) error) error {
	var list []*peers.Party
	if s.role == scenarios.Consumer {
		list = s.answers.Parties(path)
	}
	for _, c := range s.calls[path] {
		list = append(list, c.Party)
	}
	found := false
	for _, p := range list {
		select {
		case <-p.Done():
			continue
		default:
		}
		found = true
		if err := f(p); err != nil {
			return err
		}
	}
	if !found {
		return noStream(path, s.role)
	}
	return nil
}

// ownRate notes that a party's rate is not the knob's any more.
func (s *stock) ownRate(p *peers.Party) {
	s.reads[p.Path()] = false
	for i := range s.calls[p.Path()] {
		s.calls[p.Path()][i].asKnob = false
	}
}

// account tells what TCP says of itself, and of the time for which TCP had nothing to
// send how long the library kept the application waiting: what for, only the library
// knows.
func (s *stock) account(now flow.Time) account {
	var total peers.Total
	if s.role == scenarios.Consumer {
		total = s.answers.Total()
	} else {
		total = s.client.Total()
	}
	return account{
		sent:   endpoint.Sent{Written: total.Written, Blocked: total.Waited, Writing: total.Waiting},
		read:   total.Read,
		limits: hidden(s.conn.Limits(now), total),
	}
}

// hidden are TCP's limits, with the time as unknown for which the application waited and
// TCP did not.
func hidden(below flow.Limits, t peers.Total) flow.Limits {
	held := t.Waited - (below.Total() - below[flow.Application] - below[flow.Handshake])
	held = min(max(held, 0), below[flow.Application])
	below[flow.Application] -= held
	below[flow.Unknown] += held
	return below
}

// single is the one connection of the lab, for a library that wants a listener or a
// dialer.
type single struct {
	conn   conn
	closed chan struct{} // of a listener

	mu    sync.Mutex
	taken bool
	once  sync.Once
}

var errOneConnection = errors.New("the lab has one connection")

func (l *single) take() (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.taken {
		return nil, errOneConnection
	}
	l.taken = true
	return l.conn, nil
}

func (l *single) dial(context.Context) (net.Conn, error) { return l.take() }

// Accept gives the connection, and then waits until the listener is closed.
func (l *single) Accept() (net.Conn, error) {
	if c, err := l.take(); err == nil {
		return c, nil
	}
	<-l.closed
	return nil, net.ErrClosed
}

func (l *single) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *single) Addr() net.Addr { return l.conn.LocalAddr() }

// noStream is the error of a step that is about streams which are not open.
func noStream(path string, role scenarios.Role) error {
	return fmt.Errorf("no stream %s is open at the %s", path, role)
}
