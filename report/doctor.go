package report

import (
	"encoding/json"
	"fmt"
	"io"

	"flowlab/doctor"
)

// Doctor writes what was found, group by group, and what mends what is missing.
func Doctor(w io.Writer, checks []doctor.Check, style Style) error {
	p := &page{style: style}
	p.line("%s", wrap("The lab (flowlab run) and capture files (flowlab analyze) need nothing. The rest:", 0, 0))
	group := ""
	for _, c := range checks {
		if c.Group != group {
			group = c.Group
			p.heading("%s", group)
		}
		status := fmt.Sprintf("%-8s", c.Status)
		switch c.Status {
		case doctor.OK:
			status = style.green(status)
		case doctor.Missing:
			status = style.red(status)
		}
		const indent = 2 + 8 + 21
		p.line("  %s%-20s %s", status, c.Name, wrap(c.Says, indent, indent))
		if c.Mend != "" {
			p.line("%*s%s", indent, "", wrap("→ "+c.Mend, indent, indent+2))
		}
	}
	_, err := io.WriteString(w, p.String())
	return err
}

// DoctorJSON writes it as one JSON document of the schema flowlab/doctor/1.
func DoctorJSON(w io.Writer, checks []doctor.Check) error {
	type check struct {
		Group  string        `json:"group"`
		Name   string        `json:"name"`
		Status doctor.Status `json:"status"`
		Says   string        `json:"says"`
		Mend   string        `json:"mend,omitempty"`
	}
	out := struct {
		Schema string  `json:"schema"`
		Checks []check `json:"checks"`
	}{Schema: "flowlab/doctor/1"}
	for _, c := range checks {
		out.Checks = append(out.Checks, check(c))
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(&out)
}
