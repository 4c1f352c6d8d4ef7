package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"flowlab/diagnose"
	"flowlab/diagnose/survey"
	"flowlab/flow"
	"flowlab/report"
)

// analyzing is what the flags of analyze say.
type analyzing struct {
	chosen   choice
	between  string
	minStall time.Duration
	asJSON   bool
	frames   bool
	failOn   string
}

func newAnalyze() *cobra.Command {
	a := &analyzing{}
	verb := &cobra.Command{
		Use:   "analyze FILE...",
		Short: "Say who held the sender, in capture files",
		Long: `Say who held the sender, in capture files: pcap, pcapng and snoop, also
compressed with gzip or zstd; - is standard input.

Files that follow each other in time are one capture, as those that tcpdump -C or
dumpcap -b writes; files that overlap in time are captures of several points. A
connection that was seen at two interfaces is analysed twice, once at each.

The report begins with the worst stall: who held which sender for how long, who
must act, and which frames prove it. Times are seconds from the first packet.
docs/analyze.md says how to read it.

The exit code is 0 if all was read, 1 if --fail-on found a stall, and 2 for wrong
usage, a file that is damaged or no capture, or if interrupted; what was read
before that is reported. A file that ends within a packet, as one that is still
being written, is read up to there and is no error.`,
		Example: `  flowlab analyze trace.pcapng
  flowlab analyze ring_*.pcapng --host 192.0.2.7 --port 443
  flowlab analyze trace.pcap.gz --filter 'tcp port 50051 and net 10.0.0.0/8'
  flowlab analyze trace.pcapng --between 10s,20s --min-stall 50ms
  flowlab analyze trace.pcapng --json | jq '.connections[].directions[].stalls[]'
  flowlab analyze trace.pcapng --frames | grep zero_window
  flowlab analyze trace.pcapng --fail-on receive-window
  ssh host tcpdump -U -c 10000 -w - tcp | flowlab analyze -`,
		Args: captures,
		RunE: func(verb *cobra.Command, args []string) error {
			return a.run(verb.Context(), args)
		},
	}
	flags := verb.Flags()
	flags.SortFlags = false
	flags.StringVar(&a.chosen.expression, "filter", "", "only the packets that a pcap filter `EXPRESSION` selects")
	flags.StringVar(&a.chosen.host, "host", "", "only the connections of an `ADDRESS`, or of a network such as 10.0.0.0/8")
	flags.Uint16Var(&a.chosen.port, "port", 0, "only the connections of a port `NUMBER`")
	flags.StringVar(&a.between, "between", "", "shares and stalls of a part of the time, `FROM,TO`, such as 10s,20s")
	flags.DurationVar(&a.minStall, "min-stall", diagnose.MinStall, "what takes at least this `TIME` is a stall")
	flags.BoolVar(&a.asJSON, "json", false, "the report as JSON (docs/schema/analysis-1.json)")
	flags.BoolVar(&a.frames, "frames", false, "a line for each packet in place of the report; with --json JSON lines")
	flags.StringVar(&a.failOn, "fail-on", "", "exit with 1 if a stall of that `CAUSE` is found")
	cobra.CheckErr(verb.RegisterFlagCompletionFunc("fail-on", cobra.FixedCompletions(stallCauses(), cobra.ShellCompDirectiveNoFileComp)))
	return verb
}

// captures takes the names of capture files.
func captures(_ *cobra.Command, args []string) error {
	const pipe = "-"
	switch first := slices.Index(args, pipe); {
	case len(args) == 0:
		return mistake("see flowlab analyze --help", "flowlab analyze needs the name of a capture file")
	case first >= 0 && slices.Contains(args[first+1:], pipe):
		return mistake("name it once", "standard input is named twice")
	case first >= 0 && isTerminal(os.Stdin):
		return mistake("pipe one into it: tcpdump -w - | flowlab analyze -", "standard input is a terminal, not a capture")
	}
	return nil
}

// stallCauses names the causes that can make a stall.
func stallCauses() []string {
	return slices.DeleteFunc(slices.Clone(flow.CauseNames()), func(name string) bool { return name == flow.Application.String() })
}

