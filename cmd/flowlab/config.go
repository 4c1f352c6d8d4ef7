package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"flowlab/tui/settings"
)

func newConfig() *cobra.Command {
	var path bool
	verb := &cobra.Command{
		Use:   "config",
		Short: "Print a file for the look and the keys of the screens",
		Long: `Print a file with every setting of the screens, and every key, as they usually are
and in comments: the theme, what charts are made of, the mouse, masked addresses, and
the keys of each screen. Where --path says, flowlab reads it; what it does not say stays
as it is. docs/config.md has more.

A wrong file is refused, with line and column, before a screen is opened.`,
		Example: `  flowlab config
  mkdir -p ~/.config/flowlab && flowlab config > ~/.config/flowlab/config.yaml
  flowlab config --path`,
		Args: cobra.NoArgs,
		RunE: func(verb *cobra.Command, _ []string) error {
			if !path {
				_, err := io.WriteString(verb.OutOrStdout(), settings.Template())
				return err
			}
			name, err := settings.Path()
			if err == nil {
				_, err = fmt.Fprintln(verb.OutOrStdout(), name)
			}
			return err
		},
	}
	verb.Flags().BoolVar(&path, "path", false, "print where the file is looked for")
	return verb
}
