// How a row is made of a connection.

package board

import (
	"time"

	"flowlab/diagnose"
	"flowlab/flow"
)

// settling is how long after its latest packet what that brought is settled.
const settling = 2 * time.Second

// looked is what there is to know of a row to have it later without its connection.
type looked struct {
	still bool // until a packet comes, only time passes
	sides [2]struct {
		lag   time.Duration // what is known of the sender ends so long before now
		under time.Duration // how long what holds it did when looked at last
		least time.Duration // what is called a stall
	}
}

// look makes r what there is of a connection now.
func (r *Row) look(a *diagnose.Analysis, c *diagnose.Connection, now flow.Time, l *looked) {
	r.End = c.End
	r.Protocol, r.Streams = ProtocolOf(c), 0
	isHTTP2 := r.Protocol == HTTP2
	closed := a.Closed(c)
	for i := range r.Sides {
		d := &c.Directions[i]
		b := d.Brief(now)
		if closed {
			b.Begun = false
		}
		_, shut := d.Account.ZeroWindow()
		r.Sides[i].set(&b, d.Account.Bytes, shut)
		n := &l.sides[i]
		n.lag, n.under, n.least = now.Sub(b.End), b.Length(), d.Stalls.Least()
		if isHTTP2 && !closed {
			r.Streams += len(c.StreamStalls(flow.Side(i), now))
		}
	}
	l.still = now.Sub(c.End) > settling && (closed || !isHTTP2)
	if r.State = Closed; !closed {
		r.State = r.StateAt(now)
	}
}

// pass has time pass up to now.
func (r *Row) pass(l *looked, now flow.Time) {
	if r.State == Closed {
		return
	}
	for i := range r.Sides {
		s, n := &r.Sides[i], &l.sides[i]
		if s.Since == 0 || s.Cause == flow.Application {
			continue
		}
		under := now.Add(-n.lag).Sub(s.Since)
		switch {
		case s.Held:
			s.Stalled += under - n.under
		case under >= n.least:
			s.Held = true
			s.Stalled += under
			s.Stalls++
		}
		n.under = under
		if s.Held {
			s.Longest = max(s.Longest, under)
		}
	}
	r.State = r.StateAt(now)
}

// set makes s what there is of a direction.
func (s *Side) set(b *diagnose.Brief, bytes int64, shut bool) {
	*s = Side{Bytes: bytes, Stalled: b.Stalled, Longest: b.Longest, Stalls: b.Count}
	if b.Begun {
		s.Cause, s.HeldBy, s.Since, s.Held = b.Cause, b.HeldBy, b.Start, b.Stall
		s.Shut = shut
	}
}

// ProtocolOf is what was read of a connection so far.
func ProtocolOf(c *diagnose.Connection) Protocol {
	switch isTLS, isHTTP2 := c.Protocol(); {
	case isHTTP2:
		return HTTP2
	case isTLS:
		return TLS
	}
	return TCP
}
