package rsocket

import (
	"context"
	"errors"
	"fmt"
	"time"

	"flowlab/flow"
	"flowlab/peers/story"
)

// Options are what the stories may be given.
type Options struct {
	// Modules is a folder with the packages that js/package-lock.json pins; empty has npm
	// fetch them into the user's cache folder.
	Modules string
}

const (
	prefetch  = 64 // messages that are requested first
	batch     = 48 // that are requested once so many are processed
	rate      = 400
	messages  = 20000 // of a stream
	bytes     = 1024  // of a message
	unlimited = 1<<31 - 1
	pause     = 1500 * time.Millisecond
	patience  = 5 * time.Second // for what should take milliseconds
)

// Stories are those of RSocket.
func Stories(o Options) []*story.Story {
	return []*story.Story{{
		Name: "rsocket-request-n", Title: "RSocket: one client requests what it can process, another everything",
		Teaches: "request(n) crosses the network as REQUEST_N frames: the server sends as many messages as it was asked for, and no more.",
		Wire:    "REQUEST_N frames, and silence once their credit is used; TCP's window stays open. A client that requests 2^31-1 gets everything at once, and its backlog is seen nowhere on the wire.",
		Needs:   []story.Program{{Name: "node", Install: "apt-get install nodejs"}, {Name: "npm", Install: "apt-get install npm"}},
		Lasts:   9 * time.Second,
		Tell:    func(ctx context.Context, s *story.Stage) error { return tell(ctx, s, o) },
	}}
}

// scene is a server with a tee before it.
type scene struct {
	*story.Stage
	modules string
	port    uint16 // of the tee
	tee     *tee
	watched *story.Watched
}

func tell(ctx context.Context, s *story.Stage, o Options) error {
	sc, err := open(ctx, s, o)
	if err != nil {
		return err
	}
	if err := sc.requests(ctx); err != nil {
		return err
	}
	return sc.everything(ctx)
}

// open starts the server, and the tee before it.
func open(ctx context.Context, s *story.Stage, o Options) (*scene, error) {
	sc := &scene{Stage: s, modules: o.Modules}
	var err error
	if sc.modules == "" {
		if sc.modules, err = install(ctx, s); err != nil {
			return nil, err
		}
	}
	if err := write(s.Folder(), "server.js", "client.js"); err != nil {
		return nil, err
	}
	server, err := s.Port()
	if err != nil {
		return nil, err
	}
	process, _, err := program(s, sc.modules, "server.js", nil, int(server), messages, bytes)
	if err != nil {
		return nil, err
	}
	address := fmt.Sprintf("127.0.0.1:%d", server)
	if err := process.Listens(ctx, address); err != nil {
		return nil, err
	}
	if sc.port, err = s.Port(); err != nil {
		return nil, err
	}
	if sc.watched, err = s.Watch("RSocket client", sc.port); err != nil {
		return nil, err
	}
	if sc.tee, err = newTee(sc.port, address); err != nil {
		return nil, err
	}
	s.AtEnd(sc.tee.close)
	return sc, nil
}

// requests has a client that requests what it has room for.
func (s *scene) requests(ctx context.Context) error {
	s.Say("A client requests %d messages, and %d more each time that it has processed so many, %d a second.", prefetch, batch, rate)
	c, err := ask(s.Stage, s.modules, s.port, prefetch, batch)
	if err != nil {
		return err
	}
	if _, err := c.until(ctx, func(r report) bool { return r.Received > 0 }); err != nil {
		return err
	}
	c.setRate(rate)
	if err := story.Wait(ctx, pause); err != nil {
		return err
	}
	s.Say("It processes nothing for %v, and so requests nothing.", pause)
	c.setRate(0)
	if err := story.Wait(ctx, pause); err != nil {
		return err
	}
	given, payloads, _, _ := s.tee.account()
	s.Check(payloads == given, "A client that requests no more is sent what it has requested, and then nothing",
		"%d of %d messages", payloads, given)
	s.Say("It goes on.")
	c.setRate(rate)
	if err := story.Wait(ctx, pause); err != nil {
		return err
	}
	c.setRate(0)
	return s.settle(ctx, c)
}

// settle waits until all credit is used, and holds the frames to the account of the
// client.
func (s *scene) settle(ctx context.Context, c *client) error {
	waiting, stop := context.WithTimeout(ctx, patience)
	defer stop()
	var given, payloads, over int64
	var reading error
	r, err := c.until(waiting, func(r report) bool {
		given, payloads, over, reading = s.tee.account()
		return r.Received == r.Requested && given == r.Requested && payloads == r.Received
	})
	if err := errors.Join(ctx.Err(), reading); err != nil {
		return err
	}
	s.Check(err == nil && r.Processed > 2*prefetch, "The client processes more than it requested first",
		"%d processed of %d received and %d requested", r.Processed, r.Received, r.Requested)
	s.Check(given == r.Requested && payloads == r.Received, "The frames have the credit and the messages that the client counts",
		"credit %d and %d, messages %d and %d", given, r.Requested, payloads, r.Received)
	s.Check(over == 0, "No message is sent without credit", "%d of %d", over, payloads)
	_, most, err := c.now()
	if err != nil {
		return err
	}
	s.Check(most <= prefetch, "What waits in the client stays within what it requested first", "%d messages of %d", most, prefetch)
	s.Figure("credit of the requests", float64(given), "messages")
	s.Figure("messages for it", float64(payloads), "messages")
	if s.watched.Unseen == "" {
		zero := s.watched.ZeroWindow(flow.Client)
		s.Check(zero == 0, "TCP's window is never zero: the server is held above it", "%v", zero)
	}
	return c.end(ctx)
}

// everything has a client that requests all that there is.
func (s *scene) everything(ctx context.Context) error {
	s.Say("Another client is as slow, and requests 2^31-1 messages: the server has %d.", messages)
	c, err := ask(s.Stage, s.modules, s.port, unlimited, 0)
	if err != nil {
		return err
	}
	c.setRate(rate)
	waiting, stop := context.WithTimeout(ctx, 4*patience)
	defer stop()
	r, err := c.until(waiting, func(r report) bool { return r.Complete })
	if err != nil {
		return fmt.Errorf("wait for the end of the stream: %w", err)
	}
	_, payloads, over, reading := s.tee.account()
	if reading != nil {
		return reading
	}
	s.Say("All %d messages have come; %d wait in the client.", r.Received, r.Waiting)
	s.Check(r.Received == messages && payloads == messages && over == 0, "All messages are sent, and all of them with credit",
		"%d sent, %d received, %d without", payloads, r.Received, over)
	s.Check(r.Waiting > 10*prefetch, "What waits has no bound but the stream's end", "%d messages", r.Waiting)
	return c.end(ctx)
}
