package diagnose

import (
	"time"

	"flowlab/flow"
	"flowlab/h2flow"
)

// limiting watches how many streams a client has open of those that it may have
// (RFC 9113 5.1.2), and whether another one waits. Packets do not show that it does;
// what shows it is that its HEADERS follow at once when room is made.
type limiting struct {
	StreamLimit
	open  int       // streams
	full  bool      // as many are open as may be
	since flow.Time // from when on
	due   flow.Time // until when HEADERS must pass to have waited for the room that was made; 0 if none was
}

// StreamLimit is what came of a limit of streams.
type StreamLimit struct {
	Reached  int           // times at which as many streams were open as may be
	Freed    int           // of these, those after which room was made
	Followed int           // of these, those in which HEADERS followed at once: a stream had waited
	Waited   time.Duration // of these, from when the limit was reached on
	Frames   []int         // of the longest of them: the last HEADERS before it, what made room, the HEADERS that followed
	Lowered  int64         // the limit that was set below the streams that were open, -1 if none was
	Above    int           // by how many
	Frame    int           // the packet that acknowledged it

	longest time.Duration
	frames  [2]int // the packets that reached the limit and made room
}

// opened enters that the client opened a stream.
func (x *http) opened(c *Connection, t flow.Time, frame int) {
	l := &x.limit
	l.open++
	if l.due != 0 {
		l.end(&x.credits[flow.Client], t, frame, true)
	}
	x.limited(c, flow.Client, t, frame)
}

// closed enters that a stream of the client is over, by what a side sent.
func (x *http) closed(c *Connection, by flow.Side, t flow.Time, frame int) {
	x.limit.open--
	x.limited(c, by, t, frame)
}

// limited looks at the limit, after what a side sent may have changed what there is of
// it.
func (x *http) limited(c *Connection, by flow.Side, t flow.Time, frame int) {
	l, cr := &x.limit, &x.credits[flow.Client]
	most := c.application.h2.Ledger.Direction(flow.Client).Limit().High
	full := most < h2flow.NoLimit && int64(l.open) >= most
	switch {
	case full && !l.full:
		l.full, l.since = true, t
		l.Reached++
		l.frames[0] = frame
		cr.add(mark{at: t, what: markFull, frame: frame})
	case !full && l.full && l.due == 0:
		l.due = t.Add(x.patience(c, by, t.Sub(l.since)))
		l.Freed++
		l.frames[1] = frame
	}
}

// patience is how long HEADERS may take to pass that answer the room that a side made
// after so long: what is left of the round trip, and a little for a busy host.
func (x *http) patience(c *Connection, by flow.Side, held time.Duration) time.Duration {
	d := &c.Directions[flow.Client]
	most := d.holder.slack + min(late, held/2)
	if by == flow.Server {
		most += d.inbox.turn
	}
	return most
}

// lowered enters that the client has acknowledged SETTINGS. The first ones lower nothing.
func (x *http) lowered(c *Connection, frame int) {
	l := &x.limit
	if most := c.application.h2.Ledger.Direction(flow.Client).Limit(); x.settled && most.Known() && int64(l.open) > most.Low && l.Lowered < 0 {
		l.Lowered, l.Above, l.Frame = most.Low, l.open-int(most.Low), frame
	}
}

// expire lets time pass: HEADERS that come later did not wait.
func (l *limiting) expire(cr *credit, now flow.Time) {
	if l.due != 0 && now > l.due {
		l.end(cr, now, 0, false)
	}
}

// end enters whether a stream had waited for the room that was made.
func (l *limiting) end(cr *credit, t flow.Time, frame int, waited bool) {
	m := mark{at: t, what: markNoneWaited, frame: frame}
	if waited {
		m.what = markWaited
		held := t.Sub(l.since)
		l.Followed++
		if l.Waited += held; held > l.longest {
			l.longest, l.Frames = held, []int{l.frames[0], l.frames[1], frame}
		}
	}
	l.full, l.due = false, 0
	cr.add(m)
}

// mostPending is how many pieces of time wait at most until it is known whether a
// stream waited for the limit.
const mostPending = 256

// pending are pieces of time in which as many streams were open as may be. What held
// the sender in them is not settled: see [limiting].
type pending struct {
	full   bool
	frame  int // the packet that reached the limit
	pieces []verdict
}

// hand enters a verdict, unless what holds the sender is to show.
func (c *credit) hand(v verdict) {
	p := &c.pending
	last := len(p.pieces) - 1
	switch {
	case !p.full || last < 0 && v.cause != flow.Application:
		c.enter(v)
		return
	case last >= 0 && p.pieces[last].cause == v.cause && p.pieces[last].heldBy == v.heldBy:
		p.pieces[last].End = v.End
		p.pieces[last].frames[2] = v.frames[2]
		return
	case last+1 == mostPending: // too long ago to be told what it was
		c.enter(p.pieces[0])
		p.pieces = append(p.pieces[:0], p.pieces[1:]...)
	}
	p.pieces = append(p.pieces, v)
}

// decide enters what was pending, as it is known now whether a stream waited.
func (p *pending) decide(waited bool, frame int, enter func(verdict)) {
	for _, v := range p.pieces {
		if waited && v.cause == flow.Application {
			v.cause, v.heldBy, v.frames = flow.StreamLimit, flow.PeerSettings, [3]int{p.frame, 0, frame}
		}
		enter(v)
	}
	p.pieces, p.full = p.pieces[:0], false
}

// undecided calls yield with what is pending, as it is known so far.
func (c *credit) undecided(yield func(verdict)) {
	if len(c.pending.pieces) == 0 {
		return
	}
	p, waited, frame := c.pending, false, 0
	for _, m := range c.marks {
		if m.what == markWaited || m.what == markNoneWaited {
			waited, frame = m.what == markWaited, m.frame
			break
		}
	}
	p.decide(waited, frame, yield)
}

// finish settles what is pending when no more will come.
func (c *credit) finish() {
	for i := range c.marks {
		c.pass(&c.marks[i])
	}
	c.marks = c.marks[:0]
	c.pending.decide(false, 0, c.enter)
}
