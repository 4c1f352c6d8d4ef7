package report

import (
	"fmt"
	"slices"
	"strings"

	"flowlab/flow"
)

// shares draws how long each cause held a sender, the longest first.
func (p *page) shares(l *flow.Limits, indent string) {
	for _, c := range causesOf(l) {
		share := l.Share(c)
		if share < leastShown {
			break
		}
		row := fmt.Sprintf("%s%-17v %9s %8s  ", indent, c, seconds(l[c]), percent(share))
		p.line("%s%s", row, bar(share, width-len(row)))
	}
}

// shareList lists the shares in one line.
func shareList(l *flow.Limits) string {
	var list []string
	for _, c := range causesOf(l) {
		if share := l.Share(c); share >= leastShown {
			list = append(list, fmt.Sprintf("%v %s", c, percent(share)))
		}
	}
	if len(list) == 0 {
		return "there is no time to share out"
	}
	return strings.Join(list, ", ")
}

// leastShown is the least share that is shown: what rounds to more than 0.0 %.
const leastShown = 0.0005

// causesOf returns the causes that took any time, by time.
func causesOf(l *flow.Limits) []flow.Cause {
	var causes []flow.Cause
	for c, d := range l {
		if d > 0 {
			causes = append(causes, flow.Cause(c))
		}
	}
	slices.SortStableFunc(causes, func(a, b flow.Cause) int { return int(l[b] - l[a]) })
	return causes
}

// eighths are the block elements, each an eighth of a column wider.
var eighths = [...]string{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"}

// bar draws a share of so many columns.
func bar(share float64, columns int) string {
	n := int(share*float64(columns)*8 + 0.5)
	return strings.Repeat("█", n/8) + eighths[n%8]
}
