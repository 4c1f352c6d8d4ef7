package main

import (
	"github.com/spf13/cobra"

	"flowlab/scenarios"
)

// none takes no arguments.
func none(verb *cobra.Command, args []string) error {
	if len(args) > 0 {
		return mistake("see "+verb.CommandPath()+" --help", "%s takes no arguments, got %q", verb.CommandPath(), args[0])
	}
	return nil
}

// one takes exactly one argument, which is the name of a scenario, or what else
// the verb says.
func one(what string) cobra.PositionalArgs {
	return func(verb *cobra.Command, args []string) error {
		switch {
		case len(args) == 0:
			return mistake("flowlab list has the names", "%s needs %s", verb.CommandPath(), what)
		case len(args) > 1:
			return mistake("see "+verb.CommandPath()+" --help", "%s takes %s and nothing else, got %q", verb.CommandPath(), what, args[1])
		}
		return nil
	}
}

// completeScenario offers the built-in names to the shell, with their titles,
// and then files.
func completeScenario(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []cobra.Completion
	for _, s := range scenarios.Builtins() {
		names = append(names, cobra.CompletionWithDesc(s.Name, s.Title))
	}
	for _, s := range stories(systems{}) {
		names = append(names, cobra.CompletionWithDesc(s.Name, s.Title))
	}
	return names, cobra.ShellCompDirectiveDefault
}
