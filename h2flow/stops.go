package h2flow

import (
	"time"

	"flowlab/flow"
)

// stopsNeeded is how often a sender must stop at the same place for its window to be
// known.
const stopsNeeded = 3

// stops looks for where the sender of a window that is not known stops. If it stops
// again and again when it has sent so much more than it was given back, never sends
// more, and each time goes on just when credit reaches it, its window is zero there.
//
// A sender that goes on by a clock of its own may do so by chance when credit comes. So
// the credit must have come after a silence, and these must have been of different
// lengths. One that answers what the other side sends it goes on by that: DATA or
// HEADERS of the other side make a stop count for nothing.
type stops struct {
	most, least int64 // that was sent and not given back, since the account is looked at
	times       int   // stops at most

	last    flow.Time     // the latest DATA
	spoken  int64         // frames of the other side that it may answer, by then
	since   flow.Time     // when the first credit passed after that, 0 if none did
	latest  flow.Time     // the latest
	given   int64         // bytes of it
	silence time.Duration // before the credit after the first stop
	varied  bool          // a stop after it was not like it
}

// credit enters an update.
func (s *stops) credit(n int64, t flow.Time) {
	if s == nil {
		return
	}
	if s.since == 0 {
		s.since = t
	}
	s.latest = t
	s.given += n
}

// data enters DATA, before which so much more was sent than was given back, and after
// which it is out. It tells whether the window is zero where most is. Alone tells that
// no other window can have held the sender.
func (s *stops) data(before, out int64, t flow.Time, d *Direction, alone bool) bool {
	if s.since != 0 && before+s.given == s.most && alone && s.spoken == d.heard {
		silence, least := s.since.Sub(s.last), 4*d.slack
		answered := (t.Sub(s.since)-d.turn).Abs() <= d.slack && s.latest.Sub(s.since) <= d.slack
		if answered && silence > least {
			s.stop(silence)
			s.varied = s.varied || (silence-s.silence).Abs() > least
		} else if !answered {
			s.times = 0 // it went on by itself
		}
	}
	if out > s.most {
		s.most, s.times = out, 0
	}
	s.least = min(s.least, before)
	s.last, s.since, s.given, s.spoken = t, 0, 0, d.heard
	return s.times >= stopsNeeded && s.varied
}

// stop counts a stop.
func (s *stops) stop(silence time.Duration) {
	if s.times++; s.times == 1 {
		s.silence, s.varied = silence, false
	}
}

// Turn tells how long it takes from the point of observation to a sender and back, and
// by how much what answers credit at once may differ from that. Until it is told, no
// window is concluded from where its sender stops.
func (l *Ledger) Turn(from flow.Side, turn, slack time.Duration) {
	d := &l.directions[from]
	d.turn, d.slack, d.timed = turn, slack, true
}

// look narrows the windows that DATA of so many bytes were withdrawn from, if they show
// where their sender stops.
func (l *Ledger) look(s *Stream, from flow.Side, n int64, t flow.Time) {
	d, h := &l.directions[from], &s.Halves[from]
	own, all := l.Window(s, from), d.window.Window
	if !d.timed || n == 0 || own.Known() && all.Known() {
		return
	}
	h.stops = h.stops.begun(own, h.Sent-h.Credited-n)
	d.stops = d.stops.begun(all, d.Sent-d.Credited-n)
	ownAlone, allAlone := d.alone(h.stops, &d.credit, &h.seen[1], all, n), d.alone(d.stops, &h.credit, &h.seen[0], own, n)
	if out := d.Sent - d.Credited; !all.Known() && d.stops.data(out-n, out, t, d, allAlone) {
		d.window.Window = exactly(d.stops.most - out)
		d.size = max(d.size, d.stops.most-d.stops.least)
	}
	if out := h.Sent - h.Credited; !own.Known() && d.Acknowledged() && h.stops.data(out-n, out, t, d, ownAlone) {
		l.settle(s, from, h.stops.most-out)
	}
	h.seen = [2]creditSeen{{h.credit, t}, {d.credit, t}}
}

// credited is how much credit a window was given, and when the latest passed.
type credited struct {
	sum int64
	at  flow.Time
}

// creditSeen is what credit there was at a stream's latest DATA, and when these passed.
type creditSeen struct {
	credited
	data flow.Time
}

// alone tells that what let a sender go that had stopped was the credit of the window
// that s looks at, and not that of another, from which DATA of n bytes are withdrawn too.
// That one's came so long before that the sender had gone on then; or it had room without
// what it was given since the stream's latest DATA, at which what had been given before
// had reached the sender.
func (d *Direction) alone(s *stops, other *credited, then *creditSeen, w Window, n int64) bool {
	if s == nil || s.since == 0 || other.at == 0 || s.since.Sub(other.at) > 2*d.slack {
		return true
	}
	given := other.sum - then.sum
	return w.Known() && w.Low+n > given && then.data.Sub(then.at) > d.turn+d.slack
}

// begun looks at a window from now on, if it is not known. So much was sent before, and
// not given back.
func (s *stops) begun(w Window, out int64) *stops {
	if s == nil && !w.Known() {
		return &stops{most: out, least: out}
	}
	return s
}

// settle makes a stream's window known. Where the initial window is not, it is known
// apart from that, until that changes.
func (l *Ledger) settle(s *Stream, from flow.Side, window int64) {
	h, initial := &s.Halves[from], l.directions[from].initial.bounds()
	if h.apart = !initial.Known(); h.apart {
		initial = Window{}
	}
	h.sum.Window = exactly(window - initial.Low)
	h.size = max(h.size, h.stops.most-h.stops.least-initial.Low)
}

// forgetStops begins anew with the streams of a sender, because what was sent or given
// back was not all seen, or the initial window changes.
func (l *Ledger) forgetStops(from flow.Side) {
	if !l.partial {
		return // all windows are known
	}
	for _, s := range l.streams {
		h := &s.Halves[from]
		h.stops = nil
		if h.apart {
			h.apart, h.sum.Window = false, anyWindow
		}
	}
}
