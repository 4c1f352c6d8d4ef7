// What is copied: who holds whom, who must act, and what proves it.

package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"flowlab/diagnose"
	"flowlab/flow"
)

// finding says what holds the connection that is open or selected, or the stream that is
// shown, and names it; the text is empty if there is none.
func (w *watch) finding() (what, text string) {
	switch r := w.all.selected(); {
	case w.one != nil && w.one.view != nil && w.one.stream && w.one.selected() != nil:
		return fmt.Sprintf("stream %d", w.one.chosen), w.streamFinding(w.one.view, w.one.selected())
	case w.one != nil && w.one.view != nil:
		return fmt.Sprintf("connection %d", w.one.row.Number), w.connectionFinding(w.one.view, w.one.from)
	case w.one == nil && r != nil:
		lead := fmt.Sprintf("connection %d (%v, %v)", r.Number, r.ID, r.Protocol)
		text := lead + w.atText() + "\n" + sentence(rowSentence(r, w.all.snapshot.At).text())
		if s := &r.Sides[r.Worse()]; s.Since != 0 && s.Cause != flow.Application {
			text += fmt.Sprintf("It began at %s.\n", secondsText(w.clock.since(s.Since), 3))
		}
		return fmt.Sprintf("connection %d", r.Number), text + fmt.Sprintf("It was stalled for %s, %d times.\n", secondsText(r.Stalled(), 3), r.Stalls())
	}
	return "", ""
}

// atText is the instant, and that times count from the first packet.
func (w *watch) atText() string {
	return fmt.Sprintf(" at %s after the first packet, which came %s UTC", secondsText(w.clock.since(w.all.snapshot.At), 3),
		time.Unix(0, int64(w.clock.origin)).UTC().Format("2006-01-02 15:04:05.000000"))
}

// connectionFinding is about what one side of a connection sends.
func (w *watch) connectionFinding(v *diagnose.View, from flow.Side) string {
	var b strings.Builder
	d := &v.Directions[from]
	fmt.Fprintf(&b, "connection %d (%v, %v)%s\n", v.Number, v.ID, w.one.row.Protocol, w.atText())
	b.WriteString(sentence(heldSentence(from, d.Now.Cause, d.Now.HeldBy, d.Now.For, d.WindowKnown && d.Window == 0).text()))
	if d.Now.Cause != flow.Application {
		b.WriteString(line(v.MustAct(&diagnose.Stall{Cause: d.Now.Cause, HeldBy: d.Now.HeldBy}, from)))
	}
	b.WriteString(w.proof(d.Stalls))
	for _, f := range diagnose.Findings(v) {
		b.WriteString(findingText(&f))
	}
	return b.String()
}

// streamFinding is about a stream, in the direction that was held longer.
func (w *watch) streamFinding(v *diagnose.View, s *diagnose.StreamView) string {
	var b strings.Builder
	from := worseHalf(s)
	h := &s.Halves[from]
	fmt.Fprintf(&b, "stream %d (%s) of connection %d (%v)%s\n", s.ID, s.Path, v.Number, v.ID, w.atText())
	switch {
	case h.Wants && h.Now.For > 0:
		b.WriteString(sentence(heldSentence(from, h.Now.Cause, h.Now.HeldBy, h.Now.For, false).text()))
	default:
		fmt.Fprintf(&b, "nobody holds the %v: it has nothing to send on the stream.\n", from)
	}
	fmt.Fprintf(&b, "the %v %s.\n", from, halfText(h))
	b.WriteString(w.proof(h.Stalls))
	for _, f := range diagnose.Findings(v) {
		if f.Stream == s.ID {
			b.WriteString(findingText(&f))
		}
	}
	return b.String()
}

// proof is the longest stall, with its frames.
func (w *watch) proof(stalls []diagnose.Stall) string {
	if len(stalls) == 0 {
		return ""
	}
	s := slices.MaxFunc(stalls, func(a, b diagnose.Stall) int { return cmp.Compare(a.Length(), b.Length()) })
	text := fmt.Sprintf("The longest stall: %s by %v, from %s to %s", secondsText(s.Length(), 3), s.Cause,
		secondsText(w.clock.since(s.Start), 3), secondsText(w.clock.since(s.End), 3))
	return text + framesText(s.Frames) + ".\n"
}

func framesText(frames []int) string {
	var list []string
	for _, f := range frames {
		list = append(list, strconv.Itoa(f))
	}
	switch len(list) {
	case 0:
		return ""
	case 1:
		return "; frame " + list[0] + " proves it"
	}
	return "; frames " + strings.Join(list, ", ") + " prove it"
}

func findingText(f *diagnose.Finding) string {
	return fmt.Sprintf("%s: %s%s\n", f.Severity, strings.TrimSuffix(f.Text, "."), framesText(f.Frames)+".")
}

// sentence ends a text with a full stop, in a line of its own.
func sentence(text string) string { return line(strings.TrimSuffix(text, ".") + ".") }

// line is a text in a line of its own; nothing if there is none.
func line(text string) string {
	if text == "" {
		return ""
	}
	return text + "\n"
}
