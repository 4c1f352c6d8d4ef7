// A scenario with several values of a knob.

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"flowlab/report"
	"flowlab/scenarios"
	"flowlab/scenarios/play"
)

// values runs a scenario once with each value of a knob, and reports.
func (c *comparing) values(ctx context.Context, name string) error {
	network, err := play.ParseNetwork(c.network)
	if err != nil {
		return err
	}
	knob, values, list, err := c.turned(name)
	if err != nil {
		return err
	}
	for _, s := range list {
		if err := play.Try(s, network); err != nil {
			return err
		}
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	showing, hide := context.WithCancel(ctx)
	shown := showElapsed(showing, time.Duration(len(list))*list[0].End)
	runs := make([]report.ValueRun, 0, len(list))
	for i, s := range list {
		var results []*play.Result
		if results, err = play.All(ctx, []*scenarios.Scenario{s}, play.Options{Network: network, Seed: c.load.Seed}, func(*play.Result) {}); err != nil {
			break
		}
		runs = append(runs, report.ValueRun{Value: values[i], Result: results[0]})
	}
	hide()
	<-shown
	switch {
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("interrupted: %d of %d values had run", len(runs), len(list))
	case err != nil:
		return err
	case c.asJSON:
		return report.CompareValuesJSON(os.Stdout, knob, runs)
	}
	return report.CompareValues(os.Stdout, knob, runs, report.Style{Color: colored()})
}

// turned returns the scenario with each value of the knob that has several.
func (c *comparing) turned(name string) (knob string, values []string, list []*scenarios.Scenario, err error) {
	s, err := toCompare(name)
	if err != nil {
		return "", nil, nil, err
	}
	var fixed []string
	for _, setting := range c.set {
		of, text, _ := strings.Cut(setting, "=")
		several := strings.Split(text, ",")
		switch {
		case len(several) == 1:
			fixed = append(fixed, setting)
		case knob != "":
			return "", nil, nil, mistake("give the others one value", "--set %s: %s has several values already", setting, knob)
		default:
			knob, values = of, several
		}
	}
	if knob == "" {
		return "", nil, nil, mistake("write --set KNOB=VALUE,VALUE, such as --set consumer.window=16KiB,64KiB", "compare %s: no knob has several values", name)
	}
	for _, value := range values {
		t, err := withKnobs(s, append(fixed[:len(fixed):len(fixed)], knob+"="+value))
		if err != nil {
			return "", nil, nil, err
		}
		list = append(list, t)
	}
	return knob, values, list, nil
}

// toCompare returns the scenario of that name, which may have been meant to be another
// comparison.
func toCompare(name string) (*scenarios.Scenario, error) {
	if findStory(name, systems{}) != nil {
		return nil, mistake("flowlab run "+name+" tells it", "%s runs on real systems, which have no knobs to compare", name)
	}
	s, err := scenarios.Find(name)
	var file *scenarios.FileError
	if err == nil || errors.As(err, &file) {
		return s, err
	}
	hint := scenarios.DidYouMean(name, append(comparisons(), scenarios.BuiltinNames()...))
	if hint == "" {
		hint = "there are " + strings.Join(comparisons(), ", ") + ", and every scenario of the lab (flowlab list) with --set"
	}
	return nil, mistake(hint, "nothing to compare is called %q", name)
}
