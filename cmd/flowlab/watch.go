package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"flowlab/capture"
	"flowlab/capture/filter"
	"flowlab/capture/privilege"
	"flowlab/diagnose"
	"flowlab/diagnose/board"
	"flowlab/diagnose/survey"
	"flowlab/diagnose/watch"
	"flowlab/flow"
	"flowlab/report"
	"flowlab/report/metrics"
	"flowlab/tui/settings"
)

// mostWatched is how many connections are kept while they are watched. Each
// takes some three kilobytes.
const mostWatched = 50_000

// mostLabelled is how many connections may have labels of their own in metrics: each is a
// time series for each end that it ever has.
const mostLabelled = 100

// watching is what the flags of watch say.
type watching struct {
	listening
	piped    string
	headless bool
	minStall time.Duration
	asJSON   bool
	failOn   string
	mask     bool
	metrics  exposing
	worst    int                // connections that have a label of their own
	settings *settings.Settings // of the screen; nil without one
}

func newWatch() *cobra.Command {
	w := &watching{}
	verb := &cobra.Command{
		Use:   "watch -i INTERFACE [FILTER]",
		Short: "Say who holds the senders on a network interface, while it happens",
		Long: `Say who holds the senders on a network interface, while it happens. On a terminal
that is a screen: all connections, those that stalls held longest first, and each with
its history, its streams and what can be done; docs/watch.md shows it. A connection can be
saved as pcapng (e) in the current folder, and what holds it copied (y). With --headless
or --json, or where there is no terminal, it is a line for each window that closes or
opens, for each sender that is held and let go again, and once a second how things
stand. At the end, by q or Ctrl-C, comes a report as that of flowlab analyze.

Where there is HTTP/2, streams that are held are named, with who must act; inside
TLS that takes the keys, which the program writes to the file of --keylog meanwhile.

FILTER chooses packets, as for tcpdump; in a shell it may need quotes. Headers of
packets are taken, and payload where it may be HTTP/2; with --snap, so many bytes of
each.

With -r - the packets come from another program, as a capture on standard input.

Capturing needs privileges, which are given up before the first packet is looked
at; see docs/privileges.md. flowlab doctor says what is missing.

The exit code is 0, 1 if --fail-on found a stall, and 2 for wrong usage, an error,
or an interface that has gone.`,
		Example: `  flowlab watch -i eth0
  flowlab watch -i any tcp port 50051
  flowlab watch -i eth0 --keylog keys.txt tcp port 443
  flowlab watch -i eth0 --netns blue --duration 1m
  flowlab watch -i eth0 --pid 4711 --json | jq 'select(.type == "stalled")'
  ssh host tcpdump -U -s 256 -w - tcp | flowlab watch -r -`,
		RunE: func(verb *cobra.Command, args []string) error {
			return w.run(verb.Context(), args)
		},
	}
	flags := verb.Flags()
	flags.SortFlags = false
	w.flags(verb)
	flags.StringVarP(&w.piped, "read", "r", "", "take the packets from a capture that is piped in: `-`")
	flags.BoolVar(&w.headless, "headless", false, "no screen: a line for what happens")
	flags.DurationVar(&w.minStall, "min-stall", diagnose.MinStall, "what takes at least this `TIME` is a stall")
	flags.BoolVar(&w.asJSON, "json", false, "JSON objects, a line each (docs/schema/watch-1.json)")
	flags.BoolVar(&w.mask, "mask", false, "on screen and in its report, stand-ins for addresses, names and paths")
	flags.StringVar(&w.failOn, "fail-on", "", "exit with 1 if a stall of that `CAUSE` is found")
	w.metrics.flag(verb)
	flags.IntVar(&w.worst, "metrics-connections", 0, "this `NUMBER` of connections, held the longest, have labels of their own; at most 100")
	cobra.CheckErr(verb.RegisterFlagCompletionFunc("fail-on", cobra.FixedCompletions(stallCauses(), cobra.ShellCompDirectiveNoFileComp)))
	return verb
}

// run watches on screen, or without one.
func (w *watching) run(ctx context.Context, args []string) error {
	cause, err := w.check()
	if err != nil {
		return err
	}
	if w.onScreen() {
		return withScreen(func(set *settings.Settings) error {
			w.settings = set
			return w.watch(ctx, args, cause)
		})
	}
	return w.watch(ctx, args, cause)
}

// onScreen tells whether what is seen is shown on screen.
func (w *watching) onScreen() bool { return !w.headless && !w.asJSON && w.piped == "" && onTerminal() }

