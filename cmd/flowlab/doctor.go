package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"flowlab/doctor"
	"flowlab/report"
)

func newDoctor() *cobra.Command {
	asJSON := false
	verb := &cobra.Command{
		Use:   "doctor",
		Short: "Say what this machine allows, and what mends what is missing",
		Long: `Say what this machine allows: capturing on interfaces, the kernel's account of its
sockets, the lab on the kernel's TCP, and the programs that are of use. Each thing is
really tried, and undone at once; nothing is sent anywhere. For whatever is missing
there is the command that mends it.

The exit code is 0 if nothing is missing that a verb needs, and 1 if something is.`,
		Example: `  flowlab doctor
  flowlab doctor --json | jq '.checks[] | select(.status == "missing")'`,
		Args: none,
		RunE: func(*cobra.Command, []string) error {
			checks := doctor.Run()
			if asJSON {
				if err := report.DoctorJSON(os.Stdout, checks); err != nil {
					return err
				}
			} else if err := report.Doctor(os.Stdout, checks, report.Style{Color: colored()}); err != nil {
				return err
			}
			missing := 0
			for _, c := range checks {
				if c.Status == doctor.Missing {
					missing++
				}
			}
			if missing > 0 {
				return failed(fmt.Sprintf("missing: %d of %d", missing, len(checks)))
			}
			return nil
		},
	}
	verb.Flags().BoolVar(&asJSON, "json", false, "what was found as JSON (docs/schema/doctor-1.json)")
	return verb
}
