package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"flowlab/flow"
	"flowlab/scenarios/overload"
)

// Compare writes what the same load came to under several policies: where the messages
// went, what it felt like, and for each policy what it protects and what it costs. The
// error is that of w.
func Compare(w io.Writer, outcomes []*overload.Outcome, style Style) error {
	p := &page{style: style}
	if len(outcomes) > 0 {
		l := &outcomes[0].Load
		p.line("overload: %s messages/s of %s against %s/s for %v, over %s", flow.Grouped(l.Rate), size(int64(l.Size)), flow.Grouped(l.Work), l.For, outcomes[0].Over)
		p.line("queues of %s; a process dies with %s in its queue; seed %d", flow.Grouped(int64(l.Capacity)), size(l.Memory), l.Seed)
		p.uneven("the worker", l)
	}
	p.ends(outcomes)
	p.feels(outcomes)
	p.heading("what each protects, and what it costs")
	for _, o := range outcomes {
		policy, _ := overload.Named(o.Policy)
		text := fmt.Sprintf("%s (%s) protects %s. It costs %s.", o.Policy, policy.Of, policy.Protects, policy.Costs)
		p.line("  %s", wrap(text, 2, 4))
	}
	_, err := io.WriteString(w, p.String())
	return err
}

// uneven says by how much who does the work is not even, if it is not.
func (p *page) uneven(who string, l *overload.Load) {
	var list []string
	if l.Jitter > 0 {
		list = append(list, fmt.Sprintf("takes up to %.4g %% longer or shorter", 100*l.Jitter))
	}
	for _, pause := range l.Pauses {
		list = append(list, fmt.Sprintf("does nothing for %v from %v on", pause.For, pause.From))
	}
	if len(list) > 0 {
		p.line("%s", wrap(who+" "+strings.Join(list, ", "), 0, 0))
	}
}

// ends says where the messages went.
func (p *page) ends(outcomes []*overload.Outcome) {
	const row = "%-14s %9s %8s %7s %7s %7s %6s %7s %6s"
	p.heading("where the messages went")
	p.line("%s", p.style.bold(fmt.Sprintf(row, "policy", "delivered", "withheld", "dropped", "shed", "expired", "failed", "queued", "lost")))
	for _, o := range outcomes {
		a := &o.Account
		p.line(row, o.Policy, some(a.Delivered), some(a.Withheld), some(a.Dropped), some(a.Shed), some(a.Expired), some(a.Failed), some(a.Queued), some(a.Lost))
	}
}

// some writes a count; none is a dot, so that the others stand out.
func some(n int64) string {
	if n == 0 {
		return "."
	}
	return flow.Grouped(n)
}

// feels says how long messages took, what it took of memory, and who was held.
func (p *page) feels(outcomes []*overload.Outcome) {
	const row = "%-14s %8s %8s %8s %8s %8s %8s %8s"
	p.heading("latency from when a message was due, and who had to wait")
	p.line("%s", p.style.bold(fmt.Sprintf(row, "policy", "p50", "p99", "max", "longest", "heap", "producer", "window")))
	p.line("%s", p.style.bold(fmt.Sprintf(row, "", "", "", "", "queue", "MiB", "blocked", "held it")))
	for _, o := range outcomes {
		window := "."
		if o.Shown != nil && o.Length > 0 {
			held := o.Shown.Limits[flow.ReceiveWindow] + o.Shown.Limits[flow.StreamWindow] + o.Shown.Limits[flow.ConnectionWindow]
			window = fmt.Sprintf("%.0f %%", 100*held.Seconds()/o.Length.Seconds())
		}
		p.line(row, o.Policy, latency(o.Latency.P50), latency(o.Latency.P99), latency(o.Latency.Max), flow.Grouped(int64(o.Longest)),
			fmt.Sprintf("%.1f", float64(o.Heap)/(1<<20)), fmt.Sprintf("%.0f %%", 100*o.Blocked.Seconds()/max(o.Length.Seconds(), 1e-9)), window)
		if o.Died > 0 {
			p.line("%-14s   its process died at %.2f s, with all it held", "", o.Died.Seconds())
		}
	}
}

// latency writes a time with three digits or so.
func latency(d time.Duration) string {
	switch {
	case d >= 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d >= time.Second:
		return fmt.Sprintf("%.2f s", d.Seconds())
	case d >= 10*time.Millisecond:
		return fmt.Sprintf("%.0f ms", d.Seconds()*1e3)
	}
	return fmt.Sprintf("%.1f ms", d.Seconds()*1e3)
}
