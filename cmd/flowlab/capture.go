package main

import (
	"context"
	"os"
	"time"

	"github.com/spf13/cobra"

	"flowlab/diagnose"
	"flowlab/diagnose/survey"
	"flowlab/diagnose/watch"
	"flowlab/flow"
	"flowlab/report"
)

// capturing is what the flags of capture say.
type capturing struct {
	listening
	write    string
	force    bool
	size     string
	every    time.Duration
	keep     int
	trigger  string
	before   time.Duration
	after    time.Duration
	memory   string
	embed    bool
	minStall time.Duration
	asJSON   bool
}

func newCapture() *cobra.Command {
	c := &capturing{}
	verb := &cobra.Command{
		Use:   "capture -i INTERFACE -w FILE [FILTER]",
		Short: "Record the packets of an interface, and say who held the senders",
		Long: `Record the packets of a network interface as pcapng, and say at the end, by
Ctrl-C, who held the senders, as flowlab analyze would. Packets that close or open
a window, or end a stall, have a comment that says so, which Wireshark shows
(filter: frame.comment).

FILTER chooses packets, as for tcpdump; in a shell it may need quotes. The headers of
packets are written, unless --snap says otherwise; for what is said at the end, payload
is looked at where it may be HTTP/2. What was captured is in the file after a second at
the latest.

With --rotate-size or --rotate-every the packets go into a ring of files, one after
the other: to out.pcapng belong out_00001_20261124104500.pcapng and so on.

With --trigger nothing is written until a stall of that cause lasts so long. Then
the packets of the time before are written, and those that follow until the stall
has been over for a while, or for a minute. Each stall has a file of its own. Where the
cause is a window of HTTP/2, what may be HTTP/2 is written whole.

Capturing needs privileges, which are given up before the first packet is looked
at; see docs/privileges.md. flowlab doctor says what is missing.`,
		Example: `  flowlab capture -i eth0 -w out.pcapng
  flowlab capture -i any -w out.pcapng tcp port 50051
  flowlab capture -i eth0 -w ring.pcapng --rotate-size 100MiB --keep 10
  flowlab capture -i eth0 -w stall.pcapng --trigger receive-window:2s
  flowlab capture -i eth0 -w h2.pcapng --keylog keys.txt --embed-keys port 443
  flowlab capture -i eth0 -w out.pcapng --duration 30s --json |
    jq '.findings[].text'`,
		RunE: func(verb *cobra.Command, args []string) error {
			return c.run(verb.Context(), args)
		},
	}
	flags := verb.Flags()
	flags.SortFlags = false
	flags.StringVarP(&c.write, "write", "w", "", "the new pcapng `FILE`")
	flags.BoolVar(&c.force, "force", false, "let --write replace a file")
	c.flags(verb)
	flags.BoolVar(&c.embed, "embed-keys", false, "with --keylog: write the keys of the sessions into the file; whoever has it can read them")
	flags.StringVar(&c.size, "rotate-size", "", "go on to the next file after this `SIZE`, such as 100MiB")
	flags.DurationVar(&c.every, "rotate-every", 0, "go on to the next file after this `TIME`")
	flags.IntVar(&c.keep, "keep", 0, "remove the oldest files so that this `NUMBER` is left; 0 for all")
	flags.StringVar(&c.trigger, "trigger", "", "write only when a stall happens, `CAUSE:TIME`, such as receive-window:2s")
	flags.DurationVar(&c.before, "before", 10*time.Second, "with --trigger: how much `TIME` before is written too")
	flags.DurationVar(&c.after, "after", 2*time.Second, "with --trigger: how much `TIME` after the stall is written too")
	flags.StringVar(&c.memory, "memory", "64MiB", "with --trigger: the most `SIZE` of packets to keep in memory")
	flags.DurationVar(&c.minStall, "min-stall", diagnose.MinStall, "what takes at least this `TIME` is a stall")
	flags.BoolVar(&c.asJSON, "json", false, "the report as JSON (docs/schema/analysis-1.json)")
	return verb
}

// run captures until it is told to stop.
func (c *capturing) run(ctx context.Context, args []string) error {
	o, err := c.options(args)
	if err != nil {
		return err
	}
	run := &watch.Watch{MinStall: c.minStall, Most: mostWatched, Limit: c.count}
	out, err := c.output()
	if err != nil {
		return err
	}
	if c.embed && c.keylog == "" {
		return mistake("name the file with --keylog FILE", "--embed-keys: there are no keys without a key log")
	}
	run.Embed = c.embed
	if run.Keys, run.KeyLog, err = openKeys(c.keylog); err != nil {
		return err
	}
	source, err := c.open(o, run)
	if err != nil {
		return err
	}
	defer source.Close() // what there was to say of it was said before
	run.Snap = c.recorded(out)
	if err := out.open(run); err != nil {
		return err
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	if c.duration > 0 {
		ctx, stop = context.WithTimeout(ctx, c.duration)
		defer stop()
	}
	return c.tell(ctx, run, out)
}

// recorded is how many bytes of each packet are written, 0 for all that come: unless it
// is said, headers, and where stalls of HTTP/2 are waited for, or keys are written, all of
// what may be it.
func (c *capturing) recorded(out *output) int {
	if !c.given("snap") && c.embed {
		return 0
	}
	if !c.given("snap") && out.trigger != nil {
		switch out.trigger.Cause {
		case flow.ConnectionWindow, flow.StreamWindow, flow.StreamLimit:
			return 0
		}
	}
	return c.snap
}

// tell writes a line a second to a terminal, and at the end what was seen.
func (c *capturing) tell(ctx context.Context, run *watch.Watch, out *output) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	var digest report.Digest
	stream := report.NewAnalysisJSON(os.Stdout)
	run.Ended = func(src *survey.Source, v *diagnose.View) {
		digest.Add(v)
		if c.asJSON {
			if err := stream.Add(src, v); err != nil {
				fail(err)
			}
		}
	}
	state := newStatus(c.asJSON)
	run.Second = func(s *watch.Second) {
		state.show(func(columns int) string { return report.LiveStatus(s, columns) })
	}
	src, err := run.Run(ctx)
	state.erase()
	if c.asJSON {
		if writing := stream.End(&src, err); writing != nil {
			return writing
		}
	} else if writing := report.Analysis(os.Stdout, &src, &digest, c.minStall, report.Style{Color: colored()}); writing != nil {
		return writing
	}
	if err == nil {
		out.say(os.Stderr, src.Packets)
	}
	return out.ended(err, src.Packets)
}
