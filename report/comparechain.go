package report

import (
	"fmt"
	"io"
	"strings"

	"flowlab/flow"
	"flowlab/scenarios/overload"
)

// CompareChain writes what the same load came to in a chain of services under several
// policies: what the clients got, what each service did, and what the packets say of who
// waited for whom. The error is that of w.
func CompareChain(w io.Writer, c *overload.Chain, results []*overload.ChainResult, style Style) error {
	p := &page{style: style}
	p.line("%s", p.style.bold(c.Name))
	p.line("%s", wrap(c.Teaches, 0, 0))
	l := &c.Load
	p.line("%s requests/s of %s against %s/s of the database for %v; seed %d", flow.Grouped(l.Rate), size(int64(l.Size)), flow.Grouped(l.Work), l.For, l.Seed)
	p.line("queues of %s; a process dies with %s in its queue", flow.Grouped(int64(l.Capacity)), size(l.Memory))
	p.uneven("the database", &l.Load)
	p.clients(results)
	p.hops(results)
	p.goodput(results)
	p.heading("what each does, and what comes of it")
	for _, r := range results {
		p.line("  %s", wrap(fmt.Sprintf("%s: %s %s", r.Policy.Name, r.Policy.Does, r.Policy.Comes), 2, 4))
		for i := range r.Waits[:min(len(r.Waits), 1)] {
			p.line("    %s", wrap("The packets say: "+chainText(&r.Waits[i], r.Hosts), 4, 4))
		}
	}
	_, err := io.WriteString(w, p.String())
	return err
}

// clients says what the clients got.
func (p *page) clients(results []*overload.ChainResult) {
	const row = "%-17s %8s %6s %6s %8s %6s %6s %7s %7s"
	p.heading("what the clients got, with latency from when a request was due")
	p.line("%s", p.style.bold(fmt.Sprintf(row, "policy", "requests", "good", "failed", "withheld", "tries", "wasted", "p50", "p99")))
	for _, r := range results {
		c := &r.Clients
		p.line(row, r.Policy.Name, flow.Grouped(c.Requests), some(c.Good), some(c.Failed), some(c.Withheld), some(c.Tries), some(c.Wasted), latency(r.Latency.P50), latency(r.Latency.P99))
		if shallow := c.Requests - c.Deep; shallow > 0 {
			p.line("%-17s   good %.0f %% of those that need the database, %.0f %% of the others", "",
				100*float64(c.GoodDeep)/float64(max(1, c.Deep)), 100*float64(c.Good-c.GoodDeep)/float64(shallow))
		}
	}
}

// hops says what each service did.
func (p *page) hops(results []*overload.ChainResult) {
	const row = "%-17s %-8s %7s %7s %6s %6s %6s %7s %8s"
	p.heading("what each service did")
	p.line("%s", p.style.bold(fmt.Sprintf(row, "policy", "service", "came", "done", "shed", "queued", "lost", "died", "window")))
	p.line("%s", p.style.bold(fmt.Sprintf(row, "", "", "", "", "", "", "", "at", "zero for")))
	for _, r := range results {
		name := r.Policy.Name
		for i := range r.Hops {
			h, died, zero := &r.Hops[i], ".", "."
			if h.Died > 0 {
				died = latency(h.Died)
			}
			if r.Shown != nil && r.Shown[i].ZeroWindow > 0 {
				zero = latency(r.Shown[i].ZeroWindow)
			}
			a := &h.Account
			p.line(row, name, h.Name, flow.Grouped(a.Offered), some(a.Delivered), some(a.Shed), some(a.Queued), some(a.Lost), died, zero)
			name = ""
		}
	}
}

// goodput says how many requests were good in each second.
func (p *page) goodput(results []*overload.ChainResult) {
	p.heading("requests that were good, in each second")
	for _, r := range results {
		var list []string
		for _, n := range r.Good {
			list = append(list, fmt.Sprintf("%6s", some(n)))
		}
		p.line("%-17s %s", r.Policy.Name, strings.Join(list, " "))
	}
}
