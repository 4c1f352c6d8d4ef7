package diagnose

import (
	"flowlab/flow"
	"flowlab/h2flow"
)

// keeps is who keeps the window of a stream shut, where frames prove that it is not
// just that nobody reads; [flow.Nobody] where they do not. A sender that overran its
// window made it negative itself.
func keeps(l *h2flow.Ledger, s *h2flow.Stream, from flow.Side, overran bool) flow.HeldBy {
	h := &s.Halves[from]
	switch {
	case l.Obeyed(s, from).High < 0 && !overran, l.Direction(from).Initial().High == 0 && h.Credited == 0:
		return flow.PeerSettings
	case owesPadding(s, from), wholeOnly(h):
		return flow.PeerLibrary
	}
	return flow.Nobody
}

// owesPadding tells whether all that a stream has not been given back is padding: the
// receiver credits what it reads, and loses the rest (RFC 9113 6.9.1).
func owesPadding(s *h2flow.Stream, from flow.Side) bool {
	h := &s.Halves[from]
	return h.Padding > 0 && h.Credited > 0 && h.Unreturned() <= h.Padding
}

// wholeOnly tells whether credit comes for whole messages only, and the one under way
// is larger than the window: neither side can go on.
func wholeOnly(h *h2flow.Half) bool {
	m := &h.Messages
	return h.WholeOnly() && m.Length > m.Done && h.Unreturned() == m.Done
}

// holder is who keeps the stream's window: whoever reads, unless frames prove another.
func (h *streamHalf) holder() flow.HeldBy {
	if h.by == flow.Nobody {
		return flow.Reader
	}
	return h.by
}

// sends notes DATA sent at t, with which the connection has sent so much.
func (h *streamHalf) sends(e *h2flow.Event, t flow.Time, all int64) {
	h.sent, h.latest, h.all = t, e.Frame.Length, all
	h.longest = max(h.longest, h.latest)
}

// spent looks at the windows after DATA. A sender whose DATA took one to exactly zero
// had more to send, if the frame was cut for it, or it did so before. So it had if it
// stops where the window would end that holds before SETTINGS do.
func (x *http) spent(c *Connection, s *h2flow.Stream, h *streamHalf, from flow.Side, t flow.Time) {
	l, cr, half := c.application.h2.Ledger, &x.credits[from], &s.Halves[from]
	d := l.Direction(from)
	zero := h2flow.Window{}
	cr.last, h.more = h, false
	if l.Obeyed(s, from) == zero || d.Window() == zero {
		h.emptied++
		h.more = h.latest < h.longest || h.emptied > 1 || half.Unfinished()
	}
	if deaf(half, d) && h.latest < h.longest && !h.held && !cr.latest.shut {
		x.sleep(from, s.ID, h, t)
	}
}

// standard is a stream's window before SETTINGS say otherwise (RFC 9113 6.9.2).
const standard = 65535

// deaf tells whether a sender has sent as much as the default window allows, where
// SETTINGS allow more.
func deaf(h *h2flow.Half, d *h2flow.Direction) bool {
	return !h.Ended && h.Sent-h.Credited == standard && d.Initial().Low > standard
}

// sleep enters that a stream has credit from now on, and is known to have more to send.
func (x *http) sleep(from flow.Side, id uint32, h *streamHalf, t flow.Time) {
	if !h.asleep {
		h.asleep, h.began = true, t
		x.credits[from].add(mark{at: t, what: markAsleep})
		x.balances.holds(hold{t, from, id, flow.Application})
	}
}

// wake enters that it sends, or is over.
func (x *http) wake(from flow.Side, id uint32, h *streamHalf, t flow.Time) {
	if h.asleep {
		h.asleep = false
		x.credits[from].add(mark{at: t, what: markAwake})
		x.balances.frees(from, id, flow.Application, t, 0)
	}
}
