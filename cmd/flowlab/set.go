package main

import (
	"errors"
	"fmt"
	"strings"

	"flowlab/scenarios"
)

// withKnobs returns a copy of a scenario with knobs turned, each written as
// KNOB=VALUE. The error has all that are wrong.
func withKnobs(s *scenarios.Scenario, settings []string) (*scenarios.Scenario, error) {
	turned := *s
	var wrong []error
	for _, setting := range settings {
		name, value, ok := strings.Cut(setting, "=")
		if !ok {
			wrong = append(wrong, mistake("write --set KNOB=VALUE, such as --set network.rtt=50ms", "--set %s: no value", setting))
			continue
		}
		if err := turned.Knobs.Set(name, value); err != nil {
			wrong = append(wrong, fmt.Errorf("--set %s: %w", setting, err))
		}
	}
	if is, was := turned.Knobs.Producer.Protocol, s.Knobs.Producer.Protocol; is != was {
		wrong = append(wrong, mistake("write a scenario file for it", "--set producer.protocol=%s: the steps of %s are made for %s", is, s.Name, was))
	}
	if len(wrong) == 0 {
		return &turned, turned.CheckLibraries()
	}
	return &turned, errors.Join(wrong...)
}

// knobHelp lists the knobs for the help text.
func knobHelp() string {
	var b strings.Builder
	defaults := scenarios.DefaultKnobs()
	b.WriteString("The knobs that --set turns, with their range, and what they are if neither it\nnor the scenario sets them:\n")
	longest := 0
	for _, name := range scenarios.KnobNames() {
		longest = max(longest, len(name))
	}
	for _, k := range scenarios.AllKnobs() {
		values := fmt.Sprintf("%s (%s)", k.Range, defaults.Get(k.Name))
		fmt.Fprintf(&b, "\n  %-*s  %s\n    %s\n", longest, k.Name, indented(values, longest+4), indented(k.Doc, 4))
	}
	return strings.TrimSuffix(b.String(), "\n")
}
