package diagnose

import (
	"cmp"
	"slices"
	"time"

	"flowlab/flow"
	"flowlab/h2flow"
	"flowlab/tlsrec"
)

// Layer is what was read above TCP.
type Layer struct {
	TLS    bool
	Opaque bool           // it is TLS, and cannot be read
	Reason tlsrec.Problem // why, or what is wrong
	ALPN   string         // of TLS
	Name   string         // of the server, as TLS has it
	HTTP2  *HTTPView      // nil if it is not HTTP/2
}

// HTTPView is an HTTP/2 connection.
type HTTPView struct {
	Directions [2]HTTPDirection // by the side that sends
	Streams    []StreamView     // those that were held the longest come first
	Count      int              // of all streams
	Forgotten  int              // of these, those that were let go of before they were over, for want of room
	Limit      StreamLimit      // of the client's streams
	Away       [2]Away          // by who sent GOAWAY
	Refused    Refused
	Balances   []Balance // how the accounts stood in the longest stalls
	Violations []Violation
	Broken     int // violations, also those that are not kept
}

// HTTPDirection is the connection's account of one sender.
type HTTPDirection struct {
	Window     h2flow.Window // now
	Lowest     int64         // of the window, if it was ever known
	Known      bool          // it was
	Initial    h2flow.Window // of a stream that is opened now
	Limit      h2flow.Window // of streams that it may have open
	Open       int
	Sent       int64
	Credited   int64
	Updates    int64
	Unreturned int64
	Largest    int64    // that the window was
	Shut       int64    // the same, up to when it was shut last; 0 if it never was
	Holders    Holdings // when the window was shut for the longest
}

// StreamView is a stream.
type StreamView struct {
	ID        uint32
	Path      string
	GRPC      bool
	Opener    flow.Side
	Opened    flow.Time // its first frame, or the first that was seen
	Seen      bool      // its beginning was
	Over      flow.Time // when both sides had ended it; 0 if it is open
	Closed    bool
	ResetBy   h2flow.Sides
	Code      h2flow.Code
	FirstSeen int // the packet
	Halves    [2]HalfView
}

// HalfView is one direction of a stream.
type HalfView struct {
	Limits     flow.Limits
	Stalls     []Stall // in which its own window held it
	Now        Now     // of what it waits for; only of one that is not over
	Finished   bool    // END_STREAM was sent
	Wants      bool    // it has more to send, or has not said that it ends
	Window     h2flow.Window
	Lowest     int64
	Size       int64 // that a new stream's window had when this one shut last
	Sent       int64
	Unsent     int64 // of Sent: what is still to come of a frame that is partly sent
	Padding    int64
	Credited   int64
	Updates    int64
	Unreturned int64
	Messages   h2flow.Messages
	Holder     flow.HeldBy   // who keeps the window shut, or the latest time kept it, as far as frames prove it; else nobody
	Overran    bool          // DATA were sent beyond the window
	Asleep     bool          // it has credit, and is known to have more to send
	Promised   int64         // bytes of content, by content-length; 0 if it is not known
	Quiet      time.Duration // since the latest DATA, or the HEADERS
	Others     int64         // bytes of DATA of other streams since then
	Unused     time.Duration // for which there has been credit again that is not used; 0 if it never ran out
}

// Held is for how long windows of HTTP/2 held the sender.
func (h *HalfView) Held() time.Duration {
	return h.Limits[flow.StreamWindow] + h.Limits[flow.ConnectionWindow] + h.Limits[flow.StreamLimit]
}

func (s *StreamView) held() time.Duration { return max(s.Halves[0].Held(), s.Halves[1].Held()) }

// layer returns what was read above TCP; show makes the view of HTTP/2.
func (c *Connection) layer(now flow.Time, show func(x *http, c *Connection, now flow.Time) *HTTPView) (v Layer) {
	a := c.application
	if a == nil {
		return v
	}
	if a.tls != nil {
		v.TLS, v.ALPN, v.Name = true, a.tls.ALPN(), a.tls.ServerName()
		for _, side := range []flow.Side{flow.Client, flow.Server} {
			if state := a.tls.State(side); state != tlsrec.Decrypting {
				v.Opaque = true
			}
			if p := a.tls.Problem(side); v.Reason.Reason == 0 {
				v.Reason = p
			}
		}
	}
	if a.http != nil {
		v.HTTP2 = show(a.http, c, now)
		v.Opaque = false
	}
	return v
}

// view is all that there is.
func (x *http) view(c *Connection, now flow.Time) *HTTPView {
	v := x.frame(c, now)
	v.Streams = slices.Clone(x.over)
	for id, own := range x.streams {
		v.Streams = append(v.Streams, x.streamView(c, id, own, now))
	}
	slices.SortFunc(v.Streams, func(a, b StreamView) int {
		return cmp.Or(-cmp.Compare(a.held(), b.held()), cmp.Compare(a.ID, b.ID))
	})
	return v
}

