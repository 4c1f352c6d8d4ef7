package diagnose

import (
	"time"

	"flowlab/flow"
)

// standing estimates how many bytes wait unread in the receiver's buffer, from
// the windows that it advertises: what the largest window offered and this one
// does not, without what the same ACK acknowledges, for those bytes have only
// just come and the application had no time to read them. The least of these
// over the last one to two periods is what stands there whatever the
// application does: the mark of a reader that is slower than the sender, where
// a window that is merely small for its path leaves nothing.
type standing struct {
	largest  int // the largest window advertised
	now, was int // the least in this period and in the one before
	period   flow.Interval
	any      bool
}

func (s *standing) observe(t flow.Time, window, acked int, period time.Duration) {
	s.largest = max(s.largest, window)
	bytes := max(0, s.largest-window-acked)
	switch {
	case !s.any || t >= s.period.End.Add(period):
		s.any, s.now, s.was = true, bytes, bytes
		s.period = flow.Interval{Start: t, End: t.Add(period)}
	case t >= s.period.End:
		s.now, s.was = bytes, s.now
		s.period = flow.Interval{Start: t, End: t.Add(period)}
	default:
		s.now = min(s.now, bytes)
	}
}

// unread is the estimate, in bytes.
func (s *standing) unread() int { return min(s.now, s.was) }
