package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"flowlab/scenarios"
)

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "flowlab",
		Short: "Shows who is holding the sender, and what would let it go",
		Long: `Flowlab answers one question about a TCP transfer, at every instant: who is
holding the sender, and what would let it go? It answers it on a network
interface while it happens, in capture files, and in a lab that it runs itself.
The lab is a network inside this process: it needs no privileges and touches
nothing outside.

Without a verb it opens the scenario picker.`,
		Example: `  flowlab                                  choose a scenario and watch it
  flowlab list                             the scenarios
  flowlab explain reader-stops             what one of them teaches
  flowlab run reader-stops                 watch it on screen
  flowlab run reader-stops --headless      only the report
  flowlab analyze trace.pcapng             who held the sender, in a capture
  flowlab replay trace.pcapng              the same on screen, back and forth
  flowlab watch -i eth0 tcp port 443       the same, while it happens
  flowlab top                              this host's connections, no capture
  flowlab run stall.yaml --write out.pcapng
                                           your own, captured for Wireshark`,
		Version:                    version(),
		Args:                       knownVerb,
		SuggestionsMinimumDistance: 2,
		SilenceErrors:              true, // main writes them, with their hints
		SilenceUsage:               true,
		RunE:                       pick,
	}
	root.SetFlagErrorFunc(func(verb *cobra.Command, err error) error {
		return mistake("see "+verb.CommandPath()+" --help", "%v", err)
	})
	helpInColumns(root)
	root.AddCommand(newList(), newExplain(), newRun(), newCompare(), newAnalyze(), newReplay(), newWatch(), newCapture(), newTop(), newServe(), newSend(), newConfig(), newDoctor())
	return root
}

// knownVerb refuses what follows the program's name and is no verb.
func knownVerb(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := "see flowlab --help"
	if near := root.SuggestionsFor(args[0]); len(near) > 0 {
		hint = "did you mean flowlab " + strings.Join(near, " or flowlab ") + "?"
	} else if slices.Contains(scenarios.BuiltinNames(), args[0]) || findStory(args[0], systems{}) != nil {
		hint = "to run the scenario: flowlab run " + args[0]
	} else if isComparison(args[0]) {
		hint = "to compare: flowlab compare " + args[0]
	}
	return mistake(hint, "unknown verb %q", args[0])
}