func (a *analyzing) run(ctx context.Context, files []string) error {
	ctx, stop := interruptible(ctx)
	defer stop()
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	within, cause, err := a.check()
	if err != nil {
		return err
	}
	s := &survey.Survey{Files: files, MinStall: a.minStall, Within: within}
	if err := a.chosen.apply(s, fail); err != nil {
		return err
	}
	out := bufio.NewWriterSize(os.Stdout, 64<<10)
	bar := newProgress(a.frames || a.asJSON)
	s.Progress = bar.show
	if a.frames {
		return a.list(ctx, fail, s, out, bar)
	}
	return a.analyze(ctx, fail, s, out, bar, cause)
}

// check reads the flags that do not choose connections.
func (a *analyzing) check() (within survey.Span, cause flow.Cause, err error) {
	if a.minStall <= 0 {
		return within, cause, mistake("write a time, such as 50ms", "--min-stall %v: a stall takes time", a.minStall)
	}
	if a.between != "" {
		if within, err = parseSpan(a.between); err != nil {
			return within, cause, err
		}
	}
	if a.failOn == "" {
		return within, cause, nil
	}
	if a.frames {
		return within, cause, mistake("leave out one of them", "--fail-on looks for stalls, and --frames for none")
	}
	if !slices.Contains(stallCauses(), a.failOn) {
		hint := "the causes are " + list(stallCauses())
		if a.failOn == flow.Application.String() {
			hint = "a sender that has nothing to send is not stalled; " + hint
		}
		return within, cause, mistake(hint, "--fail-on %s: no cause of stalls", a.failOn)
	}
	cause, err = flow.ParseCause(a.failOn)
	return within, cause, err
}

// analyze writes the report.
func (a *analyzing) analyze(ctx context.Context, fail context.CancelCauseFunc, s *survey.Survey, out *bufio.Writer, bar *progress, cause flow.Cause) error {
	var digest report.Digest
	stream := report.NewAnalysisJSON(out)
	known := watchSource(s)
	s.Receive = func(v *diagnose.View) {
		src := known()
		if s.Within.End != 0 && !overlaps(v, src.First, s.Within) {
			return
		}
		digest.Add(v)
		if a.asJSON {
			if err := stream.Add(src, v); err != nil {
				fail(err)
			}
		}
	}
	src, err := s.Run(ctx)
	bar.erase()
	err = outcome(ctx, &src, err)
	if len(src.Files) > 0 {
		var writing error
		if a.asJSON {
			writing = stream.End(&src, err)
		} else {
			writing = report.Analysis(out, &src, &digest, a.minStall, report.Style{Color: colored()})
		}
		if writing == nil {
			writing = out.Flush()
		}
		if writing != nil {
			return writing
		}
	}
	if err != nil {
		return err
	}
	if n := digest.Stalls(cause); a.failOn != "" && n > 0 {
		return failed(fmt.Sprintf("%d stalls of %v", n, cause))
	}
	return nil
}

// overlaps tells whether a connection was there in a time that counts from the
// first packet.
func overlaps(v *diagnose.View, first flow.Time, within survey.Span) bool {
	return v.Start < first.Add(within.End) && first.Add(within.Start) <= v.End
}

// list writes a line for each packet.
func (a *analyzing) list(ctx context.Context, fail context.CancelCauseFunc, s *survey.Survey, out *bufio.Writer, bar *progress) error {
	write := report.NewFrames(out).Write
	if a.asJSON {
		write = report.NewFramesJSON(out).Write
	} else if err := report.FramesHead(out); err != nil {
		return err
	}
	src, err := s.RunFrames(ctx, func(src *survey.Source, f *survey.Frame) {
		at := f.Time.Sub(src.First)
		if s.Within.End != 0 && (at < s.Within.Start || at >= s.Within.End) {
			return
		}
		if err := write(src, f); err != nil {
			fail(err)
		}
	})
	bar.erase()
	err = outcome(ctx, &src, err)
	if len(src.Files) > 0 {
		if writing := out.Flush(); writing != nil {
			return writing
		}
	}
	return err
}
