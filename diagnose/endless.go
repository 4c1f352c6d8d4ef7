package diagnose

import (
	"cmp"
	"slices"
	"time"

	"flowlab/flow"
	"flowlab/tcpwin"
)

const (
	// unanswered is how long nothing is heard of a connection that was never
	// established until it is forgotten: Linux gives up asking after 127 s
	// (tcp_syn_retries of 6), and what comes later is a new one.
	unanswered = 130 * time.Second
	// unheard is how long after its last packet a connection is over for whoever
	// looks back: one that waits for anything is heard of every two minutes at the least
	// (RFC 6298 2.5 and 5.5 for retransmissions, RFC 9293 3.8.6.1 for probes; Linux's
	// TCP_RTO_MAX is 120 s).
	unheard = unanswered
	// mourned is how long, at the least, a connection that was forgotten is known
	// by its late segments: twice the longest that a segment may be on its way as
	// systems count it (RFC 9293 3.4.1 has 2 minutes, and they have 30 to 60 s).
	mourned = 2 * time.Minute
)

// endless is what an [Analysis] needs to go on for ever.
type endless struct {
	ended func(*View)
	most  int // connections that are kept

	dying  []death
	spare  []*Connection // to use again
	graves [2]graves     // the newer ones first
	dug    flow.Time     // when the newer ones were begun
}

// NewEndless returns an analysis of a source that goes on for ever. It keeps at
// most that many connections; ended is called with each one that is over, never
// was established, or has been silent for the longest when there are too many,
// and may keep it.
//
// A connection that is kept takes about three kilobytes, one that was forgotten
// some 60 bytes for two to four minutes.
func NewEndless(most int, ended func(*View)) *Analysis {
	return &Analysis{endless: &endless{most: most, ended: ended}}
}

// Sweep lets time pass up to now, and forgets the connections that are no longer
// worth keeping. Call it about once a second.
func (a *Analysis) Sweep(now flow.Time) {
	a.Advance(now)
	e := a.endless
	if now > e.dug.Add(mourned) {
		e.dug = now
		e.graves[0], e.graves[1] = graves{}, e.graves[0]
	}
	a.bury(now)
	for _, c := range a.connections {
		if c.kept() && !c.ledger.Handshake.Seen() && a.silent(c, now) > unanswered && !c.spoke() {
			a.forget(c)
		}
	}
	a.compact()
	if over := len(a.connections) - e.most; over > 0 {
		a.thin(over)
	}
}

// bury forgets the connections that were over a while before now.
func (a *Analysis) bury(now flow.Time) {
	e, n := a.endless, 0
	for ; n < len(e.dying) && e.dying[n].at.Add(linger) < now; n++ {
		d := e.dying[n]
		if at := a.table.at(d.entry); at.observation == d.observation && at.connection != nil {
			a.forget(at.connection)
		}
	}
	e.dying = slices.Delete(e.dying, 0, n)
}

// thin forgets the connections that have been silent for the longest: so many,
// and a few more, so that it need not be done again at once.
func (a *Analysis) thin(over int) {
	list := slices.Clone(a.connections)
	slices.SortFunc(list, func(x, y *Connection) int {
		return cmp.Compare(a.table.at(x.entry).last, a.table.at(y.entry).last)
	})
	for _, c := range list[:min(len(list), over+a.endless.most/16)] {
		a.forget(c)
	}
	a.compact()
}

// forget hands a connection on, and leaves a grave of it.
func (a *Analysis) forget(c *Connection) {
	e := a.table.at(c.entry)
	a.handOn(c, e.last)
	a.endless.graves[0].bury(e)
	a.table.remove(e)
	e.connection, e.observation = nil, 0
}

// handOn ends a connection at t if it is open, and gives it to ended.
func (a *Analysis) handOn(c *Connection, t flow.Time) {
	e := a.table.at(c.entry)
	if e.over() {
		t = e.last.Add(min(c.RTT(), linger))
	}
	t = min(t, e.last.Add(unheard))
	c.end(t)
	v := c.View(t, flow.Interval{}, 0)
	a.room.leave(c.application)
	c.application = nil
	e.connection = nil
	c.entry = gone
	a.endless.ended(&v)
}

// compact takes those that were handed on out of the list.
func (a *Analysis) compact() {
	kept := a.connections[:0]
	for _, c := range a.connections {
		if c.kept() {
			kept = append(kept, c)
		} else {
			a.endless.spare = append(a.endless.spare, c)
		}
	}
	clear(a.connections[len(kept):])
	a.connections = kept
}

// silent is how long nothing was heard of a connection.
func (a *Analysis) silent(c *Connection, now flow.Time) time.Duration {
	return now.Sub(a.table.at(c.entry).last)
}

// gone is the entry of a connection that has none any more.
const gone = ^uint32(0)

// kept tells whether a connection was not handed on.
func (c *Connection) kept() bool { return c.entry != gone }

// spoke tells whether either side has sent a byte of payload.
func (c *Connection) spoke() bool {
	return c.Directions[0].Account.Bytes > 0 || c.Directions[1].Account.Bytes > 0
}

// dies notes that a connection is over.
func (e *endless) dies(at *entry) {
	e.dying = append(e.dying, death{entry: at.number, observation: at.observation, at: at.ended})
}

// late tells whether a segment is of a connection that was forgotten.
func (e *endless) late(hash uint64, t *flow.Tuple, s *tcpwin.Segment) bool {
	return e.graves[0].late(hash, t, s) || e.graves[1].late(hash, t, s)
}

// used returns a connection to use again, or a new one. Without an endless
// analysis all are new.
func (e *endless) used() *Connection {
	if e == nil || len(e.spare) == 0 {
		return new(Connection)
	}
	last := len(e.spare) - 1
	c := e.spare[last]
	e.spare = e.spare[:last]
	return c
}
