package export

import (
	"math"
	"strings"
	"unicode/utf8"

	"flowlab/diagnose"
	"flowlab/tcpwin"
)

// between parts what a comment says, one thing from the next.
const between = "; "

// Comment is what a packet says of itself: the events that its segment raised, and what
// it showed of HTTP/2.
func Comment(events []tcpwin.Event, texts []Text) string {
	if len(events) == 0 && len(texts) == 0 {
		return ""
	}
	all := make([]string, 0, len(events)+len(texts))
	for i := range events {
		all = append(all, events[i].String())
	}
	for _, t := range texts {
		all = append(all, t.Text)
	}
	return strings.Join(all, between)
}

// fit cuts a comment to what an option of pcapng holds (3.5 there).
func fit(text string) string {
	const mark = " ..."
	if len(text) <= math.MaxUint16 {
		return text
	}
	end := math.MaxUint16 - len(mark)
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + mark
}

// Observed is the comment on a packet that an analysis has just entered.
func Observed(o *diagnose.Observed) string {
	if len(o.HTTP) == 0 {
		return Comment(o.Events, nil)
	}
	return Comment(o.Events, HTTP(o.Connection.HTTP2(), o.HTTP))
}
