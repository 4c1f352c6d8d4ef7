package play

import (
	"sort"
	"time"

	"flowlab/scenarios"
)

// change is the knobs and the caption from an instant on.
type change struct {
	at      time.Duration
	knobs   scenarios.Knobs
	caption string
	said    bool // the script said something
}

// changes are in the order of time.
type changes []change

// mostChanges is how many are kept; of more, the first half of those by hand goes.
const mostChanges = 4096

func (c *changes) add(n change) {
	*c = append(*c, n)
	if len(*c) < mostChanges {
		return
	}
	var kept changes
	for i, old := range *c {
		if i >= mostChanges/2 || old.said {
			kept = append(kept, old)
		}
	}
	*c = kept
}

// at is what was at an instant; before the first change, what the scenario says.
func (c changes) at(at time.Duration, first *scenarios.Knobs) (scenarios.Knobs, string) {
	i := sort.Search(len(c), func(i int) bool { return c[i].at > at })
	if i == 0 {
		return *first, ""
	}
	return c[i-1].knobs, c[i-1].caption
}
