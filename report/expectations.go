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
		met := 0
		for _, c := range r.Checks {
			if c.Passed {
				met++
			}
		}
		p.heading("expectations: %d of %d met", met, len(r.Checks))
	}
	for _, c := range r.Checks {
		if r.Stopped {
			p.line("  - %s", wrap(c.Text, 4, 4))
			continue
		}
		mark := p.style.green("✓ ok    ")
		if !c.Passed {
			mark = p.style.red("✗ FAILED")
		}
		p.line("  %s  %s", mark, wrap(c.Text, 12, 12))
		p.line("%12s%s", "", wrap("found "+c.Found, 12, 12))
	}
}

// unchecked says that a run ended too early for its expectations.
func unchecked(r *play.Result) string {
	return fmt.Sprintf("not checked, the run was stopped after %s of %s", seconds(r.Length), seconds(r.Scenario.End))
}
