package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

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

// entry is a scenario in the list.
type entry struct {
	Name    string `json:"name"`
	Group   string `json:"group"`
	Title   string `json:"title"`
	Teaches string `json:"teaches"`
}

// entries are all scenarios, by their groups.
func entries() (list []entry) {
	for _, s := range scenarios.Builtins() {
		list = append(list, entry{s.Name, s.Group, s.Title, s.Teaches})
	}
	for _, s := range stories(systems{}) {
		list = append(list, entry{s.Name, storyGroup, s.Title, s.Teaches})
	}
	return list
}

// listText writes names and titles, in columns of each group.
func listText(w io.Writer) error {
	list := entries()
	longest := map[string]int{} // name of a group
	for _, e := range list {
		longest[e.Group] = max(longest[e.Group], len(e.Name))
	}
	var b strings.Builder
	for i, e := range list {
		if i == 0 || e.Group != list[i-1].Group {
			if i > 0 {
				b.WriteByte('\n')
			}
			fmt.Fprintln(&b, e.Group)
		}
		width := longest[e.Group]
		fmt.Fprintf(&b, "  %-*s  %s\n", width, e.Name, indented(e.Title, width+4))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func listJSON(w io.Writer) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(entries())
}