// frame is all that there is but for the streams.
func (x *http) frame(c *Connection, now flow.Time) *HTTPView {
	l := c.application.h2.Ledger
	v := &HTTPView{Count: x.ended + len(x.streams), Forgotten: x.forgotten, Limit: x.limit.StreamLimit, Away: x.away, Refused: x.refused, Balances: x.balances.view(now, c.Directions[flow.Client].Stalls.least),
		Violations: slices.Clone(x.broken), Broken: x.violations}
	for i := range v.Directions {
		d := l.Direction(flow.Side(i))
		v.Directions[i] = HTTPDirection{
			Window: d.Window(), Lowest: x.lowest[i], Known: x.knownWindow[i], Initial: d.Initial(), Limit: d.Limit(),
			Open: d.Open, Sent: d.Sent, Credited: d.Credited, Updates: d.Updates, Unreturned: d.Unreturned(), Largest: d.Largest(), Shut: x.shut[i],
			Holders: x.holders[i].worst(now),
		}
	}
	return v
}

// streamView is a stream as it stands.
func (x *http) streamView(c *Connection, id uint32, own *stream, now flow.Time) StreamView {
	var v StreamView
	if own.final != nil {
		v = *own.final
	}
	if s := c.application.h2.Ledger.Stream(id); s != nil {
		v = streamOf(c.application.h2.Ledger, s)
	}
	v.ID, v.FirstSeen, v.Over = id, own.opened, own.over
	for i := range v.Halves {
		h, from := &own.halves[i], flow.Side(i)
		d, out := &c.Directions[i], &v.Halves[i]
		if f, passed := c.application.h2.Reading(from); f != nil && f.Type == h2flow.Data && f.Stream == id {
			out.Unsent = f.End() - f.Offset - passed
		}
		out.Limits, out.Lowest, out.Size, out.Wants = h.since(&x.credits[i]), h.lowest, h.size, h.wants
		out.Holder, out.Asleep, out.Overran = h.by, h.asleep, h.overran
		if h.wants {
			out.Quiet = now.Sub(h.sent)
			out.Others = c.application.h2.Ledger.Direction(from).Sent - h.all
		}
		if h.wants && h.freed != 0 {
			out.Unused = now.Sub(h.freed)
		}
		if !h.settled {
			out.Limits = h.limits
		}
		stalls := h.stalls
		stalls.Kept = slices.Clone(stalls.Kept)
		since, cause, by := d.Undecided()
		if h.wants && since != 0 {
			for length := now.Add(-d.shift).Sub(since); length > 0; length = 0 {
				if own, who := x.credits[from].likely(cause, by, now, c.RTT()); own != flow.StreamWindow || h.held {
					cause, by = own, who // but for the windows of other streams
				}
				if h.held && cause != flow.LossRecovery && cause != flow.ConnectionWindow {
					cause, by = flow.StreamWindow, h.holder()
				}
				if cause == flow.Application && h.asleep {
					by = flow.SenderLibrary
				} else if by == flow.SenderLibrary {
					by = flow.SenderApplication // another stream's
				}
				out.Limits[cause] += length
				out.Now = Now{Cause: cause, HeldBy: by, For: length}
			}
		}
		if own := out.Limits[flow.StreamWindow] - h.limits[flow.StreamWindow]; h.wants && h.held && own >= h.stalls.least {
			stalls.Kept = append(stalls.Kept, Stall{Interval: flow.Interval{Start: h.from, End: now}, Cause: flow.StreamWindow, HeldBy: h.holder(), Frames: []int{h.frame}})
		}
		out.Stalls = stalls.Kept
	}
	return v
}

// streamOf copies what the ledger has of a stream.
func streamOf(l *h2flow.Ledger, s *h2flow.Stream) StreamView {
	v := StreamView{
		ID: s.ID, Path: s.Path, GRPC: s.GRPC, Opener: s.Opener, Opened: s.Opened, Seen: s.Seen, Closed: s.Closed,
		ResetBy: s.ResetBy, Code: s.Code,
	}
	for i := range v.Halves {
		h := &s.Halves[i]
		v.Halves[i] = HalfView{
			Window: l.Window(s, flow.Side(i)), Sent: h.Sent, Padding: h.Padding, Credited: h.Credited,
			Updates: h.Updates, Unreturned: h.Unreturned(), Messages: h.Messages,
			Promised: h.Promised, Finished: h.Finished,
		}
	}
	return v
}

// end takes in that a stream is over.
func (x *http) end(c *Connection, id uint32, t flow.Time, frame int) {
	l := c.application.h2.Ledger
	s, own := l.Stream(id), x.streams[id]
	if s == nil || own == nil {
		return
	}
	x.refreshBoth(c, s, t, frame)
	final := streamOf(l, s)
	own.final, own.over = &final, t
	x.closing = append(x.closing, id)
	if len(x.closing) > keepClosing {
		x.bury(c, x.closing[0], t)
		x.closing = append(x.closing[:0], x.closing[1:]...)
	}
}

// finish settles the streams that are not over when no more packets will come.
func (x *http) finish(t flow.Time) {
	for _, own := range x.streams {
		for i := range own.halves {
			own.halves[i].deal(&x.credits[i], &mark{at: t})
		}
	}
}

// bury keeps a stream that is over only if it was held longer than others.
func (x *http) bury(c *Connection, id uint32, t flow.Time) {
	own := x.streams[id]
	delete(x.streams, id)
	x.ended++
	v := x.streamView(c, id, own, t)
	if v.held() == 0 {
		return
	}
	if len(x.over) < keepStreams {
		x.over = append(x.over, v)
		return
	}
	least := 0
	for i := range x.over {
		if x.over[i].held() < x.over[least].held() {
			least = i
		}
	}
	if v.held() > x.over[least].held() {
		x.over[least] = v
	}
}