// watch watches until it is told to stop.
func (w *watching) watch(ctx context.Context, args []string, cause flow.Cause) error {
	var err error
	run := &watch.Watch{MinStall: w.minStall, Most: mostWatched, Limit: w.count}
	if run.Keys, run.KeyLog, err = openKeys(w.keylog); err != nil {
		return err
	}
	exposed := metrics.NewWatch(w.worst)
	unexpose, err := w.metrics.open(exposed) // before privileges are given up
	if err != nil {
		return err
	}
	defer unexpose()
	end, err := w.source(run, args)
	if err != nil {
		return err
	}
	if w.metrics.address != "" || w.onScreen() {
		run.Board = board.NewLive()
	}
	unfollow := w.metrics.follow(func() { exposed.Enter(run.Board.Snapshot()) })
	defer unfollow()
	var digest report.Digest
	ctx, stop := interruptible(ctx)
	defer stop()
	if w.duration > 0 {
		ctx, stop = context.WithTimeout(ctx, w.duration)
		defer stop()
	}
	if w.onScreen() {
		err = w.show(ctx, run, &digest, args)
	} else {
		err = w.tell(ctx, run, &digest)
	}
	if closing := end(); err == nil {
		err = closing
	}
	if n := digest.Stalls(cause); err == nil && w.failOn != "" && n > 0 {
		return failed(found(n, cause))
	}
	return err
}

// check reads the flags that say nothing of the packets.
func (w *watching) check() (flow.Cause, error) {
	if w.minStall <= 0 {
		return 0, mistake("write a time, such as 50ms", "--min-stall %v: a stall takes time", w.minStall)
	}
	if err := w.ends(); err != nil {
		return 0, err
	}
	switch {
	case w.worst < 0 || w.worst > mostLabelled:
		return 0, mistake("write 0 to 100", "--metrics-connections %d", w.worst)
	case w.worst > 0 && w.metrics.address == "":
		return 0, mistake("add --metrics :9150", "--metrics-connections %d: no metrics are exposed", w.worst)
	case w.worst > 0 && w.mask:
		return 0, mistake("leave out one of them", "--metrics-connections names the addresses that --mask hides")
	}
	if w.mask && !w.onScreen() {
		return 0, mistake("leave it out, or watch on a terminal, without --headless, --json and -r", "--mask is for the screen")
	}
	if w.failOn == "" {
		return 0, nil
	}
	return parseStallCause("--fail-on", w.failOn)
}

// source opens where the packets come from, and returns what closes it.
func (w *watching) source(run *watch.Watch, args []string) (end func() error, err error) {
	if w.piped == "" {
		o, err := w.options(args)
		if err != nil {
			return nil, err
		}
		source, err := w.open(o, run)
		if err != nil {
			return nil, err
		}
		return source.Close, confine(w.granted())
	}
	switch {
	case w.piped != "-":
		return nil, mistake("flowlab analyze "+w.piped+" reads a file; -r - reads what is piped in", "-r %s: not standard input", w.piped)
	case w.iface != "":
		return nil, mistake("leave out one of them", "packets come from -i %s or from -r -, not from both", w.iface)
	case isTerminal(os.Stdin):
		return nil, mistake("pipe one into it: tcpdump -U -w - | flowlab watch -r -", "standard input is a terminal, not a capture")
	}
	if len(args) > 0 {
		f := filters{expression: strings.Join(args, " "), byLink: map[capture.LinkType]*filter.Filter{}}
		if _, err := f.of(capture.Ethernet); err != nil {
			return nil, err
		}
		run.Match = func(link capture.LinkType, p *capture.Packet) bool {
			chosen, err := f.of(link)
			return err == nil && chosen.Match(p.Data, p.Length)
		}
	}
	if err := confine(privilege.Grant{}); err != nil {
		return nil, err
	}
	pipe, err := watch.NewPipe(os.Stdin, run.Keys)
	if err != nil {
		return nil, hinted(err)
	}
	run.Source = pipe
	return func() error { return nil }, nil
}

// tell writes what happens, and at the end what was seen.
func (w *watching) tell(ctx context.Context, run *watch.Watch, digest *report.Digest) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	style := report.Style{Color: colored()}
	var lines interface {
		Event(*watch.Event)
		Second(*watch.Second)
		Err() error
	}
	text, objects := report.NewLive(os.Stdout, style), report.NewLiveJSON(os.Stdout)
	lines = text
	if w.asJSON {
		lines = objects
	}
	run.Ended = func(_ *survey.Source, v *diagnose.View) {
		digest.Add(v)
		objects.Ended(v)
	}
	run.Event = lines.Event
	run.Second = func(s *watch.Second) {
		lines.Second(s)
		if err := lines.Err(); err != nil {
			fail(err) // nobody reads what is written
		}
	}
	src, err := run.Run(ctx)
	if err := lines.Err(); err != nil {
		return err
	}
	if w.asJSON {
		objects.End(&src, err)
	} else {
		fmt.Println()
		if writing := report.Analysis(os.Stdout, &src, digest, w.minStall, style); writing != nil {
			return writing
		}
	}
	return ended(err)
}

// ended adds a hint to what ended a source early.
func ended(err error) error {
	var place *capture.ReadError
	if errors.As(err, &place) {
		return hinted(err)
	}
	return err
}
