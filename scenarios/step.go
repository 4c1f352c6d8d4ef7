// How keys turn knobs: by steps.

package scenarios

import (
	"slices"
	"time"
)

// quantity is a knob's value that lies in a range.
type quantity interface {
	Bytes | BitRate | ByteRate | Count | Percent | time.Duration
}

// rungs are the values from low to high by which a key turns a quantity: amounts double,
// all else goes by 1, 2, 5. Unlimited, where the knob has it, is the last.
func rungs[T quantity](low, high T, unlimited bool) []T {
	first, last := 1.0, 1000.0
	switch any(low).(type) {
	case Bytes:
		first, last = 1<<10, 64<<20
	case BitRate:
		first, last = 1e5, 1e9
	case ByteRate:
		first, last = 1e5, 1e8
	case Percent:
		first, last = 0.1, 50
	case time.Duration:
		first, last = float64(time.Millisecond), float64(time.Second)
	}
	list := []T{low}
	for at, i := first, 0; at <= last*1.001; i++ {
		if v := T(at); v > low && v < high {
			list = append(list, v)
		}
		if _, double := any(low).(Bytes); double {
			at *= 2
		} else {
			at *= [3]float64{2, 2.5, 2}[i%3]
		}
	}
	if unlimited {
		most := int64(Unlimited)
		return append(list, T(most))
	}
	return append(list, high)
}

// stepOf turns a quantity to the next rung, if there is one.
func stepOf[T quantity](now T, list []T, more bool) (T, bool) {
	at, found := slices.BinarySearch(list, now)
	switch {
	case more && found:
		at++
	case !more:
		at--
	}
	if at < 0 || at >= len(list) {
		return now, false
	}
	return list[at], true
}

// Step returns the value that a knob is turned to by a key for more or for less, as
// [Knobs.Turn] takes it. It is false if there is no further step, or no such knob that
// can be turned while a run goes on. Values with names follow each other in a ring.
func (k *Knobs) Step(name string, more bool) (value string, ok bool) {
	knob, err := findKnob(name)
	if err != nil || knob.Fixed || knob.step == nil {
		return "", false
	}
	return knob.step(k, more)
}

// Turnable returns the knobs that can be turned while a run with these goes on.
func (k *Knobs) Turnable() (list []Knob) {
	for _, knob := range knobTable {
		if spoken := k.Producer.Protocol; knob.Fixed || knob.Protocol != "" && knob.Protocol != spoken || k.stockTurns(knob.Name) != nil {
			continue
		}
		list = append(list, knob)
	}
	return list
}
