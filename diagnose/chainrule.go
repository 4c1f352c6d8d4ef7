package diagnose

import (
	"time"

	"flowlab/flow"
)

// What correlates two legs. docs/chains.md says why.
const (
	// forwarding is how long a proxy may take from a request to its own.
	forwarding = time.Second
	// atHome is the same where both legs begin and end at one address, which then does not
	// tell whose they are. No path is long there.
	atHome = 20 * time.Millisecond
	// settling is how far apart two instants may be, besides round trips, that are one.
	settling = 20 * time.Millisecond

	// Where a leg hides its streams, only so much tells it from others:
	leastCarried = 64 << 10 // bytes in one direction, at least
	mostBuffered = 16 << 20 // bytes in a proxy and in the buffers of its sockets
	framing      = 16       // of the bytes one part in so many may be framing, and
	heads        = 8 << 10  // so many bytes heads and handshakes of TLS
)

// leadsTo tells whether the proxy that serves down may have made up of what it forwards
// for it: time, path and bytes of both directions agree. Their addresses do; who waits
// does not count.
func leadsTo(down, up *leg) bool {
	switch {
	case down.carrier == up.carrier || down.id.Server == up.id.Server:
		return false // a proxy does not call itself
	case !down.seen || !up.seen:
		return false
	case up.opened < down.opened || up.opened.Sub(down.opened) > within(down, up) || up.opened >= down.end():
		return false
	case down.over != 0 && up.end().Sub(down.over) > forwarding:
		return false // an answer that was passed on to its end had its end before
	}
	if down.path == "" || up.path == "" {
		return amountsAgree(down, up)
	}
	return down.path == up.path && down.sent[flow.Client] >= up.sent[flow.Client] && up.sent[flow.Server] >= down.sent[flow.Server]
}

// within is how long the proxy may take from down to up.
func within(down, up *leg) time.Duration {
	if down.id.Client.IP == down.id.Server.IP && up.id.Client.IP == up.id.Server.IP {
		return atHome
	}
	return forwarding
}

// amountsAgree tells whether the bytes of two legs agree of which one hides its streams or their
// paths. Framing differs from leg to leg.
func amountsAgree(down, up *leg) bool {
	if max(down.sent[0], down.sent[1]) < leastCarried {
		return false
	}
	for _, from := range []flow.Side{flow.Client, flow.Server} {
		near, far := inOrder(down, up, from)
		into, out := near.sent[from], far.sent[from]
		if out > into+into/framing+heads || into > out+out/framing+heads+mostBuffered {
			return false
		}
	}
	return true
}

// inOrder returns the one of two legs that a sender's bytes take first, and the other.
func inOrder(down, up *leg, from flow.Side) (near, far *leg) {
	if from == flow.Client {
		return down, up
	}
	return up, down
}

// exact tells whether bytes of two legs can be compared one by one.
func exact(a, b *leg) bool { return a.stream != 0 && b.stream != 0 }

// passedOn tells whether the wait n of a near leg is the wait f of the far one, which the
// proxy between has passed on.
func passedOn(near, far *leg, from flow.Side, n, f *Stall) bool {
	slack := settling + near.rtt + far.rtt
	if n.Start.Add(slack) < f.Start || n.Start > f.End {
		return false // it began before, or after that was over
	}
	both := lasts(near, n, slack) && lasts(far, f, slack)
	switch {
	case !both && n.End.Add(slack) < f.End && !lasts(near, n, slack):
		return false // the proxy read on while it could send nothing: it had room
	case !exact(near, far):
		return both || n.End.Add(-slack) <= f.End && f.End <= n.End.Add(slack)
	case both && near.sent[from] == far.sent[from]:
		return n.Start <= f.Start.Add(slack) // it holds nothing, and so had nothing to fill
	}
	return true
}

// lasts tells whether a wait went on until the leg was over or last seen.
func lasts(l *leg, w *Stall, slack time.Duration) bool { return w.End.Add(slack) >= l.end() }

// held is how many bytes the proxy between two legs has while both wait, -1 if that is not
// known: what was sent to it when the waits were over was not, if they were.
func held(near, far *leg, from flow.Side, n, f *Stall) int64 {
	slack := settling + near.rtt + far.rtt
	if !near.sure[from] || !far.sure[from] || !lasts(near, n, slack) || !lasts(far, f, slack) {
		return -1
	}
	return max(0, near.sent[from]-far.sent[from])
}
