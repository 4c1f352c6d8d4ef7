package diagnose

import (
	"cmp"
	"maps"
	"slices"

	"flowlab/flow"
	"flowlab/h2flow"
	"flowlab/tlsrec"
)

// StreamStall is a stall of one direction of an HTTP/2 stream: its own window has no
// room. The other streams of the connection may go on meanwhile.
type StreamStall struct {
	Stall
	Stream uint32
	Path   string // empty if it is not known
	Unread int64  // bytes of DATA that the receiver gave no credit for
}

// StreamStalls returns the streams of a sender that their own windows hold at now, in
// the order of their numbers. While the connection's window is shut there is none: that
// one holds all of them.
func (c *Connection) StreamStalls(from flow.Side, now flow.Time) (list []StreamStall) {
	if c.application == nil || c.application.http == nil {
		return nil
	}
	x := c.application.http
	if cr := &x.credits[from]; cr.latest.shut || cr.latest.held == 0 {
		return nil
	}
	now = now.Add(-c.Directions[from].shift)
	for s := range c.application.h2.Ledger.Streams {
		own := x.streams[s.ID]
		if own == nil || !own.halves[from].held {
			continue
		}
		if stall := x.stall(c, s, from, now); stall.Length() >= c.Directions[from].Stalls.least {
			list = append(list, stall)
		}
	}
	slices.SortFunc(list, func(a, b StreamStall) int { return cmp.Compare(a.Stream, b.Stream) })
	return list
}

// Holders are who has the credit of a sender's connection window that is shut.
func (c *Connection) Holders(from flow.Side) (Holdings, bool) {
	if c.application == nil || c.application.http == nil || !c.application.http.holders[from].shut {
		return Holdings{}, false
	}
	return c.application.http.holders[from].now, true
}

// stall is the stall of a stream up to a time, both by the sender's clock.
func (x *http) stall(c *Connection, s *h2flow.Stream, from flow.Side, until flow.Time) StreamStall {
	h, d := &x.streams[s.ID].halves[from], &c.Directions[from]
	held := flow.Interval{Start: h.began.Add(-d.shift), End: until}
	by := h.by
	if by == flow.Nobody {
		by = x.credits[from].heldBy(flow.StreamWindow, held.Length(), d.holder.rtt)
	}
	return StreamStall{
		Stall:  Stall{Interval: held, Cause: flow.StreamWindow, HeldBy: by},
		Stream: s.ID, Path: s.Path, Unread: s.Halves[from].Unreturned(),
	}
}

// released tells of a stream that its window has held until t, if it did for long
// enough.
func (x *http) released(c *Connection, s *h2flow.Stream, from flow.Side, t flow.Time) {
	if c.streamOver == nil || x.streams[s.ID] == nil {
		return
	}
	if stall := x.stall(c, s, from, t.Add(-c.Directions[from].shift)); stall.Length() >= c.Directions[from].Stalls.least {
		c.streamOver(from, stall)
	}
}

// releaseAll tells of the streams that their windows hold, as no more will come.
func (x *http) releaseAll(c *Connection, t flow.Time) {
	for _, id := range slices.Sorted(maps.Keys(x.streams)) {
		s := c.application.h2.Ledger.Stream(id)
		for _, from := range []flow.Side{flow.Client, flow.Server} {
			if s != nil && x.streams[id].halves[from].held {
				x.released(c, s, from, t)
			}
		}
	}
}

// HTTPFindings returns what is to be said of HTTP/2 on a connection as it stands at
// now. Where nothing is held and no rule was broken there is nothing to say.
func (c *Connection) HTTPFindings(now flow.Time) []Finding {
	if c.application == nil || c.application.http == nil {
		return nil
	}
	x, quiet := c.application.http, true
	for i := range x.credits {
		d := c.application.h2.Ledger.Direction(flow.Side(i))
		full := d.Limit().Known() && int64(d.Open) >= d.Limit().Low
		quiet = quiet && !full && !x.credits[i].latest.holds()
	}
	if quiet && x.violations == 0 {
		return nil
	}
	v := c.View(now, flow.Interval{}, 0)
	return httpFindings(&v)
}

// Reading tells whether the payload of the connection's segments is read.
func (c *Connection) Reading() bool { return c.application != nil && !c.application.done }

// Session is the random of the ClientHello, by which a key log names the connection's
// session, if it is TLS and was seen.
func (c *Connection) Session() (random [32]byte, ok bool) {
	if c.application == nil || c.application.tls == nil {
		return random, false
	}
	return c.application.tls.Session()
}

// Hidden tells whether TLS hides what is above TCP, and why.
func (c *Connection) Hidden() (tlsrec.Problem, bool) {
	a := c.application
	if a == nil || a.tls == nil || a.http != nil || !a.done {
		return tlsrec.Problem{}, false
	}
	for _, side := range []flow.Side{flow.Client, flow.Server} {
		if p := a.tls.Problem(side); a.tls.State(side) == tlsrec.Opaque && p.Reason != tlsrec.None {
			return p, true
		}
	}
	return tlsrec.Problem{}, false
}
