package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"flowlab/diagnose"
	"flowlab/flow"
)

// mostStalls is how many stalls a run's text has; the JSON has all that are kept.
const mostStalls = 10

// stallCount says how many stalls there were.
func stallCount(least time.Duration, count int) string {
	if count == 0 {
		return fmt.Sprintf("stalls longer than %s: none", milliseconds(least))
	}
	return fmt.Sprintf("stalls longer than %s: %d", milliseconds(least), count)
}

// stalls lists the longest stalls of a direction, at most so many, in order of
// time. Times count from zero.
func (p *page) stalls(d *diagnose.DirectionView, most int, zero flow.Time, indent string) {
	if d.Count == 0 {
		return
	}
	times, causes, holders := len("1000.000"), 0, len("held by")
	list := longest(d.Stalls, most)
	for _, s := range list {
		times = max(times, len(decimals(s.End.Sub(zero))))
		causes = max(causes, len(s.Cause.String()))
		holders = max(holders, len(s.HeldBy.String()))
	}
	row := func(start, end, length string, cause, by any) string {
		return fmt.Sprintf("%s%*s %*s %8s  %-*v  %-*v  ", indent, times, start, times, end, length, causes, cause, holders, by)
	}
	p.line("%sframes", row("from s", "to s", "s", "cause", "held by"))
	for _, s := range list {
		line := row(decimals(s.Start.Sub(zero)), decimals(s.End.Sub(zero)), decimals(s.Length()), s.Cause, s.HeldBy)
		p.line("%s%s", line, frames(s.Frames, width-len(line)))
	}
	if more := d.Count - len(list); more > 0 {
		p.line("%sand %d shorter ones", indent, more)
	}
}

// longest returns the longest stalls, at most so many, in order of time.
func longest(all []diagnose.Stall, most int) []diagnose.Stall {
	list := slices.Clone(all)
	slices.SortStableFunc(list, func(a, b diagnose.Stall) int { return cmp.Compare(b.Length(), a.Length()) })
	list = list[:min(len(list), most)]
	slices.SortFunc(list, func(a, b diagnose.Stall) int { return cmp.Compare(a.Start, b.Start) })
	return list
}

// frames lists frame numbers. Where not all have room the last stays, as it
// shows what ended the stall.
func frames(numbers []int, columns int) string {
	texts := make([]string, len(numbers))
	for i, n := range numbers {
		texts[i] = strconv.Itoa(n)
	}
	all := strings.Join(texts, " ")
	for n := len(texts) - 2; n >= 0 && utf8.RuneCountInString(all) > columns; n-- {
		all = strings.Join(slices.Concat(texts[:n], []string{"…", texts[len(texts)-1]}), " ")
	}
	return all
}
