package main

import (
	"context"
	"net"

	"github.com/spf13/cobra"

	"flowlab/scenarios"
)

func newSend() *cobra.Command {
	s := &single{role: scenarios.Producer}
	verb := &cobra.Command{
		Use:   "send HOST[:PORT]",
		Short: "Be the producer on a real socket: write to flowlab serve",
		Long: `Be the producer on a real socket: write to flowlab serve, or to anything else that
reads, at a rate and in pieces that you choose, or as a scenario's script says. Once
a second it says how much was written, and how long its writes had to wait for room.
At the end it says what held it, by its kernel's own count (Linux).

It ends when --total is sent, after --duration, at the end of the script, or by
Ctrl-C. The exit code is 0 if the connection did not break.`,
		Example: `  flowlab send 127.0.0.1 --duration 10s
  flowlab send 192.0.2.2:7007 --rate 2MB/s --chunk 64KiB
  flowlab send 192.0.2.2 --total 100MB --congestion bbr
  flowlab send 192.0.2.2 --script quiet-producer --json`,
		Args: address,
		RunE: func(verb *cobra.Command, args []string) error { return s.send(verb.Context(), args[0]) },
	}
	flags := verb.Flags()
	flags.SortFlags = false
	s.knob(verb, "rate", "producer.rate", "what to write, if it is let: a `RATE` such as 2MB/s, 0 for nothing")
	s.knob(verb, "chunk", "producer.chunk", "`BYTES` of one write, such as 16KiB")
	s.knob(verb, "total", "producer.total", "`BYTES` after which to close")
	s.knob(verb, "nagle", "producer.nagle", "`true` to hold short segments back while data is unacknowledged")
	s.knob(verb, "congestion", "producer.congestion", "the `NAME` of a congestion control, such as cubic or bbr (Linux)")
	s.flags(verb)
	return verb
}

// address takes the address of the other end.
func address(_ *cobra.Command, args []string) error {
	switch len(args) {
	case 0:
		return mistake("such as flowlab send 127.0.0.1, where flowlab serve listens", "flowlab send needs the address to send to")
	case 1:
		return nil
	}
	return mistake("see flowlab send --help", "flowlab send takes one address, and got %q too", args[1])
}

// send writes until it is told to stop.
func (s *single) send(ctx context.Context, to string) error {
	part, err := s.part()
	if err != nil {
		return err
	}
	if s.duration > 0 {
		part.End = s.duration
	}
	if _, _, err := net.SplitHostPort(to); err != nil {
		to = net.JoinHostPort(to, usualPort)
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	dialer := net.Dialer{Control: part.Control}
	dialer.SetMultipathTCP(false) // whose sockets do not tell what TCP's do
	conn, err := dialer.DialContext(ctx, "tcp", to)
	if err != nil {
		return unconnected(err)
	}
	s.tell(part)
	s.say("connected: %v → %v", conn.LocalAddr(), conn.RemoteAddr())
	account, err := part.Play(ctx, conn.(*net.TCPConn))
	if writing := s.account(&account, err); writing != nil {
		return writing
	}
	return unconnected(err)
}
