package diagnose

import (
	"time"

	"flowlab/diagnose/timeline"
	"flowlab/flow"
	"flowlab/tcpwin"
)

// Direction is what one side of a connection sends, and what held it.
type Direction struct {
	From     flow.Side
	Account  *tcpwin.Account // as seen at the point of observation
	Events   [tcpwin.NumKinds]int
	Timeline *timeline.Timeline
	Stalls   Stalls

	settled func(flow.Interval, flow.Cause, flow.HeldBy)
	holder  holder
	inbox   inbox
	spacing spacing
	shift   time.Duration // from the sender's clock to the point of observation
	limits  flow.Limits
	mean    mean  // of the advertised window
	bytes   int64 // of the account, when it was last sampled
	acked   int64
}

func newDirection(from flow.Side, a *tcpwin.Account, start flow.Time) *Direction {
	d := &Direction{From: from, Account: a, Timeline: timeline.New(start)}
	d.holder.settle = d.settle
	d.holder.slack = time.Millisecond
	d.holder.shortEnds = 0.5
	d.inbox.take = d.holder.acked
	return d
}

// settle enters a verdict, at the time at which the sender lived it.
func (d *Direction) settle(v verdict) {
	d.limits[v.cause] += v.Length()
	v.Start, v.End = v.Start.Add(-d.shift), v.End.Add(-d.shift)
	d.Timeline.Account(v.Interval, v.cause)
	d.Stalls.add(v)
	if d.settled != nil {
		d.settled(v.Interval, v.cause, v.heldBy)
	}
}

// Limits is how long each cause has held the sender, in all the time that is
// settled.
func (d *Direction) Limits() flow.Limits { return d.limits }

// WindowSum is the advertised window added up over time until now, in bytes
// times seconds; the difference of two sums is the mean over the time between.
func (d *Direction) WindowSum(now flow.Time) float64 { return d.mean.sum(now) }

// Undecided is the time since which nothing is settled, with the cause that is
// likely so far and who can end it. It is zero once the direction is over.
func (d *Direction) Undecided() (since flow.Time, c flow.Cause, by flow.HeldBy) {
	if !d.holder.begun || d.holder.closed {
		return 0, flow.Application, flow.SenderApplication
	}
	c, by = d.holder.likely()
	return d.holder.settled.Add(-d.shift), c, by
}

// sent enters a segment of this direction.
func (d *Direction) sent(s *tcpwin.Segment, events []tcpwin.Event, frame int) {
	h := &d.holder
	if !h.begun {
		h.begin(s.Time, s)
		d.inbox.guess = h.blind
	}
	h.mss = d.Account.MSS
	if s.HasTS {
		d.inbox.echo(s.Time, s.TSEcr)
	}
	d.inbox.deliver(s.Time)
	switch {
	case s.Has(tcpwin.SYN) || !h.ready && s.Len == 0:
	case raised(events, tcpwin.WindowProbe):
		h.probe(s.Time, frame)
	case raised(events, tcpwin.Retransmission):
		h.resent(s.Time, frame)
		if s.End().After(h.next) {
			h.sent(s.Time, s, d.spacing.most(), frame)
		}
	case s.Len > 0 || s.Has(tcpwin.FIN):
		if h.full(s.Len) {
			d.spacing.observe(s.Time, max(2*time.Millisecond, h.rtt/4))
		}
		h.sent(s.Time, s, d.spacing.most(), frame)
	}
}

// heard enters an ACK of the other side. It only passes here now; the sender
// has it a turn later.
func (d *Direction) heard(s *tcpwin.Segment, frame int) {
	a := d.Account
	if s.Ack != a.Una {
		return // an old one, which the ledger did not enter either
	}
	d.inbox.add(note{
		passed: s.Time, ack: a.Una, edge: a.Edge, window: a.Window,
		pure: s.Len == 0, stamp: s.TSVal, hasTS: s.HasTS, frame: frame,
	})
}

// sample enters where the account stands now.
func (d *Direction) sample(t flow.Time) {
	a := d.Account
	if a.Credited && d.holder.ready {
		d.mean.set(t, a.Window)
	}
	d.Timeline.Sample(t, a.Window, a.InFlight(), a.Bytes-d.bytes, a.Acked-d.acked)
	d.bytes, d.acked = a.Bytes, a.Acked
}

// advance lets time pass up to now.
func (d *Direction) advance(now flow.Time) { d.inbox.deliver(now) }

func raised(events []tcpwin.Event, k tcpwin.Kind) bool {
	for _, e := range events {
		if e.Kind == k {
			return true
		}
	}
	return false
}
