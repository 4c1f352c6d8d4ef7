package diagnose

import (
	"slices"

	"flowlab/flow"
	"flowlab/h2flow"
)

// http joins the ledger of HTTP/2 with what TCP says of a connection.
type http struct {
	credits     [2]credit // by the side that sends
	streams     map[uint32]*stream
	order       []uint32     // of streams, as they were opened; some are over
	over        []StreamView // streams that are over, those that were held the longest
	forgotten   int          // streams that were let go of before they were over, for want of room
	ended       int          // streams that are over, and no longer in the map
	closing     []uint32     // those that are over, and still in it: DATA may come
	broken      []Violation
	holders     [2]holders
	limit       limiting // of the client
	settled     bool     // it has acknowledged SETTINGS
	away        [2]Away
	refused     Refused
	balances    balances
	violations  int
	lowest      [2]int64 // of the connection's windows, where they are known
	shut        [2]int64 // the most that they had been when they shut last
	knownWindow [2]bool
	partly      [2]bool
}

// stream is what there is of a stream that is not over.
type stream struct {
	halves [2]streamHalf
	opened int         // the packet
	early  bool        // it was opened before SETTINGS were acknowledged
	still  bool        // it is over, and was shown as it stays; see [Connection.Changed]
	gone   bool        // from the ledger, when it was shown
	final  *StreamView // as it was when it was closed
	over   flow.Time   // when that was; 0 if it is open
}

// Violation is something that broke a rule of RFC 9113.
type Violation struct {
	Event h2flow.Event
	Frame int // the packet
}

const (
	keepStreams    = 100 // that are over, with what held them
	keepClosing    = 300 // that are over, whatever held them; more than the ledger keeps
	keepViolations = 100
)

// newHTTP joins the two directions of a connection with HTTP/2.
func newHTTP(c *Connection) *http {
	x := &http{streams: make(map[uint32]*stream), limit: limiting{StreamLimit: StreamLimit{Lowered: -1}}}
	for i := range c.Directions {
		x.credits[i].hog = flow.Reader
		x.credits[i].enter = c.Directions[i].enter
		x.credits[i].far = c.Directions[i].inbox.turn > c.RTT()/2
		c.Directions[i].credit = &x.credits[i]
	}
	return x
}

// partlySent looks whether a frame is under way in a direction.
func (x *http) partlySent(h *h2flow.Conn, from flow.Side, t flow.Time, frame int) {
	f, _ := h.Reading(from)
	partly := f != nil
	if partly == x.partly[from] {
		return
	}
	x.partly[from] = partly
	m := mark{at: t, what: markWhole, frame: frame}
	if partly {
		m.what = markPartly
	}
	x.credits[from].add(m)
}

// event takes in one thing that was shown. What its sender did counts from when the
// segment would have passed had it not waited on the path, as TCP's verdicts do.
func (x *http) event(c *Connection, e *h2flow.Event, frame int) {
	l := c.application.h2.Ledger
	t := min(e.Time, c.Directions[e.From].left)
	if own := x.streams[e.Stream]; own != nil {
		own.still = false
	}
	switch e.Kind {
	case h2flow.FrameBegun:
		if e.Frame.Type == h2flow.Data {
			x.withdrawn(c, e, t, frame)
		}
	case h2flow.FrameEnded:
		switch e.Frame.Type {
		case h2flow.WindowUpdate:
			x.deposited(c, e, frame)
		case h2flow.Settings:
			if e.Frame.Flags.Has(h2flow.Ack) {
				x.refreshAll(c, e.From, t, frame)
				x.limited(c, e.From, c.Directions[flow.Client].known(e.Time), frame)
				if e.From == flow.Client {
					x.lowered(c, frame)
					x.settled = true
				}
			}
		case h2flow.Headers, h2flow.Data:
			if s := l.Stream(e.Stream); s != nil {
				x.refresh(c, s, e.From, t, frame)
			}
		case h2flow.GoAway:
			x.goneAway(c, e, frame)
		case h2flow.RSTStream:
			x.refuses(e, frame)
			if s := l.Stream(e.Stream); s != nil {
				x.refreshBoth(c, s, e.Time, frame)
				x.lookAgain(l, e.Time)
			}
		}
	case h2flow.StreamOpened:
		x.stream(e.Stream, frame)
		x.tooLate(e)
		if e.Stream%2 == 1 {
			x.opened(c, t, frame)
		}
	case h2flow.StreamDone:
		x.end(c, e.Stream, e.Time, frame)
		if e.Stream%2 == 1 {
			x.closed(c, e.From, c.Directions[flow.Client].known(e.Time), frame)
		}
	case h2flow.Missed, h2flow.Resumed:
		x.refreshAll(c, e.From, t, frame)
	}
	if e.Kind == h2flow.Overrun && e.Stream != 0 {
		x.stream(e.Stream, frame).halves[e.From].overran = true
	}
	if e.Kind.Violation() {
		if x.violations++; len(x.broken) < keepViolations {
			x.broken = append(x.broken, Violation{Event: *e, Frame: frame})
		}
	}
}

