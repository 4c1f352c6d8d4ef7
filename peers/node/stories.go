package node

import (
	"context"
	"fmt"
	"time"

	"flowlab/flow"
	"flowlab/peers/story"
)

// Rates in bytes a second, and how long nothing is taken.
const (
	offered  = 64 << 20
	taken    = 24 << 20
	pause    = 2 * time.Second
	drain    = 1 << 30
	mebibyte = 1 << 20
)

var needs = []story.Program{{Name: "node", Install: "apt-get install nodejs"}}

// Stories are those of Node.js.
func Stories() []*story.Story {
	return []*story.Story{
		{
			Name: "node-pipe", Title: "A Node.js pipe from a fast socket to a slow writable",
			Teaches: "pipe() waits for 'drain': the slow end stops the reading of the socket, and TCP's window stops the producer.",
			Wire:    "The window closes once the buffers are full, and opens when the writable goes on. How much waits in which stream is not seen.",
			Needs:   needs, Lasts: 7 * time.Second, Tell: tellPipe,
		},
		{
			Name: "node-ignores-write", Title: "A Node.js program that ignores what write() returns",
			Teaches: "write() takes what it is given, also when it returns false: the backlog waits in the process's memory, and no one upstream feels it.",
			Wire:    "The window stays open, as the socket is read as fast as bytes come: to the wire this is a fast consumer, until the process ends.",
			Needs:   needs, Lasts: 5 * time.Second, Tell: tellIgnores,
		},
	}
}

func tellPipe(ctx context.Context, s *story.Stage) error {
	producer, node, watched, err := connect(ctx, s, "pipe")
	if err != nil {
		return err
	}
	sum := node.now().sum()
	s.Say("A producer offers %d MiB/s to a pipe whose end takes %d MiB/s. All buffers together have %d KiB.", offered/mebibyte, taken/mebibyte, sum>>10)
	node.setRate(taken)
	if err := story.Wait(ctx, 2*time.Second); err != nil {
		return err
	}
	zero := watched.ZeroWindow(flow.Server)
	s.Say("The end takes nothing for %v.", pause)
	node.setRate(0)
	if err := story.Wait(ctx, pause); err != nil {
		return err
	}
	held := producer.Account()
	between := held.Written - node.now().Written
	s.Figure("between producer and writable", float64(between), "bytes")
	s.Figure("buffers", float64(sum), "bytes")
	s.Check(between <= sum, "What the producer has written and the end has not taken fits into the buffers",
		"%d KiB of %d KiB", between>>10, sum>>10)
	s.Check(held.Writing > pause/2, "The producer is blocked in a write while nothing is taken", "for %.1f s", held.Writing.Seconds())
	checkSent(s, watched, node.now())
	s.Say("The end goes on.")
	node.setRate(taken)
	if err := story.Wait(ctx, 2*time.Second); err != nil {
		return err
	}
	checkZero(s, watched, watched.ZeroWindow(flow.Server)-zero)
	return finish(ctx, s, producer, node)
}

// checkSent checks that what the packets have brought, and the end has not taken, fits into
// the buffers on node's side of the connection.
func checkSent(s *story.Stage, watched *story.Watched, r report) {
	if watched.Unseen != "" {
		return
	}
	waiting := watched.Sent(flow.Client, func(flow.Conn) bool { return true }) - r.Written
	s.Figure("sent and not taken", float64(waiting), "bytes")
	s.Check(waiting > 0 && waiting <= r.receiving(), "The window closes before more is sent than node's buffers hold",
		"%d KiB of %d KiB", waiting>>10, r.receiving()>>10)
}

// checkZero checks that the window was shut while nothing was taken.
func checkZero(s *story.Stage, watched *story.Watched, zero time.Duration) {
	if watched.Unseen != "" {
		return
	}
	s.Figure("zero-window time", zero.Seconds(), "s")
	s.Check(zero > pause/2, "The window is zero while nothing is taken", "for %.1f s of %v", zero.Seconds(), pause)
}

// finish has all that was written taken, and checks that it was, in little memory.
func finish(ctx context.Context, s *story.Stage, producer *producer, node *program) error {
	if err := producer.end(); err != nil {
		return err
	}
	node.setRate(drain)
	if err := node.Wait(ctx); err != nil {
		return err
	}
	if err := node.problem(); err != nil {
		return err
	}
	all, r := producer.Account().Written, node.now()
	s.Say("The producer is at its end; node has %s.", r.Ended)
	s.Check(r.Written == all, "Every byte arrives", "%d of %d", r.Written, all)
	s.Check(node.grown() < limit/2, "The memory of the process stays flat",
		"grew by %d MiB with %d MiB of data", node.grown()/mebibyte, all/mebibyte)
	return nil
}

func tellIgnores(ctx context.Context, s *story.Stage) error {
	producer, node, watched, err := connect(ctx, s, "ignore")
	if err != nil {
		return err
	}
	s.Say("A producer offers %d MiB/s, the end takes %d MiB/s, and nobody looks at what write() returns.", offered/mebibyte, taken/mebibyte)
	begun := time.Now()
	node.setRate(taken)
	if err := story.Wait(ctx, 1500*time.Millisecond); err != nil {
		return err
	}
	s.Say("The end takes nothing any more; %d MiB wait in the process.", node.now().Writable/mebibyte)
	node.setRate(0)
	if err := node.Wait(ctx); err != nil {
		return err
	}
	if err := node.problem(); err != nil {
		return err
	}
	lasted, r := time.Since(begun), node.now()
	s.Say("node has ended by itself after %.1f s: %s of %d MiB.", lasted.Seconds(), r.Ended, limit/mebibyte)
	if r.Ended != "limit" {
		return fmt.Errorf("node has ended by %q: want its limit", r.Ended)
	}
	if err := producer.end(); err == nil {
		s.Say("What the producer wrote last is lost.")
	}
	s.Check(r.Writable > limit, "The backlog grows until the process stops itself", "%d MiB", r.Writable/mebibyte)
	s.Check(node.grown() > limit*3/4, "The memory of the process grows with the backlog",
		"by %d MiB with %d MiB waiting", node.grown()/mebibyte, r.Writable/mebibyte)
	if watched.Unseen == "" {
		zero := watched.ZeroWindow(flow.Server)
		s.Figure("zero-window time", zero.Seconds(), "s")
		s.Check(zero < lasted/4, "The window stays open meanwhile", "zero for %.2f s of %.1f s", zero.Seconds(), lasted.Seconds())
	}
	return nil
}
