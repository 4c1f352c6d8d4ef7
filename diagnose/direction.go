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
	Timeline *timeline.Timeline // nil where no history is kept
	Stalls   Stalls

	start   flow.Time     // when the first packet of the connection passed
	within  flow.Interval // the time that counts; all if it is zero
	settled func(flow.Interval, flow.Cause, flow.HeldBy)
	credit  *credit // nil where the payload is not read
	holder  holder
	inbox   inbox
	waiting waiting
	left    flow.Time     // when the latest segment would have passed had it not waited
	late    time.Duration // by how much later it passed
	spacing spacing
	shift   time.Duration // from the sender's clock to the point of observation
	limits  flow.Limits
	mean    Mean  // of the advertised window
	bytes   int64 // of the account, when it was last sampled
	acked   int64
	extreme *extremes // nil unless they are asked for
	before  *hooks    // from before it was followed; nil if it is not
}

// begin makes d a direction that begins. What it had allocated for one before is
// used again.
func (d *Direction) begin(from flow.Side, a *tcpwin.Account, start flow.Time) {
	*d = Direction{From: from, Account: a, start: start, Stalls: d.Stalls, inbox: inbox{notes: d.inbox.notes, take: d.inbox.take}, holder: holder{settle: d.holder.settle}}
	if d.holder.settle == nil {
		d.holder.settle = d.settle
		d.inbox.take = d.holder.acked
	}
	d.Stalls = Stalls{least: MinStall, Kept: d.Stalls.Kept[:0]}
	d.holder.slack = time.Millisecond
	d.holder.shortEnds = 0.5
}

// rules says what counts.
func (d *Direction) rules(r *Rules) {
	d.within = r.Within
	if r.MinStall != 0 {
		d.Stalls.least = r.MinStall
	}
}

// settle enters a verdict, with what HTTP/2 says of the same time.
func (d *Direction) settle(v verdict) {
	if d.credit == nil {
		d.enter(v)
		return
	}
	d.credit.split(v, d.holder.rtt)
}

// enter enters a verdict, at the time at which the sender lived it.
func (d *Direction) enter(v verdict) {
	if v = d.lived(v); v.Length() <= 0 {
		return
	}
	d.limits[v.cause] += v.Length()
	if d.Timeline != nil {
		d.Timeline.Account(v.Interval, v.cause)
	}
	if seen := d.since(v); seen.Length() > 0 {
		d.Stalls.add(seen)
	}
	if d.settled != nil {
		d.settled(v.Interval, v.cause, v.heldBy)
	}
}

// lived is a verdict at the time at which the sender lived it, as far as that counts.
func (d *Direction) lived(v verdict) verdict {
	v.Start, v.End = v.Start.Add(-d.shift), v.End.Add(-d.shift)
	if d.within != (flow.Interval{}) {
		v.Interval = v.Clip(d.within)
	}
	return v
}

// since is the part of a verdict from the first packet on: a stall is where one can look.
// A client's SYN was on its way before it passed here, and shares are of that time
// too: so they are the same wherever packets are captured.
func (d *Direction) since(v verdict) verdict {
	v.Start = max(v.Start, d.start)
	return v
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
	t := d.leave(s)
	switch {
	case s.Has(tcpwin.SYN) || !h.ready && s.Len == 0:
	case has(events, tcpwin.WindowProbe):
		h.probe(t, frame)
	case has(events, tcpwin.Retransmission):
		h.resent(t, s, frame)
		if s.End().After(h.next) {
			h.sent(t, s, d.spacing.most(), frame)
		}
	case s.Len > 0 && !s.End().After(h.next): // a keep-alive
	case s.Len > 0 || s.Has(tcpwin.FIN):
		if h.full(s.Len) {
			d.spacing.observe(s.Time, max(2*time.Millisecond, h.rtt/4))
		}
		h.sent(t, s, d.spacing.most(), frame)
	}
}

// leave has reach the sender what it knew when it sent a segment, and returns when
// that would have passed had it not waited. If it did, that is known to a tick: it is
// taken to be the answer to what last reached the sender, if that can be.
func (d *Direction) leave(s *tcpwin.Segment) flow.Time {
	h := &d.holder
	from, to := d.waiting.observe(s)
	h.waited = to < s.Time
	from = max(from, d.left, d.inbox.arrived)
	to = max(from, to)
	if s.HasTS {
		d.inbox.echo(from, to, s.TSEcr, h.waited)
	}
	d.inbox.deliver(from)
	if h.credited && s.Len > 0 {
		d.inbox.reach(to, s.End(), &h.edge)
	}
	d.left = max(from, d.inbox.arrived)
	d.late = max(0, s.Time.Sub(d.left))
	return d.left
}

// known is up to when it is known what the sender did, by what has passed until now:
// what it did since may still wait on the path.
func (d *Direction) known(now flow.Time) flow.Time {
	return max(d.left, now.Add(-d.late))
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
		pure: s.Len == 0, doubt: s.Len == 0 && !secondCopy(s), stamp: s.TSVal, hasTS: s.HasTS, frame: frame,
	})
}

// secondCopy tells whether an ACK says that bytes came twice (RFC 2883 4).
func secondCopy(s *tcpwin.Segment) bool {
	return s.NumSACK > 0 && !s.SACK[0][1].After(s.Ack)
}

// sample enters where the account stands now.
func (d *Direction) sample(t flow.Time) {
	a := d.Account
	if a.Credited && d.holder.ready {
		d.mean.set(t, a.Window)
	}
	if d.extreme != nil {
		d.extreme.add(a.Window, a.InFlight())
	}
	if d.Timeline != nil {
		d.Timeline.Sample(t, a.Window, a.InFlight(), a.Bytes-d.bytes, a.Acked-d.acked)
		d.bytes, d.acked = a.Bytes, a.Acked
	}
}

// raised counts an event.
func (d *Direction) raised(e tcpwin.Event) {
	d.Events[e.Kind]++
	if d.Timeline != nil {
		d.Timeline.Event(e.Time, e.Kind)
	}
}

// advance lets time pass up to now.
func (d *Direction) advance(now flow.Time) { d.inbox.deliver(d.known(now)) }

func has(events []tcpwin.Event, k tcpwin.Kind) bool {
	for _, e := range events {
		if e.Kind == k {
			return true
		}
	}
	return false
}
