package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"flowlab/scenarios"
)

func newList() *cobra.Command {
	var asJSON bool
	verb := &cobra.Command{
		Use:   "list",
		Short: "List the built-in scenarios, and those on real systems",
		Example: `  flowlab list
  flowlab list --json | jq -r '.[].name'`,
		Args: none,
		RunE: func(verb *cobra.Command, _ []string) error {
			if asJSON {
				return listJSON(verb.OutOrStdout())
			}
			return listText(verb.OutOrStdout())
		},
	}
	verb.Flags().BoolVar(&asJSON, "json", false, "write a JSON array of name, group, title and teaches")
	return verb
}

func listText(w io.Writer) error {
	columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	group := ""
	for _, s := range scenarios.Builtins() {
		if s.Group != group {
			if group != "" {
				fmt.Fprintln(columns)
			}
			group = s.Group
			fmt.Fprintln(columns, group)
		}
		fmt.Fprintf(columns, "  %s\t%s\n", s.Name, s.Title)
	}
	if len(stories(systems{})) > 0 {
		fmt.Fprintf(columns, "\n%s\n", storyGroup)
	}
	for _, s := range stories(systems{}) {
		fmt.Fprintf(columns, "  %s\t%s\n", s.Name, s.Title)
	}
	return columns.Flush()
}

func listJSON(w io.Writer) error {
	type entry struct {
		Name    string `json:"name"`
		Group   string `json:"group"`
		Title   string `json:"title"`
		Teaches string `json:"teaches"`
	}
	var list []entry
	for _, s := range scenarios.Builtins() {
		list = append(list, entry{s.Name, s.Group, s.Title, s.Teaches})
	}
	for _, s := range stories(systems{}) {
		list = append(list, entry{s.Name, storyGroup, s.Title, s.Teaches})
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(list)
}
