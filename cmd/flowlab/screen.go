package main

import (
	"bufio"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"flowlab/scenarios"
	"flowlab/scenarios/play"
	"flowlab/tui"
	"flowlab/tui/settings"
)

// exited is the error of a child that had the screen and has said itself what
// was wrong: its exit code.
type exited int

func (e exited) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// withScreen does what needs the screen in a child of this process, so that the
// terminal is put back whatever happens. It comes before anything is opened; wrong
// settings come before that.
func withScreen(do func(*settings.Settings) error) error {
	set, err := settings.Load()
	if err != nil {
		return err
	}
	ran, code, err := tui.Supervise(os.Args[1:])
	switch {
	case err != nil:
		return err
	case ran && code != exitFine:
		return exited(code)
	case ran:
		return nil
	}
	return do(set)
}

// pick lets a scenario be chosen on screen, and runs it there; then another, until none is
// chosen.
func pick(root *cobra.Command, _ []string) error {
	if !onTerminal() {
		root.SetOut(root.ErrOrStderr())
		if err := root.Help(); err != nil {
			return err
		}
		return mistake("flowlab list has the scenarios, and flowlab run NAME runs one without a screen",
			"choosing a scenario on screen needs a terminal")
	}
	return withScreen(func(set *settings.Settings) error {
		ctx, stop := interruptible(root.Context())
		defer stop()
		last := ""
		for {
			e, err := tui.Pick(ctx, choices(), last, set)
			if err != nil || e == nil {
				return err
			}
			last = e.Name()
			r := &running{seed: usualSeed, network: string(play.Userspace)}
			if e.Story != nil {
				err = r.tell(ctx, e.Story, os.Stdout) // standard error waits until the program ends: see tui.Supervise
			} else {
				err = r.play(ctx, e.Scenario, onScreen(set))
			}
			if ctx.Err() != nil {
				return err
			}
			if e.Story == nil {
				complain(os.Stderr, err)
				continue
			}
			complain(os.Stdout, err)
			fmt.Print("\npress enter for the list of scenarios ") // it had no screen: what it said is to be read
			if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
				return nil
			}
		}
	})
}

// choices are all there is to pick from. Files are read each time: S may have saved one.
func choices() []scenarios.Group {
	groups := scenarios.Groups()
	if all := stories(systems{}); len(all) > 0 {
		g := scenarios.Group{Name: storyGroup}
		for _, s := range all {
			g.Entries = append(g.Entries, scenarios.Entry{Story: s})
		}
		groups = append(groups, g)
	}
	if own := scenarios.Own(scenarios.OwnFolders()...); len(own.Entries) > 0 {
		groups = append(groups, own)
	}
	return groups
}
