package survey

import (
	"context"
	"errors"
	"runtime"
	"time"

	"flowlab/capture"
	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/tlsrec"
)

// Survey is what to analyse, and how. Set the fields, then call [Survey.Run].
type Survey struct {
	Files []string // "-" is standard input
	// Receive is called with each connection, in the order of their numbers:
	// those that began first come first. (Where more than ten thousand are over
	// and wait for one that is not, they come without waiting.)
	// Of the source only the time of the first packet, the files' names and the
	// interfaces may be read, as far as they are known by then; that of the
	// connection is among them.
	Receive func(*Source, *diagnose.View)

	// Match, if set, chooses packets, by how they begin and what they hold.
	Match func(link capture.LinkType, p *capture.Packet) bool
	// Keep, if set, chooses connections by their ends.
	Keep func(*flow.Tuple) bool
	// Keys are those of TLS, nil if it is not to be read. Those that the files carry
	// are added.
	Keys *tlsrec.Keys
	// Carried, if set, is given those that the files carry, and no others.
	Carried *tlsrec.Keys
	// Only, if set, chooses the frames with segments that [Survey.RunFrames] gives, by
	// all but HTTP and Double; others it does not give.
	Only func(*Frame) bool
	// MinStall is what is called a stall, 0 for [diagnose.MinStall].
	MinStall time.Duration
	// Within is the time, counted from the first packet, of which shares and
	// stalls are reported; all if its end is zero.
	Within Span

	// Ledgers, if set, is called with each of those who keep ledgers, before their first
	// segments: to be told more of connections, on as many goroutines.
	Ledgers func(*diagnose.Bulk)

	Workers int // goroutines that keep ledgers, 0 for as many as there are cores
	// Progress, if set, is called now and then, from another goroutine, with how
	// many bytes of how many were read; the total is 0 where it is not known.
	Progress func(read, total int64)
}

// Span is a time counted from the first packet.
type Span struct{ Start, End time.Duration }

// Source is what was read.
type Source struct {
	Files       []File // in the order of their first packets
	Interfaces  []Interface
	First, Last flow.Time
	Packets     int64
	Bytes       int64 // on the wire
	Dropped     int64 // by whoever captured, as the files say
	Skipped     Skipped
	Late        int64 // segments that came long after the end of their connection
	Connections int
	// Truncated: a file ended within a packet, as one does that is still being
	// written.
	Truncated bool
}

// File is one of the files that were read.
type File struct {
	Name       string
	FirstFrame int // the number of its first packet; numbers go on from file to file
	Packets    int
}

// Interface is a point at which packets were captured.
type Interface struct {
	capture.Interface
	File int // index into the source's files: the first in which it is
}

// Skipped counts the packets that gave no segment, or none that counts, by why.
type Skipped struct {
	diagnose.Skipped
	Unmatched int64 // not asked for
	Doubles   int64 // captured twice at one interface; see type doubles
}

// round is how many packets are dealt out at a time. It must not depend on the
// number of workers.
const round = 4096

// roundPayload is how many bytes of payload end a round before: so few that they are
// still in a processor's cache when they are read. Where payload is read of some packets
// only, the round ends after so many bytes of all, which stay in memory with it.
const (
	roundPayload = 512 << 10
	roundBytes   = 4 << 20
)

// Run analyses the files. It returns what was read also where it returns an
// error; the connections were then received up to the place of the error.
func (s *Survey) Run(ctx context.Context) (Source, error) {
	workers := s.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	d := newDealer(s, workers)
	for i := range workers {
		go d.work(i)
	}
	failed := make(chan error, 1)
	go func() {
		err := d.run(ctx)
		d.deal(true)
		failed <- err
	}()
	d.collect(s.Receive)
	err := <-failed
	if errors.Is(err, context.Canceled) {
		err = context.Cause(ctx)
	}
	return d.source, err
}
