package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"flowlab/report"
	"flowlab/scenarios"
	"flowlab/scenarios/play"
)

// everything is what run takes for the name of all built-in scenarios.
const everything = "all"

// oneFlags are those of run that only one scenario can have.
var oneFlags = []string{"write", "force", "quiz", "metrics"}

// all runs every built-in scenario, and reports in one table.
func (r *running) all(ctx context.Context) error {
	if flag := r.given(oneFlags); flag != "" {
		return mistake("run one scenario by its name", "--%s goes with one scenario, not with all", flag)
	}
	if err := r.inLab(everything); err != nil {
		return err
	}
	network, err := play.ParseNetwork(r.network)
	if err != nil {
		return err
	}
	var list []*scenarios.Scenario
	for _, s := range scenarios.Builtins() {
		turned, err := withKnobs(s, r.set)
		if err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
		if err := play.Try(turned, network); err != nil {
			return err
		}
		list = append(list, turned)
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	over := 0
	results, err := play.All(ctx, list, play.Options{Network: network, Seed: r.seed}, func(result *play.Result) {
		over++
		fmt.Fprintf(os.Stderr, "%2d of %d  %s\n", over, len(list), result.Scenario.Name)
	})
	switch {
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("interrupted: %d of %d scenarios had run", over, len(list))
	case err != nil:
		return err
	}
	if err := r.reportAll(network, results); err != nil {
		return err
	}
	failures := 0
	for _, result := range results {
		if !result.Passed {
			failures++
		}
	}
	if failures > 0 {
		return failed(fmt.Sprintf("%d of %d scenarios failed", failures, len(results)))
	}
	return nil
}

func (r *running) reportAll(network play.Network, results []*play.Result) error {
	if r.asJSON {
		return report.RunsJSON(os.Stdout, network, r.seed, results)
	}
	return report.Runs(os.Stdout, results, report.Style{Color: colored()})
}