// withdrawn enters the header of DATA, sent at t. What its sender has sent it had
// credit for, so what was still on its way must have come.
func (x *http) withdrawn(c *Connection, e *h2flow.Event, t flow.Time, frame int) {
	l := c.application.h2.Ledger
	cr := &x.credits[e.From]
	s := l.Stream(e.Stream)
	missing := cr.owed - l.Direction(e.From).Window().High
	var missed int64 // on the stream
	if s != nil {
		if h := x.half(s, e.From); h != nil {
			missed = -h.window(l, s, e.From).High
		}
	}
	for n := range cr.coming {
		w := &cr.coming[n]
		switch {
		case w.stream == 0 && missing > 0:
			missing -= w.n
			w.at = t
		case s != nil && w.stream == s.ID && missed > 0:
			missed -= w.n
			w.at = t
		}
	}
	x.arrive(c, e.From, t)
	if cr.latest.shut && e.Frame.Length > 0 {
		x.holders[e.From].end(t)
		x.balances.frees(e.From, 0, flow.ConnectionWindow, t, c.RTT())
		cr.add(mark{at: t, what: markOpen, frame: frame})
	}
	x.connection(c, e.From, t, frame)
	if s == nil {
		return
	}
	h := x.half(s, e.From)
	if h != nil && e.Frame.Length > 0 {
		h.freed = 0
		x.wake(e.From, s.ID, h, t)
		h.sends(e, t, l.Direction(e.From).Sent)
		if h.held { // until now: it was given what it has just used
			h.held = false
			x.balances.frees(e.From, s.ID, flow.StreamWindow, t, c.RTT())
			x.released(c, s, e.From, t)
			cr.add(mark{at: t, what: markFreed, frame: frame, stream: h})
		}
	}
	x.refresh(c, s, e.From, t, frame)
	if h != nil && e.Frame.Length > 0 {
		x.spent(c, s, h, e.From, t)
	}
}

// stream finds a stream, or begins one.
func (x *http) stream(id uint32, frame int) *stream {
	own := x.streams[id]
	if own == nil {
		own = &stream{opened: frame, early: !x.settled}
		x.streams[id] = own
		if len(x.order) == cap(x.order) {
			x.order = slices.DeleteFunc(x.order, func(id uint32) bool { return x.streams[id] == nil })
		}
		x.order = append(x.order, id)
	}
	return own
}

func (x *http) half(s *h2flow.Stream, from flow.Side) *streamHalf {
	if own := x.streams[s.ID]; own != nil {
		return &own.halves[from]
	}
	return nil
}

// deposited enters an update: it reaches the sender a turn later.
func (x *http) deposited(c *Connection, e *h2flow.Event, frame int) {
	sender := e.From.Peer()
	cr := &x.credits[sender]
	n := int64(e.Frame.Increment)
	if e.Stream == 0 {
		cr.owed += n
	} else if own := x.streams[e.Stream]; own != nil {
		own.halves[sender].owed += n
	} else {
		return
	}
	d := &c.Directions[sender]
	turn := d.inbox.turn
	if turn > 0 {
		turn += d.holder.slack // what answers it at once may take a little longer
	}
	cr.coming = append(cr.coming, coming{at: e.Time.Add(turn), stream: e.Stream, n: n, frame: frame})
	x.arrive(c, sender, d.known(e.Time))
}

// arrive has credit reach its sender that does so up to now.
func (x *http) arrive(c *Connection, from flow.Side, now flow.Time) {
	cr := &x.credits[from]
	if len(cr.coming) == 0 {
		return
	}
	kept := cr.coming[:0]
	for _, w := range cr.coming {
		if w.at > now {
			kept = append(kept, w)
			continue
		}
		if w.stream == 0 {
			cr.owed -= w.n
			x.connection(c, from, w.at, w.frame)
			continue
		}
		own := x.streams[w.stream]
		if own == nil {
			continue
		}
		own.halves[from].owed -= w.n
		if s := c.application.h2.Ledger.Stream(w.stream); s != nil {
			x.refresh(c, s, from, w.at, w.frame)
		}
	}
	cr.coming = kept
}

