package diagnose

import (
	"cmp"
	"slices"
	"time"

	"flowlab/flow"
	"flowlab/tcpwin"
	"flowlab/tlsrec"
)

// Bulk joins the ledgers of the connections of capture files, in bounded memory:
// it keeps no history, and hands each connection on once it is over. It is fed
// the segments of each connection in the order in which they were captured, from one
// goroutine. Those of several connections may come in any order between two calls of
// [Bulk.Bury]: connection by connection, their ledgers come into the processor's cache
// once and not for each segment. The zero value is ready.
//
// What a connection takes: at most 630 bytes while it has few segments (some
// twenty), three kilobytes while it lasts, and 52 bytes after it was handed on.
type Bulk struct {
	// Began is called with the first frame of each connection.
	Began func(frame int)
	// Ended is called with each connection that is over. Its number is its first frame.
	Ended func(*View)
	// Rules say what counts; set them before the first segment.
	Rules Rules
	// Keys are those of TLS, nil if there are none.
	Keys *tlsrec.Keys

	// These may be nil; they are for whoever records how a connection went on, whose number
	// is its first frame. Opened is called when it is given ledgers; Entering before each of
	// its segments, with its time, and before its end; Ending when all is settled, with when
	// neither side would send more, 0 if that did not come. It is not to be kept after that.
	Opened   func(c *Connection)
	Entering func(c *Connection, t flow.Time)
	Ending   func(c *Connection, over flow.Time)

	Late int64 // segments that came after their connection had been handed on

	room   room
	table  table
	paper  paper
	graves graves
	dying  []death       // in the order of their ends
	sorted int           // of dying: the rest ended since the latest Bury
	spare  []*Connection // to use again
	events []tcpwin.Event
}

// Rules say which time counts and what is called a stall.
type Rules struct {
	MinStall time.Duration // 0 for [MinStall]
	Within   flow.Interval // shares and stalls are those of this time; all time if it is zero
}

// death is a connection that ended.
type death struct {
	entry       uint32
	observation int
	at          flow.Time
}

// Observe enters a segment: the frame it is in, and what [Hash] says of its
// interface and ends. Its payload is nil where it need not be read: see [Telling].
func (b *Bulk) Observe(hash uint64, iface int, tuple *flow.Tuple, s *tcpwin.Segment, payload []byte, frame int) {
	e, from := b.table.lookup(hash, iface, tuple)
	switch {
	case e == nil:
		if b.graves.late(hash, tuple, s) {
			b.Late++
			return
		}
		e, from = b.table.add(hash, iface, tuple, s)
		b.begin(e, frame)
	case e.renewed(from, s):
		b.handOn(e, e.last)
		from = e.renew(*tuple, s)
		b.begin(e, frame)
	}
	s.From = from
	b.enter(e, s, payload, frame)
	was := e.over()
	e.follow(s)
	e.frame = frame
	if !was && e.over() {
		b.dying = append(b.dying, death{entry: e.number, observation: e.observation, at: s.Time})
	}
}

func (b *Bulk) begin(e *entry, frame int) {
	e.observation = frame
	b.Began(frame)
}

// enter writes a segment down, or enters it in the ledgers.
func (b *Bulk) enter(e *entry, s *tcpwin.Segment, payload []byte, frame int) {
	if e.connection == nil {
		if payload == nil && b.paper.write(&e.log, e, s, frame) {
			return
		}
		b.open(e, s.Time)
	}
	b.observe(e.connection, s, payload, frame)
}

// observe enters a segment in the ledgers.
func (b *Bulk) observe(c *Connection, s *tcpwin.Segment, payload []byte, frame int) {
	if b.Entering != nil {
		b.Entering(c, s.Time)
	}
	b.events = c.observe(s, payload, frame, b.events[:0])
}

// open gives a connection ledgers, and enters what was written down of it. If
// nothing was, it begins at t.
func (b *Bulk) open(e *entry, t flow.Time) {
	var c *Connection
	if last := len(b.spare) - 1; last >= 0 {
		c, b.spare = b.spare[last], b.spare[:last]
	} else {
		c = new(Connection)
	}
	begun := false
	b.paper.read(e, func(s *tcpwin.Segment, frame int) {
		if !begun {
			b.start(c, e, s.Time)
			begun = true
		}
		b.observe(c, s, nil, frame)
	})
	if !begun { // the first segment did not fit
		b.start(c, e, t)
	}
	e.connection = c
}

func (b *Bulk) start(c *Connection, e *entry, t flow.Time) {
	c.begin(e.observation, int(e.iface), e.id(), t)
	c.keys, c.room = b.Keys, &b.room
	for i := range c.Directions {
		c.Directions[i].rules(&b.Rules)
	}
	if b.Opened != nil {
		b.Opened(c)
	}
}

// handOn ends a connection and hands it on, at t if it is open. One that is over
// ends when its last ACK has arrived, wherever that was seen to pass.
func (b *Bulk) handOn(e *entry, t flow.Time) {
	if e.connection == nil {
		b.open(e, t)
	}
	c := e.connection
	over := flow.Time(0)
	if e.over() {
		t, over = e.last.Add(min(c.RTT(), linger)), e.ended
	} else {
		t = min(t, e.last.Add(unheard))
	}
	if b.Entering != nil {
		b.Entering(c, t)
	}
	c.end(t)
	if b.Ending != nil {
		b.Ending(c, over)
	}
	v := c.View(t, flow.Interval{}, 0)
	b.room.leave(c.application)
	c.application = nil
	b.spare = append(b.spare, c)
	e.connection = nil
	b.Ended(&v)
}

// Bury hands on the connections that were over a while before now.
func (b *Bulk) Bury(now flow.Time) {
	slices.SortFunc(b.dying[b.sorted:], func(x, y death) int { return cmp.Compare(x.at, y.at) })
	n := 0
	for ; n < len(b.dying) && b.dying[n].at.Add(linger) < now; n++ {
		d := b.dying[n]
		e := b.table.at(d.entry)
		if e.observation != d.observation {
			continue // handed on already: a new one came between the same ends
		}
		b.handOn(e, e.last)
		b.graves.bury(e)
		b.table.remove(e)
		e.observation = 0
	}
	b.dying = b.dying[:copy(b.dying, b.dying[n:])]
	b.sorted = len(b.dying)
}

// End hands on all connections, because no more will come after t, in the order
// of their first frames.
func (b *Bulk) End(t flow.Time) {
	var open []uint32 // entries
	for n := range b.table.entries {
		if b.table.at(uint32(n)).observation != 0 {
			open = append(open, uint32(n))
		}
	}
	slices.SortFunc(open, func(x, y uint32) int {
		return cmp.Compare(b.table.at(x).observation, b.table.at(y).observation)
	})
	for _, n := range open {
		b.handOn(b.table.at(n), t)
	}
	b.table, b.paper = table{}, paper{}
}
