package diagnose

import (
	"time"

	"flowlab/flow"
)

// patience is how long a connection waits for keys that may come. A program writes them
// when they are agreed, and what it writes may be buffered. How much waits meanwhile, the
// room of all connections bounds.
const patience = 10 * time.Second

// hold notes since when a connection waits for keys, and gives it up when that takes too
// long.
func (c *Connection) hold(now flow.Time) {
	a := c.application
	switch waits := a.waits != 0; {
	case a.tls == nil:
	case !a.Reader.waits():
		a.waits = 0
	case !waits:
		a.waits = now
	case now.Sub(a.waits) > patience && c.impatient:
		a.tls.StopWaiting()
		a.finish()
		a.waits = 0
	}
}

// learn reads on what waits for keys, which may have come.
func (c *Connection) learn(now flow.Time, frame int) {
	if a := c.application; a != nil && a.waits != 0 {
		c.show(a.again(now), now, frame)
		c.room.claim(c, now, frame)
		c.hold(now)
	}
}

// Learn reads on what was held back for want of keys. It is to be called when keys have
// come, or time has passed. What can be read then counts as if it had come at now.
func (a *Analysis) Learn(now flow.Time) {
	for _, c := range a.connections {
		c.learn(now, int(a.Packets))
	}
}
