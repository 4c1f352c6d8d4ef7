package report

import (
	"encoding/json"
	"fmt"
	"io"

	"flowlab/scenarios/play"
)

// runs is docs/schema/runs-1.json.
type runs struct {
	Schema  string       `json:"schema"`
	Network play.Network `json:"network"`
	Seed    uint64       `json:"seed"`
	Passed  bool         `json:"passed"`
	Runs    []runSummary `json:"runs"`
}

// runSummary is what a run of several came to.
type runSummary struct {
	Scenario     string        `json:"scenario"`
	Group        string        `json:"group"`
	Libraries    *libraries    `json:"libraries"`
	Notes        []string      `json:"notes"`
	Passed       bool          `json:"passed"`
	Claim        *claim        `json:"claim"`
	Expectations []expectation `json:"expectations"`
}

// RunsJSON writes what several runs on one network came to, as one JSON document of
// the schema flowlab/runs/1. The error is that of w.
func RunsJSON(w io.Writer, network play.Network, seed uint64, results []*play.Result) error {
	all := runs{Schema: "flowlab/runs/1", Network: network, Seed: seed, Passed: true, Runs: []runSummary{}}
	for _, r := range results {
		all.Passed = all.Passed && r.Passed
		all.Runs = append(all.Runs, runSummary{
			Scenario: r.Scenario.Name, Group: r.Scenario.Group, Libraries: librariesOf(r), Notes: append([]string{}, r.Notes...),
			Passed: r.Passed, Claim: claimOf(r), Expectations: expectationsOf(r),
		})
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(all)
}

// Runs writes what several runs came to as a table, with what was not met below it.
// The error is that of w.
func Runs(w io.Writer, results []*play.Result, style Style) error {
	p := &page{style: style}
	names, met := len("scenario"), 0
	for _, r := range results {
		names = max(names, len(r.Scenario.Name))
	}
	row := func(name, network, expected, found any, share, truth string) string {
		return fmt.Sprintf("%-*v  %-9v  %-17v  %-17v  %7s  %7s", names, name, network, expected, found, share, truth)
	}
	p.line("%s", p.style.bold(row("scenario", "network", "expected cause", "found cause", "share", "truth's")))
	for _, r := range results {
		mark := p.style.green("✓")
		if r.Passed {
			met++
		} else {
			mark = p.style.red("✗")
		}
		text := row(r.Scenario.Name, r.Network, "-", "-", "-", "-")
		if c := r.Claim; c != nil {
			text = row(r.Scenario.Name, r.Network, c.Cause, c.Found, percent(c.Share), percent(c.Truth))
		}
		p.line("%s  %s", text, mark)
	}
	p.line("")
	for _, r := range results {
		for _, c := range r.Checks {
			if c.Failed() {
				p.line("%s: %s %s", r.Scenario.Name, p.style.red("FAILED"), wrap(c.Text+": found "+c.Found, len(r.Scenario.Name)+len(": FAILED "), 2))
			}
		}
	}
	p.line("%d of %d scenarios passed", met, len(results))
	_, err := io.WriteString(w, p.String())
	return err
}
