package diagnose

import (
	"slices"
	"time"

	"flowlab/diagnose/timeline"
	"flowlab/flow"
	"flowlab/tcpwin"
)

// View is a connection as it stood at one instant. It is a copy: nothing
// changes it later, so it may be read while packets go on coming.
type View struct {
	Number     int
	Interface  int
	ID         flow.Conn
	Start, End flow.Time
	Handshake  bool // all three segments were seen
	RTT        time.Duration
	Vantage    Vantage
	Directions [2]DirectionView
	Layer      Layer // what is above TCP
}

// DirectionView is one direction of a [View].
type DirectionView struct {
	From flow.Side

	Window      int // bytes advertised to this sender
	WindowKnown bool
	MaxWindow   int
	MeanWindow  float64 // over time, since the handshake
	InFlight    int
	Bytes       int64 // each once; see [tcpwin.Account]
	Acked       int64
	Unseen      int64 // of Bytes, at least: acknowledged, and not captured
	Segments    int64
	Resent      int64 // bytes
	MSS         int
	Events      [tcpwin.NumKinds]int

	Limits flow.Limits // what is undecided counts as likely
	Now    Now
	Stalls []Stall // the one under way included, by time
	Count  int     // of stalls, also of those that are not kept

	History []timeline.Bucket
}

// Now is what holds a sender at the instant of a view.
type Now struct {
	Cause  flow.Cause
	HeldBy flow.HeldBy
	For    time.Duration // how long it has held without a break
	// Undecided is how much of the latest time is not settled: the cause is
	// likely there, and what follows may change it.
	Undecided time.Duration
}

// View returns a copy of the connection as it stands at now, with its history
// over the span in as many columns as asked.
func (c *Connection) View(now flow.Time, span flow.Interval, columns int) View {
	c.advance(now)
	return c.view(now, span, columns, (*http).view)
}

// view returns a copy in which show made the view of HTTP/2.
func (c *Connection) view(now flow.Time, span flow.Interval, columns int, show func(*http, *Connection, flow.Time) *HTTPView) View {
	v := View{
		Number: c.Number, Interface: c.Interface, ID: c.ID, Start: c.Start, End: c.End,
		Handshake: c.ledger.Handshake.Seen(), RTT: c.RTT(),
		Vantage: c.vantage(),
	}
	for i := range c.Directions {
		v.Directions[i] = c.Directions[i].view(now, span, columns)
	}
	v.Layer = c.layer(now, show)
	return v
}

func (d *Direction) view(now flow.Time, span flow.Interval, columns int) DirectionView {
	a := d.Account
	v := DirectionView{
		From: d.From, Window: a.Window, WindowKnown: a.WindowKnown, MaxWindow: a.MaxWindow,
		MeanWindow: d.mean.Until(now), InFlight: a.InFlight(), Bytes: a.Bytes, Acked: a.Acked, Unseen: a.Unseen,
		Segments: a.Segments, Resent: a.Retransmitted, MSS: a.MSS, Events: d.Events,
	}
	open := d.open(now)
	pieces, stalls := d.pending()
	v.Limits, v.Stalls, v.Count = d.limits, slices.Clone(stalls.Kept), stalls.Count
	v.Now = Now{Cause: open.cause, HeldBy: open.heldBy}
	if open.Length() > 0 {
		v.Limits[open.cause] += open.Length()
		if !d.holder.probed { // who probes has data, and no window: that much is certain
			v.Now.Undecided = open.Length()
		}
	}
	for _, p := range pieces {
		v.Limits[p.cause] += p.Length()
		v.Now.Undecided += p.Length()
	}
	stall := stalls.underWay(open)
	v.Now.For = stall.Length()
	if stall.Length() >= d.Stalls.least && stall.Cause != flow.Application {
		v.Stalls = append(v.Stalls, stall)
		v.Count++
	}
	if columns > 0 && d.Timeline != nil {
		v.History = d.Timeline.Columns(span, columns)
		for i := range v.History {
			b := &v.History[i]
			for _, p := range append(pieces, open) {
				b.Limits[p.cause] += max(0, p.Clip(b.Interval).Length())
			}
		}
	}
	return v
}

// open is what likely holds the sender since the last verdict. Its interval is
// empty if there is no such time.
func (d *Direction) open(now flow.Time) verdict {
	since, cause, by := d.Undecided()
	v := verdict{cause: cause, heldBy: by}
	if since == 0 {
		return v
	}
	v.Interval = flow.Interval{Start: since, End: now.Add(-d.shift)}
	if d.within != (flow.Interval{}) {
		v.Interval = v.Clip(d.within)
	}
	if v.Length() <= 0 {
		v.Interval = flow.Interval{}
		return v
	}
	if d.credit != nil {
		v.cause, v.heldBy = d.credit.likely(cause, by, now, d.holder.rtt)
	}
	return v
}

// pending returns the pieces of time before that which are not settled either, because
// a stream may wait for the limit of HTTP/2, and the stalls as they are with these.
func (d *Direction) pending() (pieces []verdict, stalls Stalls) {
	stalls = d.Stalls
	if d.credit == nil || len(d.credit.pending.pieces) == 0 {
		return nil, stalls
	}
	stalls.Kept, stalls.over = slices.Clone(stalls.Kept), nil
	d.credit.undecided(func(v verdict) {
		if v = d.lived(v); v.Length() > 0 {
			pieces = append(pieces, v)
			stalls.add(v)
		}
	})
	return pieces, stalls
}

// Stall returns the stall that is under way at now, as far as one can tell. It
// is false if there is none.
func (d *Direction) Stall(now flow.Time) (Stall, bool) {
	open := d.open(now)
	_, stalls := d.pending()
	if open.cause == flow.Application || !stalls.lasts(open) {
		return Stall{}, false
	}
	s := stalls.underWay(open)
	return s, s.Cause != flow.Application
}
