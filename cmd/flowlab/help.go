package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"flowlab/tui/parts"
)

// lineWidth is how wide a terminal is that shows every text whole.
const lineWidth = 80

// helpInColumns has every verb's help fit into it. Examples are not broken:
// whoever copies one wants it whole.
func helpInColumns(root *cobra.Command) {
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), ".FlagUsages", fmt.Sprintf(".FlagUsagesWrapped %d", lineWidth)))
	root.SetHelpFunc(func(verb *cobra.Command, _ []string) {
		text := verb.Long
		if text == "" {
			text = verb.Short
		}
		fmt.Fprintf(verb.OutOrStdout(), "%s\n%s", inColumns(text), verb.UsageString())
	})
}

// inColumns breaks the paragraphs of a text anew. Lines that are indented stay as they are.
func inColumns(text string) string {
	var b strings.Builder
	var paragraph []string
	end := func() {
		for _, line := range parts.Wrap(strings.Join(paragraph, " "), lineWidth) {
			fmt.Fprintln(&b, line)
		}
		paragraph = nil
	}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \n")
		if line != "" && line[0] != ' ' {
			paragraph = append(paragraph, line)
			continue
		}
		end()
		fmt.Fprintln(&b, line)
	}
	end()
	return b.String()
}

// indented breaks a text so that it fits behind so many columns.
func indented(text string, behind int) string {
	return strings.Join(parts.Wrap(text, lineWidth-behind), "\n"+strings.Repeat(" ", behind))
}
