package report

import "flowlab/diagnose"

// findings lists what a person can act on.
func (p *page) findings(v *diagnose.View) {
	list := diagnose.Findings(v)
	if len(list) == 0 {
		return
	}
	p.heading("findings")
	for _, f := range list {
		p.line("  %s: %s", f.Severity, wrap(f.Text, len("  : ")+len(f.Severity), 4))
	}
}
