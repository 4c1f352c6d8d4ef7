package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"flowlab/report"
	"flowlab/scenarios/overload"
	"flowlab/scenarios/play"
)

// comparing is what the flags of compare say.
type comparing struct {
	load     overload.Load
	over     string
	policies []string
	pauses   []string
	atOnce   int
	asJSON   bool
	alone    bool
	set      []string
	network  string
	changed  func(flag string) bool // it was given
}

func newCompare() *cobra.Command {
	c := &comparing{load: overload.Usual()}
	var names []string
	for _, p := range overload.Policies() {
		names = append(names, p.Name)
	}
	verb := &cobra.Command{
		Use:   "compare NAME",
		Short: "Run a load under every policy, or a scenario by values of a knob",
		Long: `Run the same load several times, and compare.

compare overload runs the same overload under every backpressure policy, and tells what
becomes of the messages: a producer has 10,000 a second, and a worker can process 5,000.
Each policy runs in a process of its own, with the same messages at the same times; a
table says where they went, how long they took, how much memory that needed, and who had
to wait, and a sentence what each policy protects and what it costs.

compare cascade, wrong-layer and recovery do so for three services in a row, gateway,
service and database, and tell from the packets who waited for whom.

compare SCENARIO --set KNOB=VALUE,VALUE runs a scenario of flowlab list, or a file, once
with each value, and prints a row for each. What the scenario expects is not checked.

Messages travel over TCP connections of the lab, whose packets are analysed as any
others; with --over direct from hand to hand. Those of overload also travel on a stream
of HTTP/2 (net/http; where work is refused, each is a request, and 503 the answer) or of
gRPC. The policies of overload are
` + inLines(names) + `
docs/backpressure.md says what each does exactly, and when to use which.`,
		Example: `  flowlab compare overload
  flowlab compare overload --policy block,drop-oldest,shed
  flowlab compare overload --rate 8000 --work 7000 --jitter 0.5 --for 5s
  flowlab compare overload --over http2 --policy shed,adaptive-limit,block
  flowlab compare overload --pause 2s+500ms --policy block,unbounded
  flowlab compare overload --json |
    jq '.policies[] | [.policy, .delivered, .dropped]'
  flowlab compare cascade
  flowlab compare recovery --policy retry-storm,retry-shed --over direct
  flowlab compare small-buffer-long-path --set consumer.window=16KiB,256KiB`,
		Args:              one("the name of what to compare: overload, cascade, wrong-layer, recovery, or a scenario"),
		ValidArgsFunction: completeComparison,
		RunE: func(verb *cobra.Command, args []string) error {
			c.changed = verb.Flags().Changed
			if c.alone {
				return c.one(verb.Context())
			}
			return c.compare(verb.Context(), args[0])
		},
	}
	l := &c.load
	flags := verb.Flags()
	flags.SortFlags = false
	flags.Int64Var(&l.Rate, "rate", l.Rate, "`MESSAGES` that are due each second")
	flags.Int64Var(&l.Work, "work", l.Work, "`MESSAGES` that the worker processes each second")
	flags.Float64Var(&l.Jitter, "jitter", 0, "by which `PART` of its time a message takes longer or shorter, 0 to 1")
	flags.StringSliceVar(&c.pauses, "pause", nil, "the worker does nothing from a time on for so long, `FROM+FOR`; may be repeated")
	flags.DurationVar(&l.For, "for", l.For, "how long messages are due")
	flags.IntVar(&l.Size, "size", l.Size, "`BYTES` of a message")
	flags.IntVar(&l.Capacity, "capacity", l.Capacity, "`MESSAGES` that a queue with a bound holds")
	flags.Int64Var(&l.Memory, "memory", l.Memory, "`BYTES` in a queue at which its process dies")
	flags.Uint64Var(&l.Seed, "seed", l.Seed, "the same `NUMBER`, the same messages at the same times")
	flags.StringVar(&c.over, "over", string(overload.OverTCP), "what messages travel on: "+strings.Join(overload.Overs(), " or "))
	flags.StringSliceVar(&c.policies, "policy", nil, "only the policies of these `NAMES`")
	flags.IntVar(&c.atOnce, "at-once", 1, "`POLICIES` that run side by side; more than the machine has room for disturb each other")
	flags.StringArrayVar(&c.set, "set", nil, "turn a knob of a scenario, `KNOB=VALUE,...`; one has several values, others may have one")
	flags.StringVar(&c.network, "network", string(play.Userspace), "whose TCP a scenario uses: userspace, or kernel, which needs root on Linux")
	flags.BoolVar(&c.asJSON, "json", false, "the comparison as JSON (docs/schema/compare-1.json)")
	flags.BoolVar(&c.alone, "alone", false, "do the task on standard input")
	cobra.CheckErr(flags.MarkHidden("alone"))
	cobra.CheckErr(verb.RegisterFlagCompletionFunc("over", cobra.FixedCompletions(overload.Overs(), cobra.ShellCompDirectiveNoFileComp)))
	cobra.CheckErr(verb.RegisterFlagCompletionFunc("policy", cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp)))
	cobra.CheckErr(verb.RegisterFlagCompletionFunc("network", cobra.FixedCompletions(play.Networks(), cobra.ShellCompDirectiveNoFileComp)))
	return verb
}

// inLines writes names in lines of a help.
func inLines(names []string) string {
	const most = 80
	lines, column := "  ", 2
	for i, name := range names {
		if i > 0 {
			lines, column = lines+", ", column+2
			if column+len(name) > most {
				lines, column = lines+"\n  ", 2
			}
		}
		lines, column = lines+name, column+len(name)
	}
	return strings.ReplaceAll(lines, ", \n", ",\n") + "."
}

// run runs all policies and reports.
func (c *comparing) run(ctx context.Context) error {
	tasks, err := c.tasks()
	if err != nil {
		return err
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	outcomes, err := c.inProcesses(ctx, tasks)
	if err != nil {
		return err
	}
	if c.asJSON {
		return report.CompareJSON(os.Stdout, c.load, overload.Over(c.over), outcomes)
	}
	return report.Compare(os.Stdout, outcomes, report.Style{Color: colored()})
}

// tasks are what is to be run, one for each policy.
func (c *comparing) tasks() (list []*overload.Task, err error) {
	if c.load.Pauses, err = parsePauses(c.pauses); err != nil {
		return nil, err
	}
	if len(c.policies) == 0 {
		for _, p := range overload.Policies() {
			c.policies = append(c.policies, p.Name)
		}
	}
	for _, name := range c.policies {
		t := &overload.Task{Load: c.load, Policy: name, Over: overload.Over(c.over)}
		if err := t.Check(); err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	if c.atOnce < 1 {
		return nil, mistake("write 1 or more", "--at-once %d", c.atOnce)
	}
	return list, nil
}

func parsePauses(texts []string) (list []overload.Pause, err error) {
	for _, text := range texts {
		from, length, _ := strings.Cut(text, "+")
		var p overload.Pause
		if p.From, err = time.ParseDuration(from); err == nil {
			p.For, err = time.ParseDuration(length)
		}
		if err != nil || p.From < 0 || p.For < 0 {
			return nil, mistake("write from when on and for how long, such as 2s+500ms", "--pause %s", text)
		}
		list = append(list, p)
	}
	return list, nil
}

// one does a task of another process.
func (c *comparing) one(ctx context.Context) error {
	var t overload.Task
	if err := json.NewDecoder(os.Stdin).Decode(&t); err != nil {
		return fmt.Errorf("read the task: %w", err)
	}
	o, err := t.Do(ctx)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(o)
}
