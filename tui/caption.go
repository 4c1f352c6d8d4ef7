package tui

import "fmt"

// drawCaption draws what the script says now; once the run is over, what it
// came to.
func (s *scene) drawCaption(a area) {
	text, k := s.snapshot.Caption, strong
	if s.outcome != nil {
		text, k = s.outcome.text(), s.outcome.ink()
	}
	drawSentence(a, k, text)
}

// drawSentence draws a text on as many rows as there are.
func drawSentence(a area, k ink, text string) {
	lines := wrap(text, a.w-2)
	if len(lines) > a.h { // the last row says that there is more
		lines[a.h-1] = a.fit(lines[a.h-1]+" "+lines[a.h], a.w-2)
	}
	for y, line := range lines {
		a.put(1, y, k, a.fit(line, a.w-2))
	}
}

func (o *outcome) ink() ink {
	if o.err != nil || !o.result.Passed {
		return alarm
	}
	return strong
}

// text says whether the run kept what its scenario promised, and if not, what
// it missed first.
func (o *outcome) text() string {
	if o.err != nil {
		return "The run failed: " + o.err.Error()
	}
	checks := o.result.Checks
	if len(checks) == 0 {
		return "The run is over. The scenario expects nothing."
	}
	missed, first := 0, ""
	for _, c := range checks {
		if c.Passed {
			continue
		}
		if missed++; missed == 1 {
			first = c.Text + "; found " + c.Found
		}
	}
	if missed == 0 {
		return fmt.Sprintf("PASSED: all that was expected was seen (%d of %d).", len(checks), len(checks))
	}
	return fmt.Sprintf("FAILED: %d of %d expectations. %s", missed, len(checks), first)
}
