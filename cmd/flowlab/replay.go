package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"flowlab/diagnose"
	"flowlab/diagnose/mask"
	"flowlab/diagnose/replay"
	"flowlab/diagnose/survey"
	"flowlab/tui"
	"flowlab/tui/settings"
)

// replaying is what the flags of replay say.
type replaying struct {
	chosen   choice
	minStall time.Duration
	keyLog   string
	mask     bool
}

func newReplay() *cobra.Command {
	r := &replaying{}
	verb := &cobra.Command{
		Use:   "replay FILE...",
		Short: "Show capture files on screen, and go back and forth in them",
		Long: `Show capture files on screen: their connections, those that stalls held longest first,
and each with its history, its streams and what can be done; docs/watch.md shows it.
Any instant can be shown, and all be played, slower or faster than it was. A connection can
be saved as pcapng (e) in the current folder, and what holds it copied (y).

What is known at the end is used throughout: who held a sender at an instant is what the
finished analysis says of it. Gauges are as they were.

The files are read once, and again for each connection that is opened, so standard
input cannot be one of them. What they may be is what flowlab analyze reads. Without a
terminal, use flowlab analyze.`,
		Example: `  flowlab replay trace.pcapng
  flowlab replay ring_*.pcapng --port 50051
  flowlab replay trace.pcapng --keylog keys.txt`,
		Args: someFiles,
		RunE: func(verb *cobra.Command, args []string) error { return r.run(verb.Context(), args) },
	}
	flags := verb.Flags()
	flags.SortFlags = false
	flags.StringVar(&r.chosen.expression, "filter", "", "only the packets that a pcap filter `EXPRESSION` selects")
	flags.StringVar(&r.chosen.host, "host", "", "only the connections of an `ADDRESS`, or of a network such as 10.0.0.0/8")
	flags.Uint16Var(&r.chosen.port, "port", 0, "only the connections of a port `NUMBER`")
	flags.DurationVar(&r.minStall, "min-stall", diagnose.MinStall, "what takes at least this `TIME` is a stall")
	flags.StringVar(&r.keyLog, "keylog", "", "read TLS with the keys in a `FILE` as SSLKEYLOGFILE names one (docs/tls.md)")
	flags.BoolVar(&r.mask, "mask", false, "stand-ins for addresses, names and paths")
	return verb
}

// someFiles takes the names of files.
func someFiles(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return mistake("see flowlab replay --help", "flowlab replay needs the name of a capture file")
	}
	for _, name := range args {
		if name == "-" {
			return mistake("save it in a file first; flowlab watch -r - shows what is piped in", "standard input can be read only once, and a replay reads twice")
		}
	}
	return nil
}

// run shows files on screen.
func (r *replaying) run(ctx context.Context, files []string) error {
	if r.minStall <= 0 {
		return mistake("write a time, such as 50ms", "--min-stall %v: a stall takes time", r.minStall)
	}
	if !onTerminal() {
		return mistake("flowlab analyze writes a report of the same", "a replay needs a terminal")
	}
	return withScreen(func(set *settings.Settings) error { return r.show(ctx, files, set) })
}

func (r *replaying) show(ctx context.Context, files []string, set *settings.Settings) error {
	bar := newProgress(false)
	s := survey.Survey{Files: files, MinStall: r.minStall, Progress: bar.report}
	var err error
	if s.Keys, err = readKeys(r.keyLog); err != nil {
		return err
	}
	ctx, done := interruptible(ctx)
	defer done()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	if err := r.chosen.apply(&s, stop); err != nil {
		return err
	}
	shown, err := replay.Open(ctx, s)
	bar.erase()
	if shown == nil {
		if err == nil {
			err = mistake("leave out the filter, or see what flowlab analyze says of it", "there is no packet to show")
		}
		return hinted(err)
	}
	defer shown.Close()
	what := tui.Subject{
		Source: shown, Title: filepath.Base(files[0]), Plain: fmt.Sprintf("%d capture files", len(files)),
		Mask: mask.New(), Masked: r.mask || set.Mask, Export: replayExport(s), Reading: shown.Reading,
	}
	if len(files) > 1 {
		what.Title += " and others"
	} else {
		what.Plain = "a capture file"
	}
	if failure := tui.Replay(ctx, what, set); failure != nil {
		return failure
	}
	if err != nil {
		_, _ = os.Stderr.WriteString("what could be read was shown\n")
		return hinted(err)
	}
	return nil
}
