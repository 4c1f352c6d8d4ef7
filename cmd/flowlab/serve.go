package main

import (
	"context"
	"errors"
	"net"
	"sync"

	"github.com/spf13/cobra"

	"flowlab/report/metrics"
	"flowlab/scenarios"
	"flowlab/scenarios/solo"
)

// mostServed is how many connections are served at a time; others wait.
const mostServed = 1000

// serving is what the flags of serve say.
type serving struct {
	single
	listen  string
	count   int
	metrics exposing
	exposed *metrics.Serve
}

func newServe() *cobra.Command {
	s := &serving{single: single{role: scenarios.Consumer}}
	verb := &cobra.Command{
		Use:   "serve",
		Short: "Be the consumer on a real socket: read what flowlab send writes",
		Long: `Be the consumer on a real socket: read what flowlab send writes, at a rate, in
pieces, from a window that you choose, or as a scenario's script says. Everything
that is read is thrown away, and nothing is sent.

It listens on this machine only (127.0.0.1:7007) unless --listen names an address.
Each connection is served on its own, at most 1,000 at a time; when one is over,
what was read is said. Ctrl-C ends it.`,
		Example: `  flowlab serve
  flowlab serve --listen 192.0.2.2:7007 --read-rate 1MB/s
  flowlab serve --listen 0.0.0.0:7007 --script reader-stops
  flowlab serve --count 1 --json`,
		Args: none,
		RunE: func(verb *cobra.Command, _ []string) error { return s.run(verb.Context()) },
	}
	flags := verb.Flags()
	flags.SortFlags = false
	flags.StringVar(&s.listen, "listen", "127.0.0.1:"+usualPort, "the `ADDRESS:PORT` to listen on")
	s.knob(verb, "read-rate", "consumer.read-rate", "what to read, if there is data: a `RATE` such as 1MB/s, 0 for nothing")
	s.knob(verb, "chunk", "consumer.chunk", "the most `BYTES` of one read, such as 64KiB")
	s.knob(verb, "window", "consumer.window", "the largest window to advertise, `BYTES` such as 128KiB (Linux)")
	flags.IntVar(&s.count, "count", 0, "end after so many `CONNECTIONS`")
	s.flags(verb)
	s.metrics.flag(verb)
	return verb
}

// run serves until it is told to stop.
func (s *serving) run(ctx context.Context) error {
	part, err := s.part()
	if err != nil {
		return err
	}
	if s.given("count") && s.count <= 0 {
		return mistake("write a number, such as 1, or leave it out for no end", "--count %d: no number of connections", s.count)
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	if s.duration > 0 {
		ctx, stop = context.WithTimeout(ctx, s.duration)
		defer stop()
	}
	s.exposed = metrics.NewServe()
	unexpose, err := s.metrics.open(s.exposed)
	if err != nil {
		return err
	}
	defer unexpose()
	config := net.ListenConfig{Control: part.Control}
	config.SetMultipathTCP(false) // whose sockets do not tell what TCP's do
	l, err := config.Listen(ctx, "tcp", s.listen)
	if err != nil {
		return unconnected(err)
	}
	s.say("listening on %v", l.Addr())
	defer context.AfterFunc(ctx, func() { _ = l.Close() })()
	defer l.Close()
	var wg sync.WaitGroup
	defer wg.Wait()
	room := make(chan struct{}, mostServed)
	for served := 0; s.count == 0 || served < s.count; served++ {
		room <- struct{}{}
		conn, err := l.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		wg.Go(func() {
			own := *part // each connection plays it from the start
			if err := s.one(ctx, &own, conn.(*net.TCPConn)); err != nil {
				stop() // nobody reads what is said
			}
			<-room
		})
	}
	return nil
}

// one serves a connection. That it broke is said, and is no failure of serve.
func (s *serving) one(ctx context.Context, part *solo.Part, conn *net.TCPConn) error {
	s.tell(part)
	served := s.exposed.Begin()
	defer served.End()
	said := part.Second
	part.Second = func(a *solo.Account) {
		served.Enter(a)
		said(a)
	}
	s.say("%v connected", conn.RemoteAddr())
	account, err := part.Play(ctx, conn)
	served.Enter(&account)
	if err != nil && !errors.Is(err, context.Canceled) {
		s.say("%v: %v", account.Remote, err)
	}
	return s.account(&account, err)
}
