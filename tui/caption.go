package tui

import (
	"fmt"

	"flowlab/tui/parts"
)

// drawCaption draws what the script says now; once the run is over, what it
// came to.
func (s *scene) drawCaption(a parts.Area) {
	text, k := s.snapshot.Caption, parts.Strong
	if s.outcome != nil && !s.instant.held {
		text, k = s.outcome.text(), s.outcome.ink()
	}
	a.PutLines(k, text)
}

func (o *outcome) ink() parts.Ink {
	if o.err != nil || !o.result.Passed {
		return parts.Alarm
	}
	return parts.Strong
}

// text says how a quiz was done, whether the run kept what its scenario promised, and if
// not, what it missed first.
func (o *outcome) text() string {
	if o.err != nil {
		return "The run failed: " + o.err.Error()
	}
	return score(&o.result.Quiz) + o.expected()
}

// expected says what became of the expectations.
func (o *outcome) expected() string {
	checks := o.result.Checks
	if len(checks) == 0 {
		return "The run is over. The scenario expects nothing."
	}
	missed, unchecked, first := 0, 0, ""
	for _, c := range checks {
		switch {
		case c.Unchecked:
			unchecked++
		case c.Failed():
			if missed++; missed == 1 {
				first = c.Text + "; found " + c.Found
			}
		}
	}
	checked, left := len(checks)-unchecked, ""
	if unchecked > 0 {
		left = fmt.Sprintf(", %d not checked", unchecked)
	}
	switch {
	case checked == 0:
		return "The run is over. Nothing was checked: the script was held or moved on."
	case missed == 0:
		return fmt.Sprintf("PASSED: all that was expected was seen (%d of %d%s).", checked, checked, left)
	}
	return fmt.Sprintf("FAILED: %d of %d expectations%s. %s", missed, checked, left, first)
}
