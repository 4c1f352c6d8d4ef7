package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"

	"flowlab/diagnose"
	"flowlab/diagnose/survey"
	"flowlab/flow"
	"flowlab/report"
)

// analysis is an analysis of capture files under way.
type analysis struct {
	*analyzing
	*survey.Survey
	out      *bufio.Writer // standard output
	bar      *progress
	signals  context.Context // ends at a signal
	stop     context.CancelCauseFunc
	stopping context.Context // ends with signals or by stop
}

// run analyses capture files.
func (a *analyzing) run(ctx context.Context, files []string) error {
	// What is kept of many connections is large and stays; what becomes garbage is
	// little. Collecting it earlier costs nothing and takes a third less memory; but
	// not where there is next to nothing, which the ballast sees to. It is never
	// touched, so it takes no memory.
	debug.SetGCPercent(25)
	ballast := make([]byte, 64<<20)
	defer runtime.KeepAlive(ballast)
	within, cause, err := a.check()
	if err != nil {
		return err
	}
	run := analysis{
		analyzing: a,
		Survey:    &survey.Survey{Files: files, MinStall: a.minStall, Within: within},
		out:       bufio.NewWriterSize(os.Stdout, 64<<10),
		bar:       newProgress(a.frames || a.asJSON),
	}
	if run.Keys, err = readKeys(a.keyLog); err != nil {
		return err
	}
	run.Progress = run.bar.report
	signals, done := interruptible(ctx)
	defer done()
	run.signals = signals
	run.stopping, run.stop = context.WithCancelCause(signals)
	defer run.stop(nil)
	if err := a.chosen.apply(run.Survey, run.stop); err != nil {
		return err
	}
	if a.export.path != "" {
		return run.export()
	}
	if a.frames {
		return run.list()
	}
	return run.report(cause)
}

// report writes the report, and fails if a stall of the cause is asked for and
// was found.
func (a *analysis) report(cause flow.Cause) error {
	var digest report.Digest
	stream := report.NewAnalysisJSON(a.out)
	a.Receive = func(src *survey.Source, v *diagnose.View) {
		if a.Within.End != 0 && !overlaps(v, src.First, a.Within) {
			return
		}
		digest.Add(v)
		if a.asJSON {
			if err := stream.Add(src, v); err != nil {
				a.stop(err)
			}
		}
	}
	src, err := a.Run(a.stopping)
	err = a.end(&src, err, func(err error) error {
		if a.asJSON {
			return stream.End(&src, err)
		}
		return report.Analysis(a.out, &src, &digest, a.minStall, report.Style{Color: colored()})
	})
	if err != nil {
		return err
	}
	if n := digest.Stalls(cause); a.failOn != "" && n > 0 {
		return failed(found(n, cause))
	}
	return nil
}

// found says what --fail-on looked for.
func found(n int, cause flow.Cause) string {
	if n == 1 {
		return fmt.Sprintf("one stall of %v", cause)
	}
	return fmt.Sprintf("%d stalls of %v", n, cause)
}

// overlaps tells whether a connection was there in a time that counts from the
// first packet.
func overlaps(v *diagnose.View, first flow.Time, within survey.Span) bool {
	return v.Start < first.Add(within.End) && first.Add(within.Start) <= v.End
}

// list writes a line for each packet.
func (a *analysis) list() error {
	write := report.NewFrames(a.out).Write
	if a.asJSON {
		write = report.NewFramesJSON(a.out).Write
	} else if err := report.FramesHead(a.out); err != nil {
		return err
	}
	src, err := a.RunFrames(a.stopping, func(src *survey.Source, f *survey.Frame) {
		at := f.Time.Sub(src.First)
		if a.Within.End != 0 && (at < a.Within.Start || at >= a.Within.End) {
			return
		}
		if err := write(src, f); err != nil {
			a.stop(err)
		}
	})
	return a.end(&src, err, func(error) error { return nil })
}

// end writes what there is to write once all was read, or all that could be. It
// returns what went wrong in reading and writing. Of files that were not even
// opened nothing is written.
func (a *analysis) end(src *survey.Source, err error, write func(error) error) error {
	a.bar.erase()
	err = a.unread(src, err)
	if len(src.Files) == 0 {
		return err
	}
	if writing := write(err); writing != nil {
		return writing
	}
	if writing := a.out.Flush(); writing != nil {
		return writing
	}
	return err
}
