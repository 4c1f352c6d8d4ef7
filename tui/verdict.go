package tui

import (
	"strings"
	"time"

	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/scenarios"
	"flowlab/scenarios/play"
	"flowlab/tui/parts"
)

const (
	// steady is how long one cause must have held to be named as such. What
	// changes faster cannot be read: then the largest share is named.
	steady = 250 * time.Millisecond

	// lately is the time that shares are then taken of.
	lately = 500 * time.Millisecond

	// unsettled is how much time may be undecided before the verdict says so.
	unsettled = 250 * time.Millisecond
)

// verdict is who holds the sender, in words.
type verdict struct {
	lead  string    // "held by "
	cause string    // "RECEIVE WINDOW"
	rest  string    // for how long, who must act, and whether that is settled
	ink   parts.Ink // of the cause
}

func (v verdict) text() string { return v.lead + v.cause + v.rest }

// drawVerdict draws the verdict, with the cause in its ink.
func (s *scene) drawVerdict(a parts.Area) {
	v := s.verdict()
	a.PutLines(parts.Plain, v.text())
	a.Put(1+parts.Width(v.lead), 0, v.ink, v.cause)
}

func (s *scene) verdict() verdict {
	d, sender, receiver := s.leading()
	if d == nil {
		return verdict{lead: "no connection yet"}
	}
	cause, by := d.Now.Cause, d.Now.HeldBy
	lead, since := "held by ", " for "+secondsText(d.Now.For, 1)
	if d.Now.For < steady {
		c, share := mostly(d, s.now())
		if c != cause {
			cause, by = c, usually[c]
		}
		lead, since = "held mostly by ", " ("+shareText(share)+" lately)"
	}
	if cause == flow.Application {
		return verdict{lead: "nobody holds the sender: it has nothing to send"}
	}
	v := verdict{
		lead: lead, cause: capitals(cause), ink: inkOf(cause),
		rest: since + ": " + why(cause, by, s.stopped(receiver), string(receiver)),
	}
	switch cause {
	case flow.ConnectionWindow, flow.StreamWindow, flow.StreamLimit:
		v.rest = since + ": " + whyHTTP2(cause, by, string(sender), string(receiver))
	}
	if sender == scenarios.Consumer {
		v.lead = "the consumer is " + v.lead
	}
	if d.Now.Undecided > unsettled {
		v.rest += " (undecided)"
	}
	return v
}

// stopped tells whether a role does not read its socket at all.
func (s *scene) stopped(r scenarios.Role) bool {
	k := &s.snapshot.Knobs
	if k.IsHTTP2() {
		return !k.HTTP2(r).ReadSocket
	}
	return k.ReadRate(r) == 0
}

// now is the instant that is shown.
func (s *scene) now() flow.Time { return instantOf(s.snapshot) }

func instantOf(s *play.Snapshot) flow.Time { return s.Start.Add(s.At) }

// mostly is the cause that held the sender for the largest part of the time
// just before now, and which part.
func mostly(d *diagnose.DirectionView, now flow.Time) (flow.Cause, float64) {
	var sum flow.Limits
	for i := range d.History {
		b := &d.History[i]
		if b.Interval.End <= now.Add(-lately) || b.Interval.Start >= now {
			continue
		}
		for c, t := range b.Limits {
			sum[c] += t
		}
	}
	c, any := largest(&sum)
	if !any {
		return d.Now.Cause, 1
	}
	return c, sum.Share(c)
}

// largest is the cause with the largest share; false if there is none.
func largest(l *flow.Limits) (flow.Cause, bool) {
	most := 0
	for c, t := range l {
		if t > l[most] {
			most = c
		}
	}
	return flow.Cause(most), l[most] > 0
}

// usually is who lets a sender go that a cause holds, where only the cause is
// known.
var usually = [flow.NumCauses]flow.HeldBy{
	flow.LossRecovery:     flow.Path,
	flow.ConnectionWindow: flow.WindowSize,
	flow.StreamWindow:     flow.WindowSize,
	flow.StreamLimit:      flow.PeerSettings,
	flow.ReceiveWindow:    flow.Reader,
	flow.Nagle:            flow.SenderSocket,
	flow.Congestion:       flow.Path,
	flow.SendBuffer:       flow.SenderSocket,
	flow.Application:      flow.SenderApplication,
}

// capitals spells a cause to be seen: RECEIVE WINDOW.
func capitals(c flow.Cause) string {
	return strings.ToUpper(strings.ReplaceAll(c.String(), "-", " "))
}

// why says who must act, in a sentence.
func why(c flow.Cause, by flow.HeldBy, stopped bool, receiver string) string {
	switch by {
	case flow.Reader:
		if stopped {
			return "the " + receiver + " does not read its socket"
		}
		return "the " + receiver + " does not read its socket fast enough"
	case flow.WindowSize:
		return "the window is too small for this path"
	case flow.LostUpdate:
		return "the update that opened the window was lost; only a probe can tell"
	case flow.Path:
		if c == flow.LossRecovery {
			return "the path loses packets"
		}
		return "the path takes no more"
	case flow.SenderApplication:
		return "the producer has nothing to send"
	case flow.SenderSocket:
		if c == flow.Nagle {
			return "a short segment waits for an ACK"
		}
		return "the send buffer is too small for this path"
	}
	if c == flow.Handshake {
		return "the connection is being opened"
	}
	return "packets are missing"
}
