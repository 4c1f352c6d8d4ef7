// Which instant is shown while files are played.

package replay

import (
	"time"

	"flowlab/flow"
)

// Speeds are how many times as fast as it was something is played, from one step to the
// next.
var Speeds = []float64{0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100}

// Player plays from an instant on, by a clock that it is told.
type Player struct {
	From  flow.Time // what is shown at Since
	Since time.Time
	Speed float64 // 0 stands still
}

// At is the instant that is shown at now.
func (p Player) At(now time.Time) flow.Time {
	return p.From.Add(time.Duration(float64(now.Sub(p.Since)) * p.Speed))
}

// Step is the speed that many steps of [Speeds] away; it stays within these.
func Step(speed float64, steps int) float64 {
	nearest := 0
	for i, s := range Speeds {
		if s <= speed {
			nearest = i
		}
	}
	return Speeds[min(max(nearest+steps, 0), len(Speeds)-1)]
}
