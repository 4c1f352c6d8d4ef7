// All there is of one connection, for who waits for it.

package board

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"flowlab/diagnose"
	"flowlab/flow"
)

// asked is a connection that somebody wants to see.
type asked struct {
	number int
	answer chan<- *diagnose.View // nil if it is not there
}

// ErrGone says that the analysis has let go of a connection.
var ErrGone = errors.New("the connection is over, and is no longer kept")

// View returns a connection as the next look finds it, with all its stalls and without its
// history. The error is [ErrGone], or that of ctx: no look comes once the source has ended.
func (l *Live) View(ctx context.Context, number int) (*diagnose.View, error) {
	answer := make(chan *diagnose.View, 1)
	select {
	case l.asked <- asked{number, answer}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case v := <-answer:
		if v == nil {
			return nil, ErrGone
		}
		return v, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// reply answers who has asked.
func (l *Live) reply(a *diagnose.Analysis, now flow.Time) {
	for {
		select {
		case q := <-l.asked:
			list := a.Connections()
			at, ok := slices.BinarySearchFunc(list, q.number, func(c *diagnose.Connection, n int) int { return cmp.Compare(c.Number, n) })
			if !ok {
				q.answer <- nil
				continue
			}
			v := list[at].View(now, flow.Interval{}, 0)
			q.answer <- &v
		default:
			return
		}
	}
}