// connection looks at the connection's window of a sender.
func (x *http) connection(c *Connection, from flow.Side, t flow.Time, frame int) {
	l, cr := c.application.h2.Ledger, &x.credits[from]
	w := l.Direction(from).Window()
	if w.Known() && (!x.knownWindow[from] || w.Low < x.lowest[from]) {
		x.lowest[from], x.knownWindow[from] = w.Low, true
	}
	if shut := w.High-cr.owed <= 0; shut != cr.latest.shut {
		m := mark{at: t, what: markOpen, frame: frame}
		if shut {
			m.what = markShut
			x.shut[from] = l.Direction(from).Largest()
			x.holders[from].begin(l, from, t)
			cr.hog = x.holders[from].now.by()
			x.balances.holds(hold{t, from, 0, flow.ConnectionWindow})
		} else {
			x.holders[from].end(t)
			x.balances.frees(from, 0, flow.ConnectionWindow, t, c.RTT())
		}
		cr.add(m)
		if !shut && cr.last != nil && cr.last.wants && !cr.last.held && cr.last.more {
			x.sleep(from, cr.last.id, cr.last, t)
		}
	}
}

// refresh looks at a stream's window of a sender.
func (x *http) refresh(c *Connection, s *h2flow.Stream, from flow.Side, t flow.Time, frame int) {
	own := x.stream(s.ID, frame)
	l, cr, h := c.application.h2.Ledger, &x.credits[from], &own.halves[from]
	w, obeyed := h.window(l, s, from), l.Obeyed(s, from)
	if obeyed.Known() {
		h.lowest = min(h.lowest, obeyed.Low)
	}
	switch wants := s.Halves[from].Begun && !s.Halves[from].Ended; {
	case wants && !h.wants:
		h.wants, h.id = true, s.ID
		h.sent, h.all = t, l.Direction(from).Sent
		h.stalls.least = c.Directions[from].Stalls.least
		h.lowest = obeyed.Low
		cr.add(mark{at: t, what: markBegin, frame: frame, stream: h})
	case !wants && h.wants:
		x.stops(c, s, h, from, t, frame)
	}
	if !h.wants {
		return
	}
	held := w.High <= 0
	if held {
		h.by = keeps(l, s, from, h.overran)
		cr.by = h.by
	}
	if held != h.held {
		m := mark{at: t, what: markFreed, frame: frame, stream: h}
		if held {
			m.what = markHeld
			h.freed, h.began, h.size = 0, t, l.Direction(from).Initial().High
			x.balances.holds(hold{t, from, s.ID, flow.StreamWindow})
		} else {
			h.freed = t
			x.balances.frees(from, s.ID, flow.StreamWindow, t, c.RTT())
			x.released(c, s, from, t)
		}
		cr.add(m)
		h.held = held
		if h.more = h.more || s.Halves[from].Unfinished(); !held && h.more && !cr.latest.shut {
			x.sleep(from, s.ID, h, t)
		}
	}
}

// stops enters that a stream has no more to send, if it had.
func (x *http) stops(c *Connection, s *h2flow.Stream, h *streamHalf, from flow.Side, t flow.Time, frame int) {
	if !h.wants {
		return
	}
	h.wants = false
	x.wake(from, s.ID, h, t)
	x.balances.frees(from, s.ID, flow.StreamWindow, t, c.RTT())
	x.credits[from].add(mark{at: t, what: markEnd, frame: frame, stream: h})
	if h.held {
		h.held = false
		x.released(c, s, from, t)
	}
}

// refreshBoth looks at a stream's windows of both senders.
func (x *http) refreshBoth(c *Connection, s *h2flow.Stream, now flow.Time, frame int) {
	for i := range c.Directions {
		x.refresh(c, s, flow.Side(i), c.Directions[i].known(now), frame)
	}
}

// refreshAll looks at all streams of a sender, because SETTINGS hold now.
func (x *http) refreshAll(c *Connection, from flow.Side, t flow.Time, frame int) {
	x.connection(c, from, t, frame)
	for _, own := range x.streams {
		own.still = false
	}
	for s := range c.application.h2.Ledger.Streams {
		if s.Halves[from].Begun {
			x.refresh(c, s, from, t, frame)
		}
	}
}
