package diagnose

import (
	"time"

	"flowlab/flow"
)

// note is what an ACK tells a sender.
type note struct {
	passed flow.Time // when it passed the point of observation
	ack    flow.Seq
	edge   flow.Seq
	window int
	pure   bool // it carried no payload
	doubt  bool // if it acknowledges nothing new, something may be lost
	stamp  uint32
	hasTS  bool
	frame  int
}

// inbox holds ACKs that passed the point of observation until the sender can
// have answered them. How long that takes, the turn, is known from the
// handshake at first, or from the first answer. Where time stamps are used (RFC 7323 3) every segment
// echoes the newest ACK that its sender had seen, which bounds the turn from
// both sides as queues on the path fill and drain.
type inbox struct {
	take  func(n note, arrived flow.Time) // where ACKs go that the sender has
	turn  time.Duration
	guess bool   // no handshake told the turn
	notes []note // a ring, whose length is a power of two; it grows as needed
	head  int
	count int

	arrived   flow.Time // when the latest that was delivered did
	delivered note      // the newest note that was delivered
	echoed    note      // the first note of the newest stamp that was echoed
}

// mostNotes is how many ACKs wait at the most.
const mostNotes = 512

// add puts an ACK in. If there are too many the oldest is delivered early.
func (b *inbox) add(n note) {
	if b.count == len(b.notes) {
		if b.count == mostNotes {
			b.pop(n.passed)
		} else {
			b.grow()
		}
	}
	if b.count == 0 {
		b.head = 0 // what was used last is in the processor's cache
	}
	b.notes[(b.head+b.count)&(len(b.notes)-1)] = n
	b.count++
}

func (b *inbox) grow() {
	larger := make([]note, max(4, 2*len(b.notes)))
	for i := range b.count {
		larger[i] = b.notes[(b.head+i)&(len(b.notes)-1)]
	}
	b.notes, b.head = larger, 0
}

func (b *inbox) pop(now flow.Time) {
	n := b.notes[b.head]
	b.head = (b.head + 1) & (len(b.notes) - 1)
	b.count--
	b.delivered = n
	b.arrived = max(b.arrived, n.passed, min(now, n.passed.Add(b.turn)))
	b.take(n, b.arrived)
}

// deliver hands over what a sender can have answered by now. Where time stamps
// will tell for sure, it leaves them a little longer to do so.
func (b *inbox) deliver(now flow.Time) {
	for b.count > 0 {
		n := &b.notes[b.head]
		due := n.passed.Add(b.turn)
		if n.hasTS {
			due = due.Add(max(grace, b.turn/4))
		}
		if due > now {
			return
		}
		b.pop(now)
	}
}

// flush hands over all that a sender had by now, without waiting for time
// stamps: no more will come.
func (b *inbox) flush(now flow.Time) {
	for b.count > 0 && b.notes[b.head].passed.Add(b.turn) <= now {
		b.pop(now)
	}
}

// reach hands over the ACKs without which a segment that passes now and ends at
// end could not have been sent: it is beyond the edge of the window that its
// sender is known to have had.
func (b *inbox) reach(now flow.Time, end flow.Seq, edge *flow.Seq) {
	if b.count == 0 || !end.After(*edge) || b.notes[(b.head+b.count-1)&(len(b.notes)-1)].edge.Before(end) {
		return
	}
	for b.count > 0 && end.After(*edge) {
		b.pop(now)
	}
}

// grace is how late the first segment that echoes an ACK may be.
const grace = 10 * time.Millisecond

// echo hands over what a segment says that its sender had seen, and no more: an ACK
// with a newer stamp had not arrived when it was sent. It would have passed between
// from and to had it not waited on the path. What waited tells too little of how long
// the turn is at the most.
func (b *inbox) echo(from, to flow.Time, stamp uint32, waited bool) {
	for b.count > 0 && b.notes[b.head].hasTS {
		n := &b.notes[b.head]
		age := int32(n.stamp - stamp)
		if age > 0 {
			b.turn = max(b.turn, from.Sub(n.passed))
			return
		}
		if !b.echoed.hasTS || n.stamp != b.echoed.stamp {
			b.echoed = *n
		}
		if age == 0 && n.passed != b.echoed.passed && n.passed.Add(b.turn) > from {
			return // the same stamp, yet later than the one that is echoed
		}
		if most := to.Sub(n.passed); !waited && age == 0 && n.passed == b.echoed.passed && (b.guess || most < b.turn) {
			b.turn, b.guess = most, false
		}
		b.pop(to)
	}
	if d := &b.delivered; d.hasTS && int32(d.stamp-stamp) > 0 {
		b.turn = max(b.turn, from.Sub(d.passed))
	}
}
