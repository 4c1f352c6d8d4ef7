package report

import (
	"cmp"
	"slices"
	"time"

	"flowlab/diagnose"
	"flowlab/flow"
)

// mostWhole is how many connections a [Digest] keeps whole.
const mostWhole = 10

// Digest is what is kept of connections for the text about capture files: the
// worst of them, and sums over all. However many it is given, it stays small.
// The zero value is empty.
type Digest struct {
	worst   []ranked
	first   culprit // the worst stall of all
	causes  [flow.NumCauses]tally
	all     int
	bytes   int64
	stalled int // connections
	missed  int // connections whose handshake was not seen
	chains  diagnose.Chains
}

// tally is how long one cause held senders, in all directions that something
// was sent in.
type tally struct {
	held        time.Duration
	stalls      int
	longest     time.Duration
	connections int // in which it made a stall
}

// ranked is a connection and what it is ranked by.
type ranked struct {
	view *diagnose.View
	rank [3]int64
}

// Add takes a connection. It may be kept, and must not change any more.
func (d *Digest) Add(v *diagnose.View) {
	d.all++
	d.chains.Add(v)
	if !v.Handshake {
		d.missed++
	}
	var stalled [flow.NumCauses]bool
	for i := range v.Directions {
		direction := &v.Directions[i]
		d.bytes += direction.Bytes
		if !spoke(direction) {
			continue
		}
		for c, held := range direction.Limits {
			d.causes[c].held += held
		}
		for _, s := range direction.Stalls {
			t := &d.causes[s.Cause]
			t.stalls++
			t.longest = max(t.longest, s.Length())
			stalled[s.Cause] = true
			if d.first.view == nil || worse(&s, &d.first.stall) {
				d.first = culprit{v, direction, s}
			}
		}
	}
	for c, was := range stalled {
		if was {
			d.causes[c].connections++
		}
	}
	if slices.Contains(stalled[:], true) {
		d.stalled++
	}
	d.rank(v)
}

// Stalls is how many stalls of a cause there were.
func (d *Digest) Stalls(c flow.Cause) int { return d.causes[c].stalls }

// rank keeps a connection if it is among the worst.
func (d *Digest) rank(v *diagnose.View) {
	r := ranked{view: v, rank: badness(v)}
	at, _ := slices.BinarySearchFunc(d.worst, r, func(a, b ranked) int {
		return cmp.Or(slices.Compare(b.rank[:], a.rank[:]), cmp.Compare(a.view.Number, b.view.Number))
	})
	if at == mostWhole {
		return
	}
	if len(d.worst) == mostWhole {
		d.worst = d.worst[:mostWhole-1]
	}
	d.worst = slices.Insert(d.worst, at, r)
}

// badness is what connections are ranked by: the time in stalls that somebody
// could have ended, then the time in all stalls, then the bytes.
func badness(v *diagnose.View) (rank [3]int64) {
	for i := range v.Directions {
		d := &v.Directions[i]
		rank[2] += d.Bytes
		if !spoke(d) {
			continue
		}
		for _, s := range d.Stalls {
			if avoidable(s.Cause) {
				rank[0] += int64(s.Length())
			}
			rank[1] += int64(s.Length())
		}
	}
	return rank
}

// spoke tells whether a direction has anything to say: one side of a connection
// often sends nothing. Of a client that sent nothing there is something to say where it
// could not: nobody answered it, or there was no window.
func spoke(d *diagnose.DirectionView) bool {
	return d.Bytes > 0 || d.From == flow.Client && slices.ContainsFunc(d.Stalls, func(s diagnose.Stall) bool {
		return s.Cause == flow.Handshake || avoidable(s.Cause)
	})
}

// grave is by what kinds of stalls are ranked before their length: one that somebody could
// have ended is worse than any other, and nothing is known of one whose cause is unknown.
func grave(c flow.Cause) int {
	switch {
	case avoidable(c):
		return 2
	case c != flow.Unknown:
		return 1
	}
	return 0
}

// avoidable tells whether somebody could have ended a stall, or done something
// about it. Where the path is full, the connection is not, and where the packets
// do not show what the sender waited for, nobody is known.
func avoidable(c flow.Cause) bool {
	return c != flow.Congestion && c != flow.Handshake && c != flow.Unknown
}

// culprit is a stall and where it was.
type culprit struct {
	view      *diagnose.View // nil if there is none
	direction *diagnose.DirectionView
	stall     diagnose.Stall
}

// worse tells whether a stall is worse than another: the graver one is, and of two that are
// alike the longer.
func worse(a, b *diagnose.Stall) bool {
	if x, y := grave(a.Cause), grave(b.Cause); x != y {
		return x > y
	}
	return a.Length() > b.Length()
}
