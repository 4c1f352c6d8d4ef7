package diagnose

import (
	"time"

	"flowlab/flow"
	"flowlab/h2flow"
)

// credit lays what HTTP/2 allows a sender over what TCP's packets say of it. It is
// told, in the sender's own order, what the sender withdrew and what credit reached
// it; and it splits each verdict of TCP where that changed something.
//
// What counts is what the next byte needs (type [flow.Cause]). While a frame is partly
// sent, or a loss is repaired, TCP's rules decide. Else, if the connection's window is
// shut, or those of all streams that want to send, that holds the sender, whatever is
// in flight.
type credit struct {
	enter   func(verdict)
	latest  state
	settled state // up to where TCP's verdicts came
	marks   []mark
	cum     flow.Limits // of all streams alike: TCP's, with the connection's window
	coming  []coming    // credit that has passed, and has not reached the sender
	owed    int64       // of that, for the connection
	by      flow.HeldBy // who keeps the window of the stream that shut last, if that is known
	hog     flow.HeldBy // who has the connection's credit
	last    *streamHalf // the stream that DATA were sent on last
	pending pending
	far     bool // the packets are seen far from the sender
}

// state is what there is at one instant.
type state struct {
	partly bool      // a frame is partly sent
	shut   bool      // the connection's window is
	held   int       // streams that want to send and may not
	ready  int       // streams that want to send and may
	asleep int       // of these, those that were given credit and are known to have more to send
	slept  flow.Time // since when one is
	since  flow.Time // when it began to hold
	frame  int       // the packet that made it so
}

// what a mark changes.
type what uint8

const (
	markPartly what = iota
	markWhole
	markShut
	markOpen
	markBegin // a stream wants to send, and may
	markHeld
	markFreed
	markEnd
	markAsleep
	markAwake
	markFull // as many streams are open as may be
	markWaited
	markNoneWaited
)

// mark is a change at one instant.
type mark struct {
	at     flow.Time
	what   what
	frame  int
	stream *streamHalf // of those from markBegin to markEnd
}

// coming is credit on its way to the sender.
type coming struct {
	at     flow.Time
	stream uint32
	n      int64
	frame  int
}

// streamHalf is what held one direction of a stream.
type streamHalf struct {
	id     uint32
	limits flow.Limits
	stalls Stalls
	wants  bool        // HEADERS were sent, and not the end
	held   bool        // its own window is shut
	by     flow.HeldBy // who keeps it so, if that is known
	asleep bool        // it has credit, and is known to have more to send
	began  flow.Time   // when it was held, or fell asleep
	owed   int64       // credit that has not reached the sender
	freed  flow.Time   // when credit came that was not used yet; 0 if none did
	lowest int64       // of the window, where it is known
	size   int64       // that a new stream's window had when it shut last

	sent            flow.Time // when the latest DATA were sent, or its HEADERS
	all             int64     // bytes of DATA that the connection had sent by then
	latest, longest int       // bytes of the latest and of the longest DATA frame
	emptied         int       // how often DATA took a window to exactly zero
	more            bool      // the latest DATA show that there is more to send
	overran         bool      // DATA were sent beyond the window

	cum     flow.Limits // at the latest change
	from    flow.Time   // of that
	frame   int
	settled bool // by the marks that were settled: wants
	was     bool // by these: held
}

// apply takes a mark into a state.
func (s *state) apply(m *mark) {
	holding := s.holds()
	switch m.what {
	case markPartly:
		s.partly = true
	case markWhole:
		s.partly = false
	case markShut:
		s.shut = true
	case markOpen:
		s.shut = false
	case markBegin:
		s.ready++
	case markHeld:
		s.ready--
		s.held++
	case markFreed:
		s.ready++
		s.held--
	case markEnd:
		if m.stream.held {
			s.held--
		} else {
			s.ready--
		}
	case markAsleep:
		s.asleep++
		s.slept = m.at
	case markAwake:
		s.asleep--
	}
	if s.holds() != holding || m.what == markShut {
		s.since, s.frame = m.at, m.frame
	}
}

// holds tells whether HTTP/2 may hold the sender.
func (s *state) holds() bool { return s.shut && s.held+s.ready > 0 || s.held > 0 }

// cause is what holds the sender where TCP's packets alone say c. Seen far from the
// sender, a frame that the path spreads is partly here long after it was sent whole:
// where TCP had nothing more to send, it was.
func (s *state) cause(c flow.Cause, far bool) flow.Cause {
	switch {
	case s.partly && !(far && c == flow.Application), c == flow.LossRecovery, c == flow.Handshake, c == flow.Unknown:
		return c
	case s.shut && s.held+s.ready > 0:
		return flow.ConnectionWindow
	case s.held > 0 && (s.ready == 0 || c == flow.Application):
		return flow.StreamWindow
	case s.ready == 0 && c == flow.Nagle:
		// No stream has anything to send: the short segments are updates and the like,
		// which follow ACKs because they answer what came with them.
		return flow.Application
	}
	return c
}

// add notes a change.
func (c *credit) add(m mark) {
	c.latest.apply(&m)
	c.marks = append(c.marks, m)
}

