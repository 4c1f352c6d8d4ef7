package diagnose

import "flowlab/flow"

// whoReads tells who can open the receive window.
func (h *holder) whoReads() flow.HeldBy {
	switch {
	case h.lost:
		return flow.LostUpdate
	case h.run.any && !h.run.moved && h.run.flight == 0 && h.probed && h.answered():
		return flow.LostUpdate
	case h.run.any && !h.run.moved && h.run.flight == 0:
		return flow.Reader // it had acknowledged all, and offered no room
	case h.unread.unread() > max(h.mss, h.unread.largest/8):
		return flow.Reader
	}
	return flow.WindowSize
}

// answered tells whether the window opened in the answer to a probe, by so much
// that it must have been open for a while.
func (h *holder) answered() bool {
	return h.run.last.Sub(h.lastProbe) <= h.rtt+late && h.edge.Sub(h.una) >= h.unread.largest/2
}

// likely is the cause that holds the sender in the gap that is still open, as
// far as one can tell, and who holds it.
func (h *holder) likely() (flow.Cause, flow.HeldBy) {
	switch {
	case !h.ready:
		return flow.Handshake, flow.Nobody
	case h.recovering:
		return flow.LossRecovery, flow.Path
	case h.unseen():
		return flow.Unknown, flow.Nobody
	case h.finSent || !h.credited:
		return flow.Application, flow.SenderApplication
	case h.room() < h.smss() && (h.probed || h.flight() > 0 || h.room() <= 0):
		return flow.ReceiveWindow, h.whoWillRead()
	case h.flight() == 0:
		return flow.Application, flow.SenderApplication
	case h.short && h.flight() < h.flightMax*3/4:
		return flow.Application, flow.SenderApplication
	}
	return flow.Congestion, flow.Path
}

// whoWillRead is whoReads before it is known what will open the window.
func (h *holder) whoWillRead() flow.HeldBy {
	switch {
	case h.lost:
		return flow.LostUpdate
	case h.flight() == 0, h.unread.unread() > max(h.mss, h.unread.largest/8):
		return flow.Reader
	case h.probed && h.edge.Sub(h.una) <= 0:
		return flow.Reader // what is in flight found no room, and was dropped
	}
	return flow.WindowSize
}
