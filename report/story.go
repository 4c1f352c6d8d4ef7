package report

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"time"

	"flowlab/flow"
	"flowlab/peers/story"
)

// StoryLine writes a line that a story says while it is told.
func StoryLine(l story.Line) string {
	return fmt.Sprintf("%7.3f s  %s", l.At.Seconds(), wrap(l.Text, 11, 11))
}

// Story writes what came of a scenario on real systems: what was measured, what was seen
// on the wire, and what was promised. The error is that of w.
func Story(w io.Writer, r *story.Result, style Style) error {
	p := &page{style: style}
	p.line("%s: %s", r.Story.Name, r.Story.Title)
	p.figures(r.Figures)
	p.watched(r)
	if len(r.Checks) > 0 {
		met := 0
		for _, c := range r.Checks {
			if c.Passed {
				met++
			}
		}
		p.heading("promises: %d of %d kept", met, len(r.Checks))
	}
	for _, c := range r.Checks {
		mark := p.style.green("✓ ok    ")
		if !c.Passed {
			mark = p.style.red("✗ FAILED")
		}
		p.line("  %s  %s", mark, wrap(c.Text, 12, 12))
		p.line("%12s%s", "", wrap("found "+c.Found, 12, 12))
	}
	_, err := io.WriteString(w, p.String())
	return err
}

// figures writes each figure's first and last value, and the least and the most between.
func (p *page) figures(all []story.Figure) {
	if len(all) == 0 {
		return
	}
	var names []string
	of := map[string][]story.Figure{}
	columns := 0
	for _, f := range all {
		if of[f.Name] == nil {
			names = append(names, f.Name)
			columns = max(columns, len(f.Name))
		}
		of[f.Name] = append(of[f.Name], f)
	}
	p.heading("what was measured")
	for _, name := range names {
		list := of[name]
		last := list[len(list)-1]
		if len(list) == 1 {
			p.line("  %-*s  %s", columns, name, measured(last.Value, last.Unit))
			continue
		}
		byValue := func(a, b story.Figure) int { return int(math.Copysign(1, a.Value-b.Value)) }
		least, most := slices.MinFunc(list, byValue), slices.MaxFunc(list, byValue)
		p.line("  %-*s  %s at first, %s at the end; %s to %s", columns, name,
			measured(list[0].Value, last.Unit), measured(last.Value, last.Unit), measured(least.Value, last.Unit), measured(most.Value, last.Unit))
	}
}

// measured writes a value with its unit.
func measured(v float64, unit string) string {
	switch {
	case unit == "s":
		return decimals(time.Duration(v*float64(time.Second))) + " s"
	case v == math.Trunc(v) && math.Abs(v) < 1<<53:
		return flow.Grouped(int64(v)) + " " + unit
	}
	return strconv.FormatFloat(v, 'f', 1, 64) + " " + unit
}

// watched says what was seen of each port, and what cannot be.
func (p *page) watched(r *story.Result) {
	p.heading("on the wire")
	for _, w := range r.Watched {
		views, err := w.Connections()
		switch {
		case w.Unseen != "":
			p.line("  %s", wrap(fmt.Sprintf("%s, port %d: not seen, %s; flowlab doctor says what helps", w.Name, w.Port, w.Unseen), 2, 4))
			continue
		case err != nil:
			p.line("  %s", wrap(fmt.Sprintf("%s, port %d: %v", w.Name, w.Port, err), 2, 4))
		}
		p.line("  %s, port %d: %d connections", w.Name, w.Port, len(views))
		if n := w.Lost(); n > 0 {
			p.line("    %s packets were lost by the kernel: what is said of bytes may be too little", flow.Grouped(n))
		}
		for _, from := range []flow.Side{flow.Client, flow.Server} {
			held := w.Held(from)
			if held.Total() == 0 {
				continue
			}
			p.line("    %s", wrap(fmt.Sprintf("the %v sent %s; held by %s", from, size(w.Sent(from, func(flow.Conn) bool { return true })), shares(&held)), 4, 6))
			if n := w.ZeroWindows(from); n > 0 {
				p.line("    %s", wrap(fmt.Sprintf("the %v advertised a window of zero in %d segments, and opened it again after %s in all", from, n, seconds(w.ZeroWindow(from))), 4, 6))
			}
		}
	}
	if r.Story.Wire != "" {
		p.line("  %s", wrap(r.Story.Wire, 2, 2))
	}
}

// shares writes the causes that held a sender for at least a hundredth of the time.
func shares(l *flow.Limits) string {
	text := ""
	for _, j := range limitsOf(l) {
		if j.Share < 0.01 {
			continue
		}
		if text != "" {
			text += ", "
		}
		text += fmt.Sprintf("%s %.0f %%", j.Cause, 100*j.Share)
	}
	return text
}
