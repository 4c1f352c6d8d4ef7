package play

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"sync"

	"golang.org/x/net/http2"

	"flowlab/flow"
	"flowlab/h2flow/peer"
	"flowlab/scenarios"
	"flowlab/tcpwin/endpoint"
)

// httpPeer is an application that speaks HTTP/2, with every decision a knob: the
// client at the producer, the server at the consumer.
type httpPeer struct {
	role scenarios.Role
	conn *peer.Conn

	mu      sync.Mutex
	side    scenarios.HTTP2    // the knobs in force
	rate    scenarios.ByteRate // of reading, where nothing else is said
	opens   map[string]scenarios.Open
	streams map[string][]*stream // by path, in the order in which they came
	tasks   sync.WaitGroup       // that write what a stream sends; each ends with its stream
}

// stream is one that this side opened or was sent.
type stream struct {
	*peer.Stream
	message scenarios.Bytes // of its own body
	asKnob  bool            // it is read as the knob says
}

func newHTTP2(role scenarios.Role, k *scenarios.Knobs, c conn, now func() flow.Time) (*httpPeer, error) {
	p := &httpPeer{
		role: role, side: *k.HTTP2(role), rate: k.ReadRate(role),
		opens: map[string]scenarios.Open{}, streams: map[string][]*stream{},
	}
	config := peer.Config{
		Settings: settings(&p.side, nil), ConnWindow: uint32(p.side.ConnectionWindow), Knobs: peerKnobs(&p.side),
		Break: ruleOf(p.side.Break), Below: func() flow.Limits { return c.Limits(now()) },
	}
	var err error
	if role == scenarios.Producer {
		p.conn, err = peer.New(flow.Client, c, config, nil)
	} else {
		p.conn, err = peer.New(flow.Server, c, config, p.serve)
	}
	if err != nil {
		return nil, err
	}
	p.conn.SetReadRate(byteRate(p.rate))
	if !p.side.ReadSocket {
		p.conn.StopReading()
	}
	return p, nil
}

// settings are what a side announces, or what of it has changed since before.
func settings(side, before *scenarios.HTTP2) (all []http2.Setting) {
	if before == nil {
		standard := scenarios.DefaultKnobs()
		before = &standard.Producer.HTTP2
	}
	if side.StreamWindow != before.StreamWindow {
		all = append(all, http2.Setting{ID: http2.SettingInitialWindowSize, Val: uint32(side.StreamWindow)})
	}
	if side.MaxStreams != before.MaxStreams {
		all = append(all, http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: uint32(min(side.MaxStreams, math.MaxUint32))})
	}
	return all
}

func peerKnobs(side *scenarios.HTTP2) peer.Knobs {
	return peer.Knobs{
		Credit: peer.Credit{
			Stream: side.CreditStream, Conn: side.CreditConnection,
			Bytes: int64(side.CreditBytes), Share: float64(side.CreditShare) / 100,
			MaxUpdate: limit(int64(side.MaxUpdate), scenarios.Unlimited), LeakReset: side.LeakResets,
		},
		Scheduler: side.Scheduler, Padding: int(side.Padding), DataSize: int(side.FrameSize), HoldAck: side.HoldSettings,
	}
}

// ruleOf is the rule of that name, none for scenarios.NoRule.
func ruleOf(name string) []peer.Rule {
	if rule, err := peer.ParseRule(name); err == nil {
		return []peer.Rule{rule}
	}
	return nil
}

func (p *httpPeer) run(ctx context.Context) error {
	err := p.conn.Run(ctx)
	p.tasks.Wait()
	if isProtocol(err) {
		return nil
	}
	return err
}

func (p *httpPeer) apply(k *scenarios.Knobs) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	before, side := p.side, k.HTTP2(p.role)
	p.side = *side
	if changed := settings(side, &before); len(changed) > 0 {
		if err := p.conn.ChangeSettings(changed...); err != nil {
			return err
		}
	}
	if side.Break != before.Break {
		for _, rule := range ruleOf(before.Break) {
			p.conn.Obey(rule)
		}
		for _, rule := range ruleOf(side.Break) {
			p.conn.Break(rule)
		}
	}
	if side.ReadSocket && !before.ReadSocket {
		p.conn.ResumeReading()
	} else if !side.ReadSocket && before.ReadSocket {
		p.conn.StopReading()
	}
	p.readAs(k.ReadRate(p.role))
	return p.conn.Set(func(knobs *peer.Knobs) { *knobs = peerKnobs(side) })
}

// readAs changes the rate of the streams of which nothing else is said.
func (p *httpPeer) readAs(rate scenarios.ByteRate) {
	if rate == p.rate {
		return
	}
	p.rate = rate
	p.conn.SetReadRate(byteRate(rate))
	for _, streams := range p.streams {
		for _, s := range streams {
			if s.asKnob {
				s.SetReadRate(byteRate(rate))
			}
		}
	}
}

func (p *httpPeer) account(flow.Time) account {
	windows, limits := p.conn.Account(), p.conn.Limits()
	return account{
		sent: endpoint.Sent{
			Written: windows.Send.Conn.Bytes,
			Blocked: limits[flow.ConnectionWindow] + limits[flow.StreamWindow] + limits[flow.StreamLimit],
		},
		read: windows.Read, limits: limits, windows: &windows,
	}
}

// do does this side's part of an action. The consumer is told of streams before they
// come, so that it knows what to answer.
func (p *httpPeer) do(a scenarios.Action) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if open, ok := a.(scenarios.Open); ok {
		p.opens[open.Path] = open
	}
	if a.By() != p.role {
		return nil
	}
	switch a := a.(type) {
	case scenarios.Open:
		return p.open(a)
	case scenarios.Read:
		return p.each(a.Path, func(s *stream) error {
			s.asKnob = false
			s.SetReadRate(byteRate(a.Rate))
			return nil
		})
	case scenarios.Send:
		return p.each(a.Path, func(s *stream) error {
			return s.Send(peer.Source{Bytes: int64(a.Bytes), Message: uint32(cmp.Or(a.Message, s.message))})
		})
	case scenarios.Reset:
		return p.each(a.Path, func(s *stream) error { return s.Reset(a.Code) })
	case scenarios.Credit:
		if a.Path == "" {
			return p.conn.WindowUpdate(0, uint32(a.Bytes))
		}
		return p.each(a.Path, func(s *stream) error { return p.conn.WindowUpdate(s.ID(), uint32(a.Bytes)) })
	case scenarios.GoAway:
		return p.conn.GoAway(p.last(a.Last), a.Code, "")
	}
	return nil
}

func (p *httpPeer) awaits(path string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, opened := p.opens[path]
	return opened && len(p.streams[path]) == 0
}

// each calls f with the streams of a path that are not closed, of which there must be
// one.
func (p *httpPeer) each(path string, f func(*stream) error) error {
	found := false
	for _, s := range p.streams[path] {
		select {
		case <-s.Done():
			continue
		default:
		}
		found = true
		if err := f(s); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	if !found {
		return noStream(path, p.role)
	}
	return nil
}

// last is the number of the last stream of a path, 0 if there is none.
func (p *httpPeer) last(path string) (id uint32) {
	for _, s := range p.streams[path] {
		id = max(id, s.ID())
	}
	return id
}
