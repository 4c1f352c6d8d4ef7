package report

import (
	"fmt"

	"flowlab/scenarios/play"
)

// expectations lists what the scenario promised and what was found.
func (p *page) expectations(r *play.Result) {
	if len(r.Checks) == 0 {
		p.heading("expectations: none")
		return
	}
	if r.Stopped {
		p.heading("expectations: %s", unchecked(r))
	} else {
		p.heading("expectations: %s", met(r))
	}
	for _, c := range r.Checks {
		if r.Stopped {
			p.line("  - %s", wrap(c.Text, 4, 4))
			continue
		}
		mark, found := p.style.green("✓ ok    "), "found "+c.Found
		switch {
		case c.Unchecked:
			mark, found = "-       ", "not checked: "+c.Found
		case c.Failed():
			mark = p.style.red("✗ FAILED")
		}
		p.line("  %s  %s", mark, wrap(c.Text, 12, 12))
		p.line("%12s%s", "", wrap(found, 12, 12))
	}
}

// met counts the expectations that were met, and those that were not checked.
func met(r *play.Result) string {
	passed, left := 0, 0
	for _, c := range r.Checks {
		switch {
		case c.Passed:
			passed++
		case c.Unchecked:
			left++
		}
	}
	text := fmt.Sprintf("%d of %d met", passed, len(r.Checks)-left)
	if left > 0 {
		text += fmt.Sprintf(", %d not checked", left)
	}
	return text
}

// unchecked says that a run ended too early for its expectations.
func unchecked(r *play.Result) string {
	return fmt.Sprintf("not checked, the run was stopped after %s of %s", seconds(r.Length), seconds(r.End))
}
