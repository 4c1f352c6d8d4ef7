package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"flowlab/diagnose"
	"flowlab/scenarios/play"
)

// mostStalls is how many stalls the text has; the JSON has all that are kept.
const mostStalls = 10

// stalls lists the longest stalls, in order of time.
func (p *page) stalls(r *play.Result, d *diagnose.DirectionView) {
	if d.Count == 0 {
		p.heading("stalls longer than %s: none", milliseconds(diagnose.MinStall))
		return
	}
	p.heading("stalls longer than %s: %d", milliseconds(diagnose.MinStall), d.Count)
	causes, holders := 0, len("held by")
	list := longest(d.Stalls)
	for _, s := range list {
		causes = max(causes, len(s.Cause.String()))
		holders = max(holders, len(s.HeldBy.String()))
	}
	row := func(start, end, length string, cause, by any) string {
		return fmt.Sprintf("  %8s %8s %8s  %-*v  %-*v  ", start, end, length, causes, cause, holders, by)
	}
	p.line("%sframes", row("from s", "to s", "s", "cause", "held by"))
	for _, s := range list {
		line := row(decimals(s.Start.Sub(r.Start)), decimals(s.End.Sub(r.Start)), decimals(s.Length()), s.Cause, s.HeldBy)
		p.line("%s%s", line, frames(s.Frames, width-len(line)))
	}
	if more := d.Count - len(list); more > 0 {
		p.line("  and %d shorter ones", more)
	}
}

// longest returns the longest stalls, at most [mostStalls], in order of time.
func longest(all []diagnose.Stall) []diagnose.Stall {
	list := slices.Clone(all)
	slices.SortStableFunc(list, func(a, b diagnose.Stall) int { return cmp.Compare(b.Length(), a.Length()) })
	list = list[:min(len(list), mostStalls)]
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
