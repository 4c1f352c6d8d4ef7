// Where the screens of many connections get what they show.

package tui

import (
	"context"
	"time"

	"flowlab/diagnose/board"
	"flowlab/diagnose/mask"
	"flowlab/flow"
)

// Source is what is shown of many connections: an interface that is watched, or files.
// What it returns is never changed, and no call waits for packets.
type Source interface {
	// Snapshot is how things stand now, and At how they stood at an instant.
	Snapshot() *board.Snapshot
	At(flow.Time) *board.Snapshot
	// Choose says of which connection all there is is wanted; 0 for none.
	Choose(number int)
	// Span is from when to when there is something to show.
	Span() flow.Interval
	// Marks are the instants at which stalls began or ended, in order: of the connection
	// that is chosen, or of all.
	Marks() []flow.Time
}

// Subject is what a screen of many connections is about, and what can be done with it.
type Subject struct {
	Source Source
	Title  string // says what is watched or replayed
	Plain  string // the same where addresses are masked: it may have none
	// Mask has the stand-ins that addresses are shown by; at first if Masked is set, and
	// whenever the user asks for it.
	Mask   *mask.Mask
	Masked bool
	// Export writes a connection to a new file of that name, or of one of its own if there
	// is none, and says what it wrote. It is called from a goroutine of its own.
	Export func(ctx context.Context, number int, file string) (said string, err error)
	// Reading, if set, tells how many bytes of how many (0 if that is unknown) were read of
	// files for the connection that is chosen, and what ended it early.
	Reading func() (read, total int64, done bool, err error)
}

// clock shows instants of a source as times since its first packet.
type clock struct {
	source  Source
	instant instant
	origin  flow.Time // of the first packet; 0 before it
	now     time.Duration
	player  *player // nil where nothing is played

	mask       *mask.Mask // nil where addresses are shown as they are
	of, masked *board.Snapshot
}

// look returns the snapshot that is to be shown at a time of this machine's clock.
func (c *clock) look(now time.Time) *board.Snapshot {
	s := c.unmasked(now)
	if c.mask == nil {
		return s
	}
	if c.of != s {
		c.of, c.masked = s, c.mask.Snapshot(s)
	}
	return c.masked
}

func (c *clock) unmasked(now time.Time) *board.Snapshot {
	latest := c.source.Snapshot()
	if c.origin == 0 {
		c.origin = latest.Source.First
	}
	c.now = latest.At.Sub(c.origin)
	if c.player != nil {
		c.player.move(c, now)
	}
	if c.origin == 0 || !c.instant.held {
		return latest
	}
	at := max(c.origin.Add(c.instant.at), c.source.Span().Start)
	c.instant.at = at.Sub(c.origin)
	return c.source.At(at)
}

// scrub does what a key is for, if it is about time; a step takes so long.
func (c *clock) scrub(key string, step time.Duration, now time.Time) bool {
	switch {
	case c.origin == 0:
		return false
	case c.player != nil && c.player.press(key, c, now):
		return true
	case !c.instant.scrub(key, c.now, step, c.marks):
		return false
	}
	if c.player != nil {
		c.player.from(c, c.instant.at, now)
	}
	return true
}

// show shows another instant, and plays on from there.
func (c *clock) show(at time.Duration, now time.Time) {
	c.instant.show(at, c.now)
	if c.player != nil {
		c.player.from(c, c.shown(), now)
	}
}

// shown is the instant that is shown.
func (c *clock) shown() time.Duration {
	if c.instant.held {
		return c.instant.at
	}
	return c.now
}

func (c *clock) marks() (marks []time.Duration) {
	for _, m := range c.source.Marks() {
		marks = append(marks, m.Sub(c.origin))
	}
	return marks
}

// since is a time as it is shown.
func (c *clock) since(t flow.Time) time.Duration { return t.Sub(c.origin) }
