// The second reading: all there is of one connection.

package replay

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync/atomic"

	"flowlab/diagnose"
	"flowlab/diagnose/history"
	"flowlab/diagnose/survey"
	"flowlab/flow"
)

const (
	// step is that of the grid.
	step = history.Grid
	// pastBudget is how many bytes the past of the connection that is chosen may take.
	pastBudget = 256 << 20
)

// choice is the connection that is chosen.
type choice struct {
	track *track
	stop  context.CancelFunc
	done  chan struct{} // closed when its files were read, or no longer are
	past  atomic.Pointer[history.Past]
	whole atomic.Bool // all of it was read
	read  atomic.Int64
	total atomic.Int64
	err   error // of reading; to be read when done
}

// Choose says of which connection all there is is wanted, by its number; 0 for none. It is
// read in the background: see [Replay.Reading]. A choice before it is not read on.
func (r *Replay) Choose(number int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.chosen != nil {
		if r.chosen.track.number == number {
			return
		}
		r.chosen.stop()
		r.chosen = nil
	}
	i, known := slices.BinarySearchFunc(r.tracks, number, func(t *track, n int) int { return cmp.Compare(t.number, n) })
	if !known {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	c := &choice{track: r.tracks[i], stop: stop, done: make(chan struct{})}
	r.chosen = c
	go func() {
		defer close(c.done)
		defer stop()
		c.err = c.run(ctx, r.survey)
	}()
}

// Close ends what goes on in the background, and waits for it.
func (r *Replay) Close() {
	r.mu.Lock()
	c := r.chosen
	r.chosen = nil
	r.mu.Unlock()
	if c != nil {
		c.stop()
		<-c.done
	}
}

// Reading tells how many bytes of how many were read of the files for the connection that
// is chosen, and an error that ended it; done is true if no more will be, or none is chosen.
func (r *Replay) Reading() (read, total int64, done bool, err error) {
	r.mu.Lock()
	c := r.chosen
	r.mu.Unlock()
	if c == nil {
		return 0, 0, true, nil
	}
	select {
	case <-c.done:
		return c.read.Load(), c.total.Load(), true, c.err
	default:
		return c.read.Load(), c.total.Load(), false, nil
	}
}

// run reads the files up to the end of the connection.
func (c *choice) run(ctx context.Context, s survey.Survey) error {
	ends, keep := c.track.id, s.Keep
	s.Keep = func(t *flow.Tuple) bool {
		return (t.Src == ends.Client && t.Dst == ends.Server || t.Src == ends.Server && t.Dst == ends.Client) && (keep == nil || keep(t))
	}
	s.Workers = 1
	s.Progress = func(read, total int64) {
		c.read.Store(read)
		c.total.Store(total)
	}
	s.Receive = func(*survey.Source, *diagnose.View) {}
	s.Ledgers = func(b *diagnose.Bulk) { c.follow(ctx, b) }
	_, err := s.Run(ctx)
	if c.whole.Load() {
		return nil
	}
	return err
}

// follow records the past of the connection, until it is chosen no more: what was read by
// then and waits to be entered is not recorded.
func (c *choice) follow(ctx context.Context, b *diagnose.Bulk) {
	var mine *diagnose.Connection // while its ledgers are kept
	var past *history.Past
	b.Opened = func(n *diagnose.Connection) {
		if n.Number != c.track.frame {
			return
		}
		mine, n.Number = n, c.track.number
		past = history.New(n, pastBudget)
		c.past.Store(past)
	}
	b.Entering = func(n *diagnose.Connection, t flow.Time) {
		if n != mine || ctx.Err() != nil {
			return
		}
		past.Until(t, true)
	}
	b.Ending = func(n *diagnose.Connection, _ flow.Time) {
		if n != mine || ctx.Err() != nil {
			return
		}
		past.End()
		mine = nil
		c.whole.Store(true)
		c.stop()
	}
}

// readTo is up to when there is a past of the connection: later than all once it was read.
func (c *choice) readTo() flow.Time {
	switch past := c.pastSoFar(); {
	case past == nil:
		return 0
	case c.whole.Load():
		return math.MaxInt64
	default:
		return past.Span().End
	}
}

func (c *choice) pastSoFar() *history.Past {
	if c == nil {
		return nil
	}
	return c.past.Load()
}

// at is the connection as it stood at an instant; it is false where it had not begun, or
// was not read so far.
func (c *choice) at(t flow.Time, grid int64) (v *diagnose.View, coarse, ok bool) {
	past := c.pastSoFar()
	if past == nil || !c.track.begun(grid) {
		return nil, false, false
	}
	span := past.Span()
	if span.End == 0 || !c.whole.Load() && t > span.End {
		return nil, false, false
	}
	view, coarse := past.At(t, flow.Interval{Start: span.Start, End: max(span.End, span.Start+1)}, columns)
	return &view, coarse, true
}
