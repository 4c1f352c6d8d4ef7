package main

import (
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"flowlab/diagnose"
	"flowlab/diagnose/survey"
	"flowlab/flow"
)

// analyzing is what the flags of analyze say.
type analyzing struct {
	chosen   choice
	between  string
	minStall time.Duration
	asJSON   bool
	frames   bool
	failOn   string
	keyLog   string
	export   exporting
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
being written, is read up to there and is no error.

With --write no report is written but a pcapng file of the packets of --connection,
with the diagnosis as comments on its frames.`,
		Example: `  flowlab analyze trace.pcapng
  flowlab analyze ring_*.pcapng --host 192.0.2.7 --port 443
  flowlab analyze trace.pcap.gz --filter 'tcp port 50051 and net 10.0.0.0/8'
  flowlab analyze trace.pcapng --between 10s,20s --min-stall 50ms
  flowlab analyze trace.pcapng --json |
    jq '.connections[].directions[].stalls[]'
  flowlab analyze trace.pcapng --keylog keys.txt
  flowlab analyze trace.pcapng --frames | grep zero_window
  flowlab analyze trace.pcapng --fail-on receive-window
  flowlab analyze trace.pcapng --connection 3 --write stalled.pcapng
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
	flags.StringVar(&a.keyLog, "keylog", "", "read TLS with the keys in a `FILE` as SSLKEYLOGFILE names one (docs/tls.md)")
	flags.BoolVar(&a.asJSON, "json", false, "the report as JSON (docs/schema/analysis-1.json)")
	flags.BoolVar(&a.frames, "frames", false, "a line for each packet in place of the report; with --json JSON lines (docs/schema/frame-1.json)")
	flags.StringVar(&a.failOn, "fail-on", "", "exit with 1 if a stall of that `CAUSE` is found")
	flags.IntSliceVar(&a.export.connections, "connection", nil, "with --write: the `NUMBER` of a connection, or several: 1,2")
	flags.StringVar(&a.export.path, "write", "", "write that connection to a pcapng `FILE`, with the diagnosis as comments")
	flags.BoolVar(&a.export.force, "force", false, "with --write: replace a file of that name")
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
	if err := a.export.check(a); err != nil {
		return within, cause, err
	}
	if a.failOn == "" {
		return within, cause, nil
	}
	if a.frames {
		return within, cause, mistake("leave out one of them", "--fail-on looks for stalls, and --frames for none")
	}
	cause, err = parseStallCause("--fail-on", a.failOn)
	return within, cause, err
}
