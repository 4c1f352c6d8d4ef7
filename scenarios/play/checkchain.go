package play

import (
	"fmt"
	"strings"

	"flowlab/diagnose"
	"flowlab/scenarios"
)

// chained says whether the packets of both connections show the chain.
func chained(e scenarios.ChainOfWaits, found []diagnose.Chain) Check {
	r := Check{Text: e.String(), Found: "no chain"}
	var all []string
	for i := range found {
		c := &found[i]
		if role(c.From) == e.Parties[0] && len(c.Legs) == len(e.Parties)-1 && (e.Stream == "" || e.Stream == c.Reader().Path) {
			r.Passed = true
		}
		all = append(all, fmt.Sprintf("the %s waits through %d connections, on %s", role(c.From), len(c.Legs), c.Reader().Path))
	}
	if len(all) > 0 {
		r.Found = strings.Join(all, "; ")
	}
	return r
}
