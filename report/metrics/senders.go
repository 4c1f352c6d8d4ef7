// What runs and what is watched have in common: senders, and what holds them.

package metrics

import (
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"flowlab/diagnose"
	"flowlab/flow"
)

// sender is one direction of a connection as it stands at an instant.
type sender struct {
	from    flow.Side
	bytes   int64
	cause   flow.Cause
	heldBy  flow.HeldBy
	since   flow.Time     // since when the cause holds; 0 if nothing can
	held    bool          // that is a stall by now
	stalled time.Duration // by stalls, that under way included
	stalls  int           // of these
	// Where all is known of the past; nil where only what holds it now is.
	limits *flow.Limits
	list   []diagnose.Stall // in order of time, the one under way last
}

// key names a sender from one snapshot to the next, but for when its connection began: another
// with the same addresses may follow it.
type key struct {
	connection flow.Conn
	from       flow.Side
}

// sameStart is by how much the beginnings of one connection may differ, which is seen at two
// places. Addresses are used again so soon only by what is over at once.
const sameStart = time.Second

// known is what was entered of a sender.
type known struct {
	sender
	start  flow.Time   // of the connection
	limits flow.Limits // the most that there was of each
	ended  int         // stalls
	lasted time.Duration
	began  int
	last   flow.Cause // of the latest stall that was seen
	until  flow.Time  // the end of the latest stall that began
	over   flow.Time  // and of the latest that ended
	look   int
}

// senders turns how senders stand into counters, which only grow: what seemed to hold a
// sender and then did not is not taken back.
type senders struct {
	limited   *prometheus.CounterVec
	stalls    *prometheus.CounterVec
	durations *prometheus.HistogramVec
	held      *prometheus.GaugeVec
	sent      *prometheus.CounterVec

	before flow.Time // when it was looked before
	look   int
	known  map[key][]*known
	now    map[hold]time.Duration // what has held a sender ever, and for how long by now
}

// hold is what holds a sender.
type hold struct {
	cause flow.Cause
	by    flow.HeldBy
}

func newSenders(e *exposed) senders {
	s := senders{
		limited:   e.counter("flowlab_limited_seconds_total"),
		stalls:    e.counter("flowlab_stalls_total"),
		durations: e.histogram("flowlab_stall_duration_seconds"),
		held:      e.gauge("flowlab_held_seconds"),
		sent:      e.counter("flowlab_sent_bytes_total"),
		known:     map[key][]*known{}, now: map[hold]time.Duration{},
	}
	s.zero()
	return s
}

// zero has the series of each cause and side begin at 0: of one that begins with its first
// stall, rate() and increase() would not see that stall.
func (s *senders) zero() {
	for _, side := range []flow.Side{flow.Client, flow.Server} {
		from := side.String()
		s.sent.WithLabelValues(from)
		for _, cause := range flow.CauseNames() {
			s.limited.WithLabelValues(cause, from)
			s.stalls.WithLabelValues(cause, from)
			s.durations.WithLabelValues(cause, from)
		}
	}
}

// begin begins a look.
func (s *senders) begin() {
	s.look++
	for h := range s.now {
		s.now[h] = 0
	}
}

// find returns what is known of a sender whose connection began at start, and was not entered
// in this look yet: that which began at the nearest time. There is one from now on.
func (s *senders) find(k key, start flow.Time) (was *known) {
	nearest := sameStart
	for _, other := range s.known[k] {
		if apart := other.start.Sub(start).Abs(); apart < nearest && other.look != s.look {
			was, nearest = other, apart
		}
	}
	if was == nil {
		was = &known{start: start}
		s.known[k] = append(s.known[k], was)
	}
	was.look = s.look
	return was
}

// enter enters how a sender of a connection that began at start stands at an instant.
func (s *senders) enter(k key, start flow.Time, is *sender, at flow.Time) {
	was := s.find(k, start)
	from := is.from.String()
	s.sent.WithLabelValues(from).Add(float64(max(0, is.bytes-was.bytes)))
	s.share(is, was, at)
	if is.limits != nil {
		s.each(is, was)
	} else {
		s.count(is, was, at)
	}
	if is.held {
		h := hold{is.cause, is.heldBy}
		s.now[h] = max(s.now[h], at.Sub(is.since))
		was.last = is.cause
	}
	most := max(was.bytes, is.bytes)
	was.sender = *is
	was.bytes = most
}

// share enters for how long causes held a sender since the look before.
func (s *senders) share(is *sender, was *known, at flow.Time) {
	add := func(c flow.Cause, d time.Duration) {
		if d > 0 {
			s.limited.WithLabelValues(c.String(), is.from.String()).Add(d.Seconds())
		}
	}
	if is.limits != nil {
		for c, d := range is.limits {
			add(flow.Cause(c), d-was.limits[c])
			was.limits[c] = max(was.limits[c], d)
		}
		return
	}
	if is.since == 0 {
		return
	}
	if was.since == 0 { // it is new
		add(is.cause, at.Sub(is.since))
		return
	}
	changed := max(is.since, s.before)
	add(was.cause, changed.Sub(s.before))
	add(is.cause, at.Sub(changed))
}

// each enters stalls one by one. One whose beginning moves while it is settled is no other.
func (s *senders) each(is *sender, was *known) {
	from := is.from.String()
	for i := range is.list {
		stall := &is.list[i]
		if stall.Start >= was.until {
			s.stalls.WithLabelValues(stall.Cause.String(), from).Inc()
		}
		was.until = max(was.until, stall.End)
		if underWay := is.held && i == len(is.list)-1; !underWay && stall.Start >= was.over {
			s.durations.WithLabelValues(stall.Cause.String(), from).Observe(stall.Length().Seconds())
			was.over = stall.End
		}
	}
}

// count enters the stalls that began and ended since the look before. Of more than one
// that ended each is taken to have been as long as the others.
func (s *senders) count(is *sender, was *known, at flow.Time) {
	from := is.from.String()
	ended, lasted := is.stalls, is.stalled
	if is.held {
		ended--
		lasted -= min(lasted, at.Sub(is.since))
	}
	began := is.stalls - was.began
	if began > 0 && is.held && (!was.held || is.since != was.since) {
		s.stalls.WithLabelValues(is.cause.String(), from).Inc()
		began--
	}
	if began > 0 {
		s.stalls.WithLabelValues(flow.Unknown.String(), from).Add(float64(began))
	}
	was.began = max(was.began, is.stalls)
	n := ended - was.ended
	if n <= 0 {
		return
	}
	each := max(0, lasted-was.lasted) / time.Duration(n)
	for i := range n {
		cause := flow.Unknown
		if i == 0 && was.held {
			cause = was.last
		}
		s.durations.WithLabelValues(cause.String(), from).Observe(each.Seconds())
	}
	was.ended, was.lasted = ended, max(was.lasted, lasted)
}

// end ends a look at an instant: senders that were not entered are forgotten.
func (s *senders) end(at flow.Time) {
	s.before = at
	for k, list := range s.known {
		list = slices.DeleteFunc(list, func(was *known) bool { return was.look != s.look })
		if s.known[k] = list; len(list) == 0 {
			delete(s.known, k)
		}
	}
	for h, by := range s.now {
		s.held.WithLabelValues(h.cause.String(), h.by.String()).Set(by.Seconds())
	}
}
