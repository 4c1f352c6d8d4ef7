// Which instant is shown.

package tui

import (
	"sort"
	"time"

	"flowlab/tui/command"
)

// instant is the instant of a run that is shown: the present, or one that is held.
type instant struct {
	held bool
	at   time.Duration // since the run began; of one that is held
}

// strides is how many columns of the chart a scrub with shift goes over.
const strides = 10

// scrub moves to the instant that a key asks for, and tells whether the key is for that.
// The present is now, a column of the chart lasts so long, and marks are where stalls and
// script lines are, in order. Who goes beyond the present is there again.
func (i *instant) scrub(key string, now, column time.Duration, marks func() []time.Duration) bool {
	from := now
	if i.held {
		from = i.at
	}
	to := from
	switch key {
	case "space":
		if i.held {
			to = now + 1
		}
	case "left":
		to = from - column
	case "right":
		to = from + column
	case "shift-left":
		to = from - strides*column
	case "shift-right":
		to = from + strides*column
	case "[":
		to = before(marks(), from)
	case "]":
		to = after(marks(), from, now+1)
	case "home":
		to = 0
	case "end":
		to = now + 1
	default:
		return false
	}
	i.show(to, now)
	return true
}

// goTo shows the instant that a command names.
func (i *instant) goTo(c command.Go, now time.Duration) {
	at := c.Time
	switch {
	case c.End:
		at = now + 1
	case c.Relative && i.held:
		at += i.at
	case c.Relative:
		at += now
	}
	i.show(at, now)
}

// show holds an instant, or none if it is not past.
func (i *instant) show(at, now time.Duration) { *i = instant{held: at <= now, at: max(0, at)} }

// before is the latest mark before an instant; the beginning if there is none.
func before(marks []time.Duration, at time.Duration) time.Duration {
	n := sort.Search(len(marks), func(i int) bool { return marks[i] >= at })
	if n == 0 {
		return 0
	}
	return marks[n-1]
}

// after is the first mark after an instant; otherwise, if there is none.
func after(marks []time.Duration, at, otherwise time.Duration) time.Duration {
	n := sort.Search(len(marks), func(i int) bool { return marks[i] > at })
	if n == len(marks) {
		return otherwise
	}
	return marks[n]
}
