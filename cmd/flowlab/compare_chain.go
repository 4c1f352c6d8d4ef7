// What is compared by its name, and the chains.

package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"flowlab/report"
	"flowlab/scenarios/overload"
)

// theOverload is the name of the story of one producer and one consumer.
const theOverload = "overload"

// Flags of compare that only some comparisons have.
var (
	loadFlags     = []string{"rate", "work", "jitter", "pause", "for", "size", "capacity", "memory", "over", "policy"}
	overloadFlags = []string{"at-once"}
	valueFlags    = []string{"set", "network"}
)

// compare compares what has a name.
func (c *comparing) compare(ctx context.Context, name string) error {
	chain, isChain := overload.ChainNamed(name)
	switch {
	case name == theOverload:
		if err := c.without(name, valueFlags); err != nil {
			return err
		}
		return c.run(ctx)
	case isChain:
		if err := c.without(name, slices.Concat(valueFlags, overloadFlags)); err != nil {
			return err
		}
		return c.chain(ctx, &chain)
	}
	if err := c.without(name, slices.Concat(loadFlags, overloadFlags)); err != nil {
		return err
	}
	return c.values(ctx, name)
}

// without refuses flags that a comparison does not have.
func (c *comparing) without(name string, flags []string) error {
	for _, flag := range flags {
		if c.changed(flag) {
			return mistake("see flowlab compare --help", "--%s is not for compare %s", flag, name)
		}
	}
	return nil
}

// comparisons are the names of what is compared without a scenario.
func comparisons() []string {
	names := []string{theOverload}
	for _, chain := range overload.Chains() {
		names = append(names, chain.Name)
	}
	return names
}

// isComparison tells whether a name is one of these.
func isComparison(name string) bool { return slices.Contains(comparisons(), name) }

// completeComparison offers names to the shell.
func completeComparison(verb *cobra.Command, args []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	names := slices.DeleteFunc(comparisons(), func(name string) bool { return !strings.HasPrefix(name, word) })
	more, directive := completeScenario(verb, args, word)
	return append(names, more...), directive
}

// chain runs a chain under its policies, one after the other, and reports.
func (c *comparing) chain(ctx context.Context, chain *overload.Chain) error {
	policies, err := c.chainPolicies(chain)
	if err != nil {
		return err
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	results, err := c.inTurn(ctx, chain, policies)
	if err != nil {
		return err
	}
	if c.asJSON {
		return report.CompareChainJSON(os.Stdout, chain, overload.Over(c.over), results)
	}
	return report.CompareChain(os.Stdout, chain, results, report.Style{Color: colored()})
}

// inTurn runs policies while progress is shown.
func (c *comparing) inTurn(ctx context.Context, chain *overload.Chain, policies []overload.ChainPolicy) (results []*overload.ChainResult, err error) {
	showing, hide := context.WithCancel(ctx)
	shown := showElapsed(showing, time.Duration(len(policies))*chain.Load.For)
	defer func() {
		hide()
		<-shown
	}()
	for _, p := range policies {
		r, err := chain.Run(ctx, p, overload.Over(c.over))
		if ctx.Err() != nil {
			return nil, fmt.Errorf("interrupted: there is nothing to compare")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.Name, err)
		}
		results = append(results, r)
	}
	return results, nil
}

// chainPolicies gives a chain the load that flags ask for, and returns the policies.
func (c *comparing) chainPolicies(chain *overload.Chain) (list []overload.ChainPolicy, err error) {
	asked, l := &c.load, &chain.Load
	for flag, take := range map[string]func(){
		"rate": func() { l.Rate = asked.Rate }, "work": func() { l.Work = asked.Work }, "jitter": func() { l.Jitter = asked.Jitter },
		"pause": func() { l.Pauses, err = parsePauses(c.pauses) }, "for": func() { l.For = asked.For }, "size": func() { l.Size = asked.Size },
		"capacity": func() { l.Capacity = asked.Capacity }, "memory": func() { l.Memory = asked.Memory }, "seed": func() { l.Seed = asked.Seed },
	} {
		if c.changed(flag) {
			take()
		}
	}
	if err != nil {
		return nil, err
	}
	if err := overload.Over(c.over).Check(); err != nil {
		return nil, err
	}
	if over := overload.Over(c.over); over != overload.OverTCP && over != overload.OverDirect {
		return nil, mistake("leave it out, or write tcp or direct", "--over %s: three services in a row have TCP between them", over)
	}
	if err := chain.Check(); err != nil {
		return nil, err
	}
	if len(c.policies) == 0 {
		return chain.Policies, nil
	}
	for _, name := range c.policies {
		p, err := chain.Named(name)
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, nil
}
