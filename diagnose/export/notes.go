package export

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"flowlab/diagnose"
	"flowlab/flow"
)

// notes are what is to be said of frames by what the analysis concluded: where a
// stall begins, what proves it, where it ends, and which findings frames prove.
type notes struct {
	of      map[int][]note // by frame
	waiting []timed        // of stalls of which no frame is known, by time
}

// note is a remark on a frame. That on the last frame of a stall depends on when the
// frame passed.
type note struct {
	text  string
	until flow.Time // unless the frame passed after this: what the text is then
	lasts string
}

// timed is a remark on the first packet of a connection since a time.
type timed struct {
	connection int
	at         flow.Time
	text       string
}

// newNotes takes down what is to be said of some connections.
func newNotes(views []*diagnose.View) *notes {
	n := &notes{of: map[int][]note{}}
	for _, v := range views {
		for i := range v.Directions {
			for k := range v.Directions[i].Stalls {
				n.stall(v, v.Directions[i].From, &v.Directions[i].Stalls[k])
			}
		}
		for _, f := range diagnose.Findings(v) {
			n.finding(&f)
		}
	}
	slices.SortStableFunc(n.waiting, func(a, b timed) int { return cmp.Compare(a.at, b.at) })
	return n
}

func (n *notes) add(frame int, text string) { n.of[frame] = append(n.of[frame], note{text: text}) }

// stall notes a stall on its frames.
func (n *notes) stall(v *diagnose.View, from flow.Side, s *diagnose.Stall) {
	begins := fmt.Sprintf("stall begins: the %v is held by %s", from, Held(s))
	last := len(s.Frames) - 1
	ends := fmt.Sprintf("after %s: the %v was held by %s", seconds(s.Length()), from, Held(s))
	if last < 1 {
		n.waiting = append(n.waiting, timed{v.Number, s.End, "stall is over " + ends})
	}
	if last < 0 {
		n.waiting = append(n.waiting, timed{v.Number, s.Start, begins})
		return
	}
	n.add(s.Frames[0], begins)
	for _, f := range s.Frames[1:max(1, last)] {
		n.add(f, fmt.Sprintf("proves that the %v is held by %s", from, Held(s)))
	}
	if last == 0 {
		return
	}
	n.of[s.Frames[last]] = append(n.of[s.Frames[last]], note{
		text: "stall ends " + ends,
		// It may have passed one way of the path before the sender knew.
		until: s.End.Add(-v.RTT - slack),
		lasts: fmt.Sprintf("proves that the %v is held by %s, for %s, and no packet ends it", from, Held(s), seconds(s.Length())),
	})
}

// slack is how much earlier than a stall ended the packet may have passed that
// ended it, beside the round trip.
const slack = 50 * time.Millisecond

// finding notes a finding on its frames.
func (n *notes) finding(f *diagnose.Finding) {
	for i, frame := range f.Frames {
		switch {
		case i == 0:
			n.add(frame, fmt.Sprintf("finding %s (%s): %s", f.Rule, f.Severity, f.Text))
		case len(n.of[frame]) == 0: // else the stall says it
			n.add(frame, fmt.Sprintf("proves finding %s", f.Rule))
		}
	}
}

// on is what there is to say of a frame, in order.
func (n *notes) on(connection, frame int, at flow.Time) (texts []string) {
	for i := 0; i < len(n.waiting) && n.waiting[i].at <= at; {
		if n.waiting[i].connection != connection {
			i++
			continue
		}
		texts = append(texts, n.waiting[i].text)
		n.waiting = slices.Delete(n.waiting, i, i+1)
	}
	for _, note := range n.of[frame] {
		if note.lasts != "" && at < note.until {
			note.text = note.lasts
		}
		texts = append(texts, note.text)
	}
	return texts
}

// Held says what holds a sender, and who could let it go.
func Held(s *diagnose.Stall) string {
	if s.HeldBy == flow.Nobody {
		return s.Cause.String()
	}
	return fmt.Sprintf("%v (%v)", s.Cause, s.HeldBy)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f s", d.Seconds()) }
