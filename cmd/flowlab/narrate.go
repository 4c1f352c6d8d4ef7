package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"flowlab/scenarios"
	"flowlab/scenarios/play"
)

// narrate writes the script's lines to standard error as they come, until the
// run is over.
func narrate(_ context.Context, run *play.Run, _ *scenarios.Scenario) error {
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	said := time.Duration(-1) // when the latest line came
	tell := func() {
		for _, e := range run.Snapshot().Log {
			if e.Kind == play.ScriptLine && e.At > said {
				said = e.At
				fmt.Fprintf(os.Stderr, "%.1fs  %s\n", e.At.Seconds(), e.Text)
			}
		}
	}
	for {
		select {
		case <-look.C:
			tell()
		case <-run.Done():
			tell()
			return nil
		}
	}
}
