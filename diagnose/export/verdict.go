package export

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"flowlab/diagnose"
	"flowlab/flow"
)

// verdict is what is said of some connections as a whole: who held them, for which
// shares of their time, and who must act. It is told where each was seen. Times count
// from zero.
func verdict(views []*diagnose.View, where func(*diagnose.View) string, zero flow.Time) string {
	var b strings.Builder
	for _, v := range views {
		fmt.Fprintf(&b, "connection %d (%v)%s\n", v.Number, v.ID, where(v))
		for i := range v.Directions {
			direction(&b, v, &v.Directions[i], zero)
		}
		for _, f := range diagnose.Findings(v) {
			fmt.Fprintf(&b, "%s (%s): %s\n", f.Rule, f.Severity, f.Text)
		}
	}
	fmt.Fprintf(&b, "Frame numbers in comments are those of the source; this file counts its own. Times count from %s UTC.",
		time.Unix(0, int64(zero)).UTC().Format("2006-01-02 15:04:05.000000000"))
	return fit(b.String())
}

// direction says of one direction what held its sender.
func direction(b *strings.Builder, v *diagnose.View, d *diagnose.DirectionView, zero flow.Time) {
	if d.Bytes == 0 && d.Count == 0 {
		fmt.Fprintf(b, "the %v sent nothing\n", d.From)
		return
	}
	fmt.Fprintf(b, "the %v sent %s bytes; held by %s\n", d.From, flow.Grouped(d.Bytes), shares(&d.Limits))
	if len(d.Stalls) == 0 {
		return
	}
	worst := slices.MaxFunc(d.Stalls, func(x, y diagnose.Stall) int { return cmp.Compare(x.Length(), y.Length()) })
	fmt.Fprintf(b, "the %v's longest stall: held by %s for %s, from %s to %s.", d.From, Held(&worst), seconds(worst.Length()),
		seconds(worst.Start.Sub(zero)), seconds(worst.End.Sub(zero)))
	if todo := v.MustAct(&worst, d.From); todo != "" {
		b.WriteString(" " + todo)
	}
	b.WriteByte('\n')
}

// shares lists what held a sender, the longest first.
func shares(l *flow.Limits) string {
	var causes []flow.Cause
	for c, held := range l {
		if held > 0 {
			causes = append(causes, flow.Cause(c))
		}
	}
	if len(causes) == 0 {
		return "nothing for any time"
	}
	slices.SortStableFunc(causes, func(a, b flow.Cause) int { return cmp.Compare(l[b], l[a]) })
	list := make([]string, 0, len(causes))
	for _, c := range causes {
		list = append(list, fmt.Sprintf("%v %.1f %%", c, 100*l.Share(c)))
	}
	return strings.Join(list, ", ")
}
