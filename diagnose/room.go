package diagnose

import (
	"fmt"
	"slices"

	"flowlab/flow"
)

const (
	// mostWaiting is how many bytes of payload wait at most, in all connections of an
	// analysis together: for keys of TLS, for bytes that come before them, or until it is
	// known what a connection speaks.
	mostWaiting = 64 << 20
	// mostStreams is how many streams of HTTP/2 are kept at most in all of them.
	mostStreams = 50_000
)

// room is what all connections of an analysis have taken of these.
type room struct {
	taken
	list []*application // in which something waits, in the order in which that began
}

type taken struct{ waiting, streams int }

// claim takes the room that a connection needs now. Where there is no more, the one that
// began to wait first lets go of what waits, and this one of its streams that were opened
// first.
func (r *room) claim(c *Connection, t flow.Time, frame int) {
	a := c.application
	r.take(a)
	if a.http != nil {
		for r.streams > mostStreams && a.http.forgetFirst(c, t, frame) {
			r.take(a)
		}
	}
	for r.waiting > mostWaiting && len(r.list) > 0 {
		first := r.list[0]
		r.list = r.list[:copy(r.list, r.list[1:])]
		if first.listed = false; first.took.waiting > 0 {
			first.giveUp()
			r.take(first)
		}
	}
}

// take enters what a connection has.
func (r *room) take(a *application) {
	now := taken{waiting: a.held()}
	if a.http != nil {
		now.streams = len(a.http.streams)
	}
	r.enter(a, now)
	if now.waiting > 0 && !a.listed {
		if len(r.list) == cap(r.list) {
			r.list = slices.DeleteFunc(r.list, (*application).idle)
		}
		a.listed = true
		r.list = append(r.list, a)
	}
}

// idle tells whether nothing waits, and takes the connection off the list.
func (a *application) idle() bool {
	a.listed = a.took.waiting > 0
	return !a.listed
}

func (r *room) enter(a *application, now taken) {
	r.waiting += now.waiting - a.took.waiting
	r.streams += now.streams - a.took.streams
	a.took = now
}

// leave gives back what a connection has taken.
func (r *room) leave(a *application) {
	if a != nil {
		r.enter(a, taken{})
	}
}

// forgetFirst forgets the stream that was opened first and is not over, to make room. It
// is false if there is none.
func (x *http) forgetFirst(c *Connection, t flow.Time, frame int) bool {
	l := c.application.h2.Ledger
	for n, id := range x.order {
		s, own := l.Stream(id), x.streams[id]
		if s == nil || own == nil || s.Closed {
			continue
		}
		x.order = slices.Delete(x.order, 0, n+1)
		for i := range own.halves {
			x.stops(c, s, &own.halves[i], flow.Side(i), t, frame)
		}
		final := streamOf(l, s)
		own.final = &final
		l.Forget(id)
		if id%2 == 1 {
			x.limit.open--
		}
		x.forgotten++
		x.bury(c, id, t)
		return true
	}
	x.order = x.order[:0]
	return false
}

// giveUp lets go of all that waits: nothing more of the connection is read.
func (r *Reader) giveUp() {
	if r.tls != nil {
		r.tls.GiveUp(fmt.Sprintf("more than %d bytes in all connections together", mostWaiting))
	}
	r.done = true
	for i := range r.streams {
		r.streams[i].Begin(0)
	}
	if r.h2.Ledger == nil {
		r.h2.GiveUp()
	}
}
