package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"flowlab/report"
	"flowlab/report/metrics"
	"flowlab/scenarios"
	"flowlab/scenarios/play"
	"flowlab/tui"
	"flowlab/tui/settings"
)

// usualSeed is the seed where none is asked for.
const usualSeed = 1

// running is what the flags of run say.
type running struct {
	headless bool
	asJSON   bool
	quiz     bool
	systems  systems
	set      []string
	write    string
	force    bool
	seed     uint64
	network  string
	metrics  exposing
	changed  func(flag string) bool // it was given
}

func newRun() *cobra.Command {
	r := &running{}
	verb := &cobra.Command{
		Use:   "run NAME|FILE|all",
		Short: "Run a scenario and check what it expects",
		Long: `Run a scenario: a built-in one by its name, or a file of your own by its path
(it has a separator in it, or ends in .yaml or .yml). With the name all, every
built-in scenario runs, a few at a time, without a screen; the report is a table,
and the exit code 1 if one of them failed.

The run is shown on screen. With --headless or --json, or where there is no
terminal, the script's lines go to standard error while it runs. At the end the
report goes to standard output.

With --quiz the script waits where it has a question, until it is answered on
screen. What is later in the script is then not checked.

Scenarios on real systems (flowlab list has them last) start what they need on this
machine's loopback interface and end it again. Their lines go to standard error; what
passes on the wire is seen if capturing is allowed.

With --network kernel the hosts are two network namespaces of this machine's
Linux kernel, on the same wire; that needs root. Namespaces and devices are gone
when the run ends, however it ends.

The exit code is 0 if every expectation of the scenario was met, 1 if one was
not, and 2 for wrong usage, an error, or a run that was interrupted.

` + knobHelp(),
		Example: `  flowlab run reader-stops
  flowlab run reader-stops --quiz
  flowlab run ./stall.yaml --headless
  flowlab run healthy --set network.loss=1% --set consumer.window=64KiB
  flowlab run reader-stops --headless --write out.pcapng
  flowlab run all
  sudo flowlab run reader-stops --network kernel --set producer.congestion=bbr
  flowlab run reader-stops --json |
    jq '.analysis.connections[0].directions[0].limits'`,
		Args:              one("the name of a scenario or a file"),
		ValidArgsFunction: completeScenario,
		RunE: func(verb *cobra.Command, args []string) error {
			r.changed = verb.Flags().Changed
			if args[0] == everything {
				return r.all(verb.Context())
			}
			if s := findStory(args[0], r.systems); s != nil {
				if err := r.fits(s); err != nil {
					return err
				}
				return r.tell(verb.Context(), s, os.Stderr)
			}
			if isComparison(args[0]) {
				return mistake("flowlab compare "+args[0]+" runs it", "%s is a comparison, and no scenario", args[0])
			}
			s, err := scenarios.Find(args[0], storyNames()...)
			if err != nil {
				return err
			}
			return r.run(verb.Context(), s)
		},
	}
	flags := verb.Flags()
	flags.SortFlags = false
	flags.BoolVar(&r.headless, "headless", false, "no screen: only the report at the end")
	flags.BoolVar(&r.asJSON, "json", false, "the report as JSON (docs/schema/run-1.json, runs-1.json, story-1.json); headless")
	flags.BoolVar(&r.quiz, "quiz", false, "the script asks on screen what comes next, and waits for an answer")
	flags.StringArrayVar(&r.set, "set", nil, "turn a knob before the run, `KNOB=VALUE`; may be repeated")
	flags.StringVar(&r.write, "write", "", "write the packets to a new pcapng `FILE`")
	flags.BoolVar(&r.force, "force", false, "let --write replace a file")
	flags.StringVar(&r.network, "network", string(play.Userspace), "whose TCP: userspace, or kernel, which needs root on Linux")
	flags.StringSliceVar(&r.systems.brokers, "brokers", nil, "the `ADDRESSES` of a Kafka cluster, for the stories with Kafka")
	flags.StringVar(&r.systems.amqpURL, "amqp-url", "", "the `URL` of a RabbitMQ broker, for the stories with RabbitMQ")
	flags.Uint64Var(&r.seed, "seed", usualSeed, "the same `NUMBER`, the same random losses")
	r.metrics.flag(verb)
	_ = verb.RegisterFlagCompletionFunc("network", cobra.FixedCompletions(play.Networks(), cobra.ShellCompDirectiveNoFileComp))
	return verb
}

