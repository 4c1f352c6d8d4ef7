package main

import (
	"bufio"
	"context"
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"flowlab/flow"
	"flowlab/report"
	"flowlab/scenarios"
	"flowlab/sockets"
	"flowlab/tui/settings"
)

// topping is what the flags of top say.
type topping struct {
	interval  time.Duration
	once      bool
	all       bool
	asJSON    bool
	host      string
	port      uint16
	limit     string
	namespace string
	pid       int

	network   netip.Prefix
	processes sockets.Processes
}

func newTop() *cobra.Command {
	t := &topping{}
	verb := &cobra.Command{
		Use:   "top",
		Short: "Show this host's TCP connections by what limits them",
		Long: `Show this host's TCP connections by what limits them: the other side's receive
window, their own send buffer, the path, or their own application. It is the kernel's
own count (TCP_INFO), so nothing is captured, and no privileges are needed. Only the
names of other users' processes take root.

Those come first that were kept from sending the longest, then those whose own
application leaves bytes unread. Connections of which there is nothing to say are
only counted, unless --all asks for them. docs/top.md says what the columns mean.

On a terminal the table is a screen: it can be sorted, filtered, and taken back through
the last ten minutes, and Enter opens a socket with its windows and its past. Elsewhere
a table is written after each interval; Ctrl-C ends it.`,
		Example: `  flowlab top
  flowlab top --once --interval 5s
  flowlab top --limit receive-window --port 443
  flowlab top --pid 4711
  flowlab top --once --json | jq 'select(.unread > 0) | .process'`,
		Args: none,
		RunE: func(verb *cobra.Command, _ []string) error { return t.run(verb.Context()) },
	}
	flags := verb.Flags()
	flags.SortFlags = false
	flags.DurationVar(&t.interval, "interval", time.Second, "the `TIME` between two looks")
	flags.BoolVar(&t.once, "once", false, "one table, after one interval")
	flags.BoolVar(&t.all, "all", false, "idle connections too")
	flags.StringVar(&t.host, "host", "", "only those of an `ADDRESS`, or of a network such as 10.0.0.0/8, at either end")
	flags.Uint16Var(&t.port, "port", 0, "only those of a port `NUMBER`, at either end")
	flags.StringVar(&t.limit, "limit", "", "only those that a `CAUSE` limits most: "+list(sockets.Limits()))
	flags.StringVar(&t.namespace, "netns", "", "the `NAME` or the path of a network namespace")
	flags.IntVar(&t.pid, "pid", 0, "the network namespace of a process, such as a container's, by its `NUMBER`")
	flags.BoolVar(&t.asJSON, "json", false, "JSON objects, a line a socket (docs/schema/top-1.json)")
	cobra.CheckErr(verb.RegisterFlagCompletionFunc("limit", cobra.FixedCompletions(sockets.Limits(), cobra.ShellCompDirectiveNoFileComp)))
	return verb
}

// run shows tables until it is told to stop, or what is looked at on screen.
func (t *topping) run(ctx context.Context) error {
	if err := t.check(); err != nil {
		return err
	}
	if t.once || t.asJSON || !onTerminal() {
		return t.watch(ctx, t.print)
	}
	return withScreen(func(set *settings.Settings) error {
		return t.watch(ctx, func(ctx context.Context, monitor *sockets.Monitor) error { return t.onScreen(ctx, monitor, set) })
	})
}

// watch asks the kernel for the sockets, and hands on what says what limits them.
func (t *topping) watch(ctx context.Context, show func(context.Context, *sockets.Monitor) error) error {
	diag, err := sockets.OpenDiag(namespace(t.namespace, t.pid))
	if err != nil {
		return undiagnosed(err)
	}
	defer diag.Close()
	monitor, err := sockets.NewMonitor(diag)
	if err != nil {
		return undiagnosed(err)
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	return show(ctx, monitor)
}

// print writes tables until it is told to stop.
func (t *topping) print(ctx context.Context, monitor *sockets.Monitor) error {
	tick := time.NewTicker(t.interval)
	defer tick.Stop()
	out := bufio.NewWriterSize(os.Stdout, 64<<10)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		verdicts, err := monitor.Next()
		if err != nil {
			return undiagnosed(err)
		}
		if err := errors.Join(t.show(out, verdicts), out.Flush()); err != nil || t.once {
			return err
		}
	}
}

// check reads the flags.
func (t *topping) check() (err error) {
	switch {
	case t.interval < 100*time.Millisecond:
		return mistake("write at least 100ms: the kernel counts in steps of up to 10ms", "--interval %v is too short", t.interval)
	case t.namespace != "" && t.pid != 0:
		return mistake("leave out one of them", "--netns and --pid both name a namespace")
	}
	if t.host != "" {
		if t.network, err = parseHost(t.host); err != nil {
			return err
		}
	}
	if t.limit == "" || slices.Contains(sockets.Limits(), t.limit) {
		return nil
	}
	hint := scenarios.DidYouMean(t.limit, sockets.Limits())
	if hint == "" {
		hint = "the limits are " + list(sockets.Limits())
	}
	if t.limit == flow.Application.String() {
		hint = "own-reader are those whose application leaves bytes unread, nothing those of which there is nothing to say"
	}
	return mistake(hint, "--limit %s: nothing that limits a socket", t.limit)
}

// undiagnosed adds a hint to why the kernel does not tell.
func undiagnosed(err error) error {
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		return mistake("flowlab top needs Linux; flowlab watch has the packets of an interface", "%v", err)
	case errors.Is(err, fs.ErrPermission):
		return mistake("another network namespace takes root", "%v", err)
	case errors.Is(err, fs.ErrNotExist):
		return mistake("ip netns lists the namespaces that have names, ps(1) the processes", "%v", err)
	}
	return err
}

// show writes the table of an interval.
func (t *topping) show(out *bufio.Writer, verdicts []sockets.Verdict) error {
	var sum report.TopSum
	var rows []report.TopRow
	var inodes []uint32
	for i := range verdicts {
		v := &verdicts[i]
		if !t.chosen(v) {
			continue
		}
		sum.Add(v)
		if t.all || !v.Idle() {
			rows = append(rows, report.TopRow{Verdict: v})
		}
	}
	report.SortTop(rows)
	for i := range rows {
		inodes = append(inodes, rows[i].Socket.Inode)
	}
	t.processes.Find(inodes)
	for i := range rows {
		rows[i].Process = t.processes.Of(rows[i].Socket.Inode)
		if rows[i].Process == nil && rows[i].Socket.Inode != 0 {
			sum.Unnamed++
		}
	}
	if t.asJSON {
		return report.TopJSON(out, rows)
	}
	if !t.once {
		_, _ = out.WriteString("\n")
	}
	return report.Top(out, rows, &sum, report.Style{Color: colored()})
}

// chosen tells whether a socket is asked for.
func (t *topping) chosen(v *sockets.Verdict) bool {
	s := v.Socket
	return (t.port == 0 || s.Local.Port == t.port || s.Remote.Port == t.port) &&
		(t.host == "" || t.network.Contains(s.Local.AddrPort().Addr()) || t.network.Contains(s.Remote.AddrPort().Addr())) &&
		(t.limit == "" || sockets.LimitOf(v.Cause, v.Unread) == t.limit)
}
