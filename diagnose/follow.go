package diagnose

import (
	"math"

	"flowlab/diagnose/timeline"
	"flowlab/flow"
)

// Hold is a stretch of time and what held a sender in it, by the sender's clock.
type Hold struct {
	flow.Interval
	Cause  flow.Cause
	HeldBy flow.HeldBy
}

// Follow has held called with each stretch of time that is settled from now on, in
// order for each direction, and stalled with each stall that is over. From now on
// [Direction.Extremes] tells something. Who followed before is told no more.
func (c *Connection) Follow(held func(from flow.Side, h Hold), stalled func(from flow.Side, s Stall)) {
	c.Unfollow()
	for i := range c.Directions {
		d := &c.Directions[i]
		from, settled, over := d.From, d.settled, d.Stalls.over
		d.before = &hooks{settled, over}
		d.settled = func(i flow.Interval, cause flow.Cause, by flow.HeldBy) {
			if settled != nil {
				settled(i, cause, by)
			}
			held(from, Hold{i, cause, by})
		}
		d.Stalls.over = func(s Stall) {
			if over != nil {
				over(s)
			}
			stalled(from, s)
		}
		d.extreme = &extremes{}
	}
}

// Unfollow has nobody told any more who followed the connection.
func (c *Connection) Unfollow() {
	for i := range c.Directions {
		if d := &c.Directions[i]; d.before != nil {
			d.settled, d.Stalls.over = d.before.settled, d.before.over
			d.before, d.extreme = nil, nil
		}
	}
}

// hooks are what is called with what is settled of a direction.
type hooks struct {
	settled func(flow.Interval, flow.Cause, flow.HeldBy)
	over    func(Stall)
}

// Changed is View without a history, for one who looks again and again: it has only those
// streams that may not be as they were when it was called before, in any order, or all.
// Those that View would also show are appended to same, by number. It does not let time
// pass for what TCP's verdicts are made of, so looking changes none.
func (c *Connection) Changed(now flow.Time, all bool, same []uint32) (View, []uint32) {
	if c.application != nil {
		c.application.advance(c, now)
	}
	v := c.view(now, flow.Interval{}, 0, func(x *http, c *Connection, now flow.Time) *HTTPView {
		v := x.frame(c, now)
		for i := range x.over {
			if all {
				v.Streams = append(v.Streams, x.over[i])
			} else {
				same = append(same, x.over[i].ID)
			}
		}
		dealt := x.dealt()
		for id, own := range x.streams {
			was := own.still
			gone := c.application.h2.Ledger.Stream(id) == nil
			was, own.gone = was && own.gone == gone, gone
			if own.still = own.over != 0 && own.over < dealt && own.stays(); was && own.still && !all {
				same = append(same, id)
			} else {
				v.Streams = append(v.Streams, x.streamView(c, id, own, now))
			}
		}
		return v
	})
	return v, same
}

// stays tells whether nothing will change of a stream that is over, unless more frames of
// it come.
func (s *stream) stays() bool {
	for i := range s.halves {
		if s.halves[i].wants || s.halves[i].settled {
			return false
		}
	}
	return true
}

// dealt is up to when what changed was laid over verdicts.
func (x *http) dealt() flow.Time {
	t := flow.Time(math.MaxInt64)
	for i := range x.credits {
		for k := range x.credits[i].marks {
			t = min(t, x.credits[i].marks[k].at)
		}
	}
	return t
}

// Likely appends to list what holds the sender, as far as one can tell, in the time
// up to now that is not settled.
func (d *Direction) Likely(now flow.Time, list []Hold) []Hold {
	open := d.open(now)
	pieces, _ := d.pending()
	for _, p := range append(pieces, open) {
		if p.Length() > 0 {
			list = append(list, Hold{p.Interval, p.cause, p.heldBy})
		}
	}
	return list
}

// MeanWindow is the advertised window, averaged over time.
func (d *Direction) MeanWindow() Mean { return d.mean }

// extremes are the ranges of two quantities since they were asked for.
type extremes struct {
	any              bool
	window, inFlight timeline.Range
}

func (e *extremes) add(window, inFlight int) {
	if !e.any {
		e.any = true
		e.window = timeline.Range{Min: window, Max: window, Last: window}
		e.inFlight = timeline.Range{Min: inFlight, Max: inFlight, Last: inFlight}
		return
	}
	e.window.Add(window)
	e.inFlight.Add(inFlight)
}

// Extremes returns the ranges of the window and of what was in flight after each packet
// since the call before. Without a packet they are what both are now. [Connection.Follow]
// comes first.
func (d *Direction) Extremes() (window, inFlight timeline.Range) {
	e := *d.extreme
	if !e.any {
		e.add(d.Account.Window, d.Account.InFlight())
	}
	*d.extreme = extremes{}
	return e.window, e.inFlight
}
