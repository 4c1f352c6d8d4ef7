// How a row is made of a connection.

package board

import (
	"flowlab/diagnose"
	"flowlab/flow"
)

// look makes r what there is of a connection now. It tells whether that is another thing
// a little later, also if no packets come.
func (r *Row) look(a *diagnose.Analysis, c *diagnose.Connection, now flow.Time) (passes bool) {
	r.End = c.End
	isTLS, isHTTP2 := c.Protocol()
	r.Protocol, r.Streams = protocol(isTLS, isHTTP2), 0
	closed := a.Closed(c)
	for i := range r.Sides {
		d := &c.Directions[i]
		b := d.Brief(now)
		if closed {
			b.Begun = false
		}
		r.Sides[i].set(&b, d.Account.Bytes)
		passes = passes || b.Begun && b.Cause != flow.Application
		if isHTTP2 && !closed {
			r.Streams += len(c.StreamStalls(flow.Side(i), now))
		}
	}
	if r.State = Closed; !closed {
		r.State = r.StateAt(now)
	}
	// What was heard last of a closed one is settled a little later.
	return passes || closed || r.State == Flowing || r.Streams > 0
}

// set makes s what there is of a direction.
func (s *Side) set(b *diagnose.Brief, bytes int64) {
	*s = Side{Bytes: bytes, Stalled: b.Stalled, Longest: b.Longest, Stalls: b.Count}
	if b.Begun {
		s.Cause, s.HeldBy, s.Since, s.Held = b.Cause, b.HeldBy, b.Start, b.Stall
	}
}

func protocol(isTLS, isHTTP2 bool) Protocol {
	switch {
	case isHTTP2:
		return HTTP2
	case isTLS:
		return TLS
	}
	return TCP
}
