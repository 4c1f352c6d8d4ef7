package solo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"flowlab/scenarios"
	"flowlab/sockets"
	"flowlab/tcpwin/endpoint"
)

// Part is one end of a scenario.
type Part struct {
	Role   scenarios.Role
	Knobs  scenarios.Knobs  // at the start
	Script []scenarios.Step // in order of time
	// End is when a producer closes, 0 for when all is sent. A consumer reads what
	// is left then, as fast as it can.
	End time.Duration
	// Said, if set, is told of each step when its time comes.
	Said func(at time.Duration, text string)
	// Second, if set, is told once a second how things stand.
	Second func(*Account)
}

// Account is what one end did, and what its kernel says of it.
type Account struct {
	Role          scenarios.Role
	Local, Remote net.Addr
	Start         time.Time
	Length        time.Duration
	Bytes         int64         // written, or read
	Rate          float64       // bytes a second, lately
	Blocked       time.Duration // of a producer: in writes that waited for room
	Kernel        *sockets.Info // nil where the system does not say
}

// Play plays the part on a connection, which it closes. It returns when the other
// end has closed too, when all is sent, or when ctx is done. The error is that of
// the connection; the account holds up to there.
func (p *Part) Play(ctx context.Context, conn *net.TCPConn) (Account, error) {
	e := p.on(conn)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if p.End > 0 && p.Role == scenarios.Producer {
		ctx, stop = context.WithTimeout(ctx, p.End)
		defer stop()
	}
	done := make(chan error, 1)
	go func() { done <- e.run(ctx) }()
	err := p.follow(ctx, e, done)
	e.look()
	return e.account, errors.Join(err, conn.Close())
}

// follow turns the knobs when the script says so, and looks once a second, until
// the end is done.
func (p *Part) follow(ctx context.Context, e *end, done <-chan error) error {
	steps := p.Script
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	var over <-chan time.Time
	if p.End > 0 && p.Role == scenarios.Consumer {
		over = time.After(p.End)
	}
	for {
		var due <-chan time.Time
		if len(steps) > 0 {
			due = time.After(time.Until(e.account.Start.Add(steps[0].At)))
		}
		select {
		case err := <-done:
			return err
		case <-due:
			if err := p.step(e, steps[0]); err != nil {
				return err
			}
			steps = steps[1:]
		case <-over:
			p.Knobs.Consumer.ReadRate = scenarios.Unlimited
			e.apply(&p.Knobs)
		case <-tick.C:
			e.look()
			if p.Second != nil {
				p.Second(&e.account)
			}
		}
	}
}

// step does what concerns this end.
func (p *Part) step(e *end, s scenarios.Step) error {
	var did []string
	for _, set := range s.Set {
		if !p.concerns(set.Knob) {
			continue
		}
		if err := p.Knobs.Turn(set.Knob, set.Value); err != nil {
			return fmt.Errorf("script at %v: %w", s.At, err)
		}
		did = append(did, set.Knob+" = "+p.Knobs.Get(set.Knob))
	}
	e.apply(&p.Knobs)
	if s.Say != "" {
		did = append([]string{s.Say}, did...)
	}
	if p.Said != nil && len(did) > 0 {
		p.Said(s.At, strings.Join(did, "; "))
	}
	return nil
}

// concerns tells whether a knob is one of this end.
func (p *Part) concerns(knob string) bool { return strings.HasPrefix(knob, string(p.Role)+".") }

// Foreign lists what of a scenario one end alone cannot do: the knobs of the
// network and of the other end that it sets, and drop rules.
func Foreign(s *scenarios.Scenario, role scenarios.Role) []string {
	p := Part{Role: role}
	var list []string
	add := func(what string) {
		for _, known := range list {
			if known == what {
				return
			}
		}
		list = append(list, what)
	}
	defaults := scenarios.DefaultKnobs()
	for _, knob := range scenarios.AllKnobs() {
		if !p.concerns(knob.Name) && s.Knobs.Get(knob.Name) != defaults.Get(knob.Name) {
			add(knob.Name)
		}
	}
	for _, step := range s.Script {
		for _, set := range step.Set {
			if !p.concerns(set.Knob) {
				add(set.Knob)
			}
		}
		if step.Drop != nil {
			add("drop rules")
		}
	}
	return list
}

// end is the application at this end.
type end struct {
	account  Account
	conn     *net.TCPConn
	sender   *endpoint.Sender   // nil at a consumer
	receiver *endpoint.Receiver // nil at a producer
	before   int64              // bytes, when it was looked at last
	at       time.Time
}

// on puts the application on a connection.
func (p *Part) on(conn *net.TCPConn) *end {
	now := time.Now()
	e := &end{conn: conn, at: now, account: Account{
		Role: p.Role, Local: conn.LocalAddr(), Remote: conn.RemoteAddr(), Start: now,
	}}
	k := &p.Knobs
	if p.Role == scenarios.Producer {
		e.sender = endpoint.NewSender(conn, byteRate(k.Producer.Rate), int(k.Producer.Chunk), int64(k.Producer.Total))
	} else {
		e.receiver = endpoint.NewReceiver(conn, byteRate(k.Consumer.ReadRate), int(k.Consumer.Chunk))
	}
	e.apply(k)
	return e
}

func (e *end) run(ctx context.Context) error {
	if e.sender != nil {
		return e.sender.Run(ctx)
	}
	return e.receiver.Run(ctx)
}

// apply makes the knobs' values hold.
func (e *end) apply(k *scenarios.Knobs) {
	if e.sender != nil {
		e.sender.SetRate(byteRate(k.Producer.Rate))
		e.sender.SetChunk(int(k.Producer.Chunk))
		// A connection that is broken says so to who writes.
		_ = e.conn.SetNoDelay(!k.Producer.Nagle)
		return
	}
	e.receiver.SetRate(byteRate(k.Consumer.ReadRate))
	e.receiver.SetChunk(int(k.Consumer.Chunk))
}

// look brings the account up to date.
func (e *end) look() {
	a := &e.account
	now := time.Now()
	a.Length = now.Sub(a.Start)
	if e.sender != nil {
		sent := e.sender.Account()
		a.Bytes, a.Blocked = sent.Written, sent.Blocked
	} else {
		a.Bytes = e.receiver.Read()
	}
	if since := now.Sub(e.at); since > 100*time.Millisecond {
		a.Rate = float64(a.Bytes-e.before) / since.Seconds()
		e.before, e.at = a.Bytes, now
	}
	if info, err := sockets.Of(e.conn); err == nil {
		a.Kernel = &info
	}
}

func byteRate(r scenarios.ByteRate) float64 {
	if r == scenarios.Unlimited {
		return endpoint.Unlimited
	}
	return float64(r)
}
