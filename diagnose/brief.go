// What a line about a connection needs, without a copy of all there is.

package diagnose

import (
	"time"

	"flowlab/flow"
)

// Brief is what holds a sender, and how long stalls held it.
type Brief struct {
	Hold                  // what holds it now, and since when without a break
	Begun   bool          // something holds it: it has begun, and is not over
	Stall   bool          // what holds it is a stall by now
	Stalled time.Duration // by all stalls, that under way included
	Longest time.Duration // of these
	Count   int           // of these
}

// Brief returns what a [View] says of what holds the sender at now, in less time and
// memory.
func (d *Direction) Brief(now flow.Time) (b Brief) {
	open := d.open(now)
	stalls := &d.Stalls
	if d.credit != nil {
		_, all := d.pending()
		stalls = &all
	}
	b.Begun = d.holder.begun && !d.holder.closed
	b.Hold, _ = stalls.reach(open)
	b.Stalled, b.Longest, b.Count = stalls.Sum, stalls.Longest, stalls.Count
	b.Stall = b.Length() >= d.Stalls.least && b.Cause != flow.Application
	if b.Stall {
		b.Stalled += b.Length()
		b.Longest = max(b.Longest, b.Length())
		b.Count++
	}
	return b
}

// Protocol tells whether the connection is TLS, and whether HTTP/2 was read in it.
func (c *Connection) Protocol() (isTLS, isHTTP2 bool) {
	if c.application == nil {
		return false, false
	}
	return c.application.tls != nil, c.application.http != nil
}

// Closed tells whether neither side of a connection will send anything more.
func (a *Analysis) Closed(c *Connection) bool {
	if !c.kept() {
		return true
	}
	e := a.table.at(c.entry)
	return e.connection != c || e.over()
}