// run runs a scenario on screen, or without one.
func (r *running) run(ctx context.Context, s *scenarios.Scenario) error {
	if err := r.inLab(s.Name); err != nil {
		return err
	}
	s, err := withKnobs(s, r.set)
	if err != nil {
		return err
	}
	withoutScreen := r.headless || r.asJSON || !onTerminal()
	if r.quiz {
		if err := asks(s, withoutScreen); err != nil {
			return err
		}
	}
	if withoutScreen {
		return r.play(ctx, s, narrate)
	}
	return withScreen(func(set *settings.Settings) error { return r.play(ctx, s, onScreen(set)) })
}

// asks returns an error if a scenario cannot be a quiz.
func asks(s *scenarios.Scenario, withoutScreen bool) error {
	switch {
	case withoutScreen:
		return mistake("run it on a terminal, without --headless and --json", "--quiz needs the screen")
	case len(s.Questions()) == 0:
		return mistake("add ask to a step of it, or run a built-in scenario", "--quiz: %s asks nothing", s.Name)
	}
	return nil
}

// play runs a scenario while it is watched, and reports. By then all that can
// be wrong with the scenario is known: what is wrong with it writes no file.
func (r *running) play(ctx context.Context, s *scenarios.Scenario, view viewer) error {
	ctx, stop := interruptible(ctx)
	defer stop()
	network, err := play.ParseNetwork(r.network)
	if err != nil {
		return err
	}
	if err := play.Try(s, network); err != nil {
		return err
	}
	rec, err := record(r.write, r.force, play.Interfaces(&s.Knobs))
	if err != nil {
		return err
	}
	exposed := metrics.NewRun()
	unexpose, err := r.metrics.open(exposed)
	if err != nil {
		return rec.close(err)
	}
	defer unexpose()
	run, err := play.Start(ctx, s, play.Options{Network: network, Seed: r.seed, Record: rec.file, Quiz: r.quiz})
	if err != nil {
		return rec.close(err)
	}
	unfollow := r.metrics.follow(func() { exposed.Enter(run.Snapshot()) })
	watching := view(ctx, run, s)
	run.Stop()
	result, err := run.Wait()
	unfollow()
	switch {
	case watching != nil:
		err = watching
	case result.Stopped && ctx.Err() != nil:
		err = fmt.Errorf("interrupted after %.2f s of %v: the expectations were not checked", result.Length.Seconds(), result.End)
	}
	err = rec.close(err)
	if reporting := r.report(result); reporting != nil {
		return reporting
	}
	rec.say(os.Stderr, result)
	if err != nil {
		return err
	}
	return met(result)
}

// viewer shows a run until it is over, or until who watches has seen enough.
type viewer func(context.Context, *play.Run, *scenarios.Scenario) error

// onScreen shows a run on screen.
func onScreen(set *settings.Settings) viewer {
	return func(ctx context.Context, run *play.Run, s *scenarios.Scenario) error {
		return tui.Lab(ctx, run, s, set)
	}
}

// report writes the report to standard output.
func (r *running) report(result *play.Result) error {
	if r.asJSON {
		return report.RunJSON(os.Stdout, result)
	}
	return report.Run(os.Stdout, result, report.Style{Color: colored()})
}

// met returns an error if an expectation was checked and not met.
func met(result *play.Result) error {
	unmet := 0
	for _, c := range result.Checks {
		if c.Failed() {
			unmet++
		}
	}
	if unmet == 0 || result.Stopped {
		return nil
	}
	return failed(fmt.Sprintf("%s: %d of %d expectations not met", result.Scenario.Name, unmet, len(result.Checks)))
}
