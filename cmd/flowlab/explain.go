package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"flowlab/peers/story"
	"flowlab/scenarios"
)

func newExplain() *cobra.Command {
	return &cobra.Command{
		Use:   "explain NAME",
		Short: "Explain what a built-in scenario teaches",
		Example: `  flowlab explain lost-window-update
  flowlab explain lost-window-update | less`,
		Args:              one("the name of a scenario"),
		ValidArgsFunction: completeScenario,
		RunE: func(verb *cobra.Command, args []string) error {
			if s := findStory(args[0], systems{}); s != nil {
				return explainStory(verb.OutOrStdout(), s)
			}
			s, err := scenarios.Builtin(args[0], storyNames()...)
			if err != nil {
				return err
			}
			text := s.Explain
			if colored() {
				text = boldHeadings(text)
			}
			_, err = io.WriteString(verb.OutOrStdout(), text)
			return err
		},
	}
}

// explainStory says what a scenario on real systems teaches, what is seen of it, and what
// it needs.
func explainStory(w io.Writer, s *story.Story) error {
	text := fmt.Sprintf("# %s\n\n%s\n## On the wire\n\n%s", s.Title, inColumns(s.Teaches), inColumns(s.Wire))
	if len(s.Needs) > 0 {
		text += "\n## Needs\n\n"
	}
	for _, p := range s.Needs {
		text += fmt.Sprintf("- %s (%s)\n", p.Name, p.Install)
	}
	if colored() {
		text = boldHeadings(text)
	}
	_, err := io.WriteString(w, text)
	return err
}

// boldHeadings makes the headings of a Markdown text bold, as a terminal shows
// them. Lines of code are indented, so none of them looks like one.
func boldHeadings(markdown string) string {
	var b strings.Builder
	for line := range strings.Lines(markdown) {
		if text, isHeading := strings.CutPrefix(line, "#"); isHeading {
			line = fmt.Sprintf("\x1b[1m#%s\x1b[0m\n", strings.TrimSuffix(text, "\n"))
		}
		b.WriteString(line)
	}
	return b.String()
}
