package main

import (
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
			// The files are read each time: S may have saved one.
			groups := scenarios.Groups()
			if own := scenarios.Own(scenarios.OwnFolders()...); len(own.Entries) > 0 {
				groups = append(groups, own)
			}
			s, err := tui.Pick(ctx, groups, last, set)
			if err != nil || s == nil {
				return err
			}
			last = s.Name
			r := &running{seed: usualSeed, network: string(play.Userspace)}
			if err = r.play(ctx, s, onScreen(set)); ctx.Err() != nil {
				return err
			}
			complain(os.Stderr, err)
		}
	})
}
