package main

import (
	"slices"

	"flowlab/flow"
)

// stallCauses names the causes that can make a stall.
func stallCauses() []string {
	return slices.DeleteFunc(slices.Clone(flow.CauseNames()), func(name string) bool { return name == flow.Application.String() })
}

// parseStallCause reads a cause that can make a stall, the value of a flag.
func parseStallCause(flag, name string) (flow.Cause, error) {
	if slices.Contains(stallCauses(), name) {
		return flow.ParseCause(name)
	}
	hint := "the causes are " + list(stallCauses())
	if name == flow.Application.String() {
		hint = "a sender that has nothing to send is not stalled; " + hint
	}
	return flow.Unknown, mistake(hint, "%s %s: no cause of stalls", flag, name)
}
