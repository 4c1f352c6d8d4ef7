package report

import (
	"fmt"
	"time"

	"flowlab/diagnose"
	"flowlab/diagnose/survey"
	"flowlab/flow"
)

// answer says what matters most in capture files: the worst stall, who must act,
// and which frames prove it.
func (d *Digest) answer(src *survey.Source, least time.Duration) string {
	switch worst := d.first; {
	case d.all == 0:
		return nothing(src)
	case worst.view != nil:
		return worst.answer(src.First)
	}
	for _, r := range d.worst {
		for i := range r.view.Directions {
			in := &r.view.Directions[i]
			if c, held := mainCause(in); held && spoke(in) {
				return fmt.Sprintf("no sender was stalled for %s or longer; %s was held by %s for %s of %s (%s), in pieces: %s.",
					milliseconds(least), subject(r.view, in), c, seconds(in.Limits[c]), seconds(in.Limits.Total()),
					percent(in.Limits.Share(c)), because(c, holderOf(in, c), in, sides))
			}
		}
	}
	return fmt.Sprintf("no sender was stalled for %s or longer, and none was held for long: they had nothing to send.", milliseconds(least))
}

// nothing says why there is no connection to speak of.
func nothing(src *survey.Source) string {
	switch {
	case src.Packets == 0:
		return "there is no packet in it."
	case src.Skipped.Unmatched > 0:
		return fmt.Sprintf("no TCP connection was chosen: of %s, %s were left out by the filters.", packets(src.Packets), flow.Grouped(src.Skipped.Unmatched))
	}
	return fmt.Sprintf("there is no TCP in it that could be read, in %s.", packets(src.Packets))
}

// answer tells of a stall. Times count from zero.
func (c *culprit) answer(zero flow.Time) string {
	s := &c.stall
	text := fmt.Sprintf("%s was held by %s for %s, from %s to %s: %s.",
		subject(c.view, c.direction), s.Cause, seconds(s.Length()), seconds(s.Start.Sub(zero)), seconds(s.End.Sub(zero)),
		because(s.Cause, s.HeldBy, c.direction, sides))
	if todo := act(s, c.view, c.direction); todo != "" {
		text += " " + todo
	}
	switch proof := enumerate(s.Frames); len(s.Frames) {
	case 0:
	case 1:
		text += fmt.Sprintf(" Frame %s proves it.", proof)
	default:
		text += fmt.Sprintf(" Frames %s prove it.", proof)
	}
	return text
}

// subject names the sender in a direction of a connection.
func subject(v *diagnose.View, d *diagnose.DirectionView) string {
	return fmt.Sprintf("the %v of connection %d (%v)", d.From, v.Number, v.ID)
}

// act says who must act to end such a stall, and what to do.
func act(s *diagnose.Stall, v *diagnose.View, d *diagnose.DirectionView) string {
	sender, receiver := v.ID.Addr(d.From), v.ID.Addr(d.From.Peer())
	switch {
	case s.Cause == flow.ConnectionWindow || s.Cause == flow.StreamWindow || s.Cause == flow.StreamLimit:
		return actHTTP(s, v, d)
	case s.HeldBy == flow.Reader:
		return fmt.Sprintf("The application at %v must read what it is sent.", receiver)
	case s.HeldBy == flow.WindowSize:
		return fmt.Sprintf("The receive buffer at %v must be larger.", receiver)
	case s.HeldBy == flow.LostUpdate, s.Cause == flow.LossRecovery:
		return fmt.Sprintf("Look where packets between %v and %v are lost.", sender, receiver)
	case s.Cause == flow.Congestion:
		return fmt.Sprintf("Neither application can do anything: only a faster path from %v to %v would help.", sender, receiver)
	case s.Cause == flow.Nagle:
		return fmt.Sprintf("The application at %v must write each message in one piece, or set TCP_NODELAY.", sender)
	case s.Cause == flow.SendBuffer:
		return fmt.Sprintf("The send buffer at %v must be larger.", sender)
	case s.Cause == flow.Handshake:
		return fmt.Sprintf("See whether %v can be reached, and listens.", v.ID.Server)
	case !v.Handshake:
		return "The capture must have the connection's start to tell more."
	}
	return ""
}
