package peer

import "flowlab/flow"

// sending is what held this side's sending: the account of the connection below, with
// HTTP/2's windows laid over it.
type sending struct {
	below  func() flow.Limits
	seen   flow.Limits // what the connection below said last
	limits flow.Limits
	cause  flow.Cause // since then, if the connection below had nothing to send
}

// Limits is for how long each cause has held this side's sending, until now or until
// the connection ended. It is zero without Config.Below.
//
// It answers what the next byte needs. While the connection below repairs a loss, or
// has bytes of a frame to send, its rules decide. Else the next byte is one that a
// stream has not sent: the connection's window holds it, or the stream's window if
// that is so for all streams that have any, or the stream limit if only requests wait.
// Else nothing was asked to be sent.
func (c *Conn) Limits() flow.Limits {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.note()
	return c.sending.limits
}

// note enters the time that has passed, and finds what holds from now on. It is called
// after each frame, and after each change that no frame goes with.
func (c *Conn) note() {
	h := &c.sending
	if h.below == nil || c.ending {
		return
	}
	now := h.below()
	passed := now.Sub(&h.seen)
	h.seen = now
	for cause, d := range passed {
		if flow.Cause(cause) == flow.Application {
			cause = int(h.cause)
		}
		h.limits[cause] += d
	}
	h.cause = c.judge()
}

// judge finds what the next byte of HTTP/2 needs.
func (c *Conn) judge() flow.Cause {
	waits := false
	for _, s := range c.streams {
		if !s.begun || s.ended || s.out.unsent == 0 {
			continue
		}
		if c.broken.has(SendBeyondWindow) {
			return flow.Application
		}
		if c.send.size <= 0 {
			return flow.ConnectionWindow
		}
		if s.send.size > 0 {
			return flow.Application // it is being sent
		}
		waits = true
	}
	switch {
	case waits:
		return flow.StreamWindow
	case len(c.waiting) > 0 && uint32(c.open) >= c.peer.streams:
		return flow.StreamLimit
	}
	return flow.Application
}
