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
					percent(in.Limits.Share(c)), because(c, holderOf(in, c), r.view, in, sides))
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
		because(s.Cause, s.HeldBy, c.view, c.direction, sides))
	if todo := c.view.MustAct(s, c.direction.From); todo != "" {
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