// split lays the marks over a verdict of TCP, and enters its parts.
func (c *credit) split(v verdict, rtt time.Duration) {
	for n := 0; ; n++ {
		next := v.End
		if n < len(c.marks) && c.marks[n].at < next {
			next = max(v.Start, c.marks[n].at)
		} else {
			c.marks = append(c.marks[:0], c.marks[n:]...)
			c.part(v, v.End, 0, rtt)
			return
		}
		m := &c.marks[n]
		c.part(v, next, m.frame, rtt)
		v.Start = next
		c.pass(m)
	}
}

// part enters a verdict up to a time, at which a packet changes what holds.
func (c *credit) part(v verdict, until flow.Time, frame int, rtt time.Duration) {
	if v.End = until; v.Length() <= 0 {
		return
	}
	s := &c.settled
	cause := s.cause(v.cause, c.far)
	if cause == flow.Application && s.asleep > 0 {
		v.heldBy = flow.SenderLibrary
	}
	if s.shut && cause == flow.ConnectionWindow {
		c.cum[cause] += v.Length()
	} else {
		c.cum[v.cause] += v.Length()
	}
	if cause != v.cause {
		v.cause, v.heldBy = cause, c.heldBy(cause, v.End.Sub(s.since), rtt)
		v.frames = [3]int{s.frame, 0, frame}
	}
	c.hand(v)
}

// heldBy is who can let a sender go that HTTP/2 has held for so long. A window that is
// given back within a round trip is too small; else somebody does not read.
func (c *credit) heldBy(cause flow.Cause, held, rtt time.Duration) flow.HeldBy {
	switch {
	case c.by != flow.Nobody && cause == flow.StreamWindow:
		return c.by
	case tooSmall(held, rtt):
		return flow.WindowSize
	case cause == flow.ConnectionWindow:
		return c.hog
	}
	return flow.Reader
}

// tooSmall tells whether a window that was shut for so long was given back as soon as
// the path allows.
func tooSmall(held, rtt time.Duration) bool { return held <= rtt+rtt/2+5*time.Millisecond }

// pass takes a mark into what is settled, and deals a stream's time out.
func (c *credit) pass(m *mark) {
	c.settled.applyTo(m)
	switch m.what {
	case markFull:
		c.pending.full, c.pending.frame = true, m.frame
	case markWaited, markNoneWaited:
		c.pending.decide(m.what == markWaited, m.frame, c.enter)
	}
	h := m.stream
	if h == nil {
		return
	}
	h.deal(c, m)
	switch m.what {
	case markBegin:
		h.settled = true
	case markHeld:
		h.was = true
	case markFreed:
		h.was = false
	case markEnd:
		h.settled, h.was = false, false
	}
}

// applyTo is apply for what is settled: a stream that ends does so as it was by then.
func (s *state) applyTo(m *mark) {
	if m.what != markEnd {
		s.apply(m)
		return
	}
	end := *m
	stream := streamHalf{held: m.stream.was}
	end.stream = &stream
	s.apply(&end)
}

// deal gives a stream its share of the time since its latest change: that of TCP and
// the connection while its own window was open, else that of its window, apart from
// what comes before it.
func (h *streamHalf) deal(c *credit, m *mark) {
	if h.settled {
		before := h.limits[flow.StreamWindow]
		h.limits = h.since(c)
		if h.was && h.limits[flow.StreamWindow]-before >= h.stalls.least {
			h.stalls.add(verdict{
				Interval: flow.Interval{Start: h.from, End: m.at}, cause: flow.StreamWindow, heldBy: h.holder(),
				frames: [3]int{h.frame, 0, m.frame},
			})
			h.stalls.finish()
		}
	}
	h.cum, h.from, h.frame = c.cum, m.at, m.frame
}

// since is the time of a stream up to what is settled.
func (h *streamHalf) since(c *credit) flow.Limits {
	limits := h.limits
	for cause := range c.cum {
		d := c.cum[cause] - h.cum[cause]
		switch flow.Cause(cause) {
		case flow.LossRecovery, flow.ConnectionWindow, flow.Handshake, flow.Unknown:
		default:
			if h.was {
				limits[flow.StreamWindow] += d
				continue
			}
		}
		limits[cause] += d
	}
	return limits
}

// likely is what holds the sender now, where TCP's packets say c.
func (c *credit) likely(cause flow.Cause, by flow.HeldBy, now flow.Time, rtt time.Duration) (flow.Cause, flow.HeldBy) {
	if own := c.latest.cause(cause, c.far); own != cause {
		return own, c.heldBy(own, now.Sub(c.latest.since), rtt)
	}
	if cause == flow.Application && c.latest.asleep > 0 && now.Sub(c.latest.slept) > late {
		by = flow.SenderLibrary
	}
	return cause, by
}

// window is the stream's window as its sender knows it.
func (h *streamHalf) window(l *h2flow.Ledger, s *h2flow.Stream, from flow.Side) h2flow.Window {
	w := l.Obeyed(s, from)
	return h2flow.Window{Low: w.Low - h.owed, High: w.High - h.owed}
}
