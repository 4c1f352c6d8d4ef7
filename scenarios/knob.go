package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Knob describes one thing that can be chosen. The sections of a file, the
// "set" of a script, flags and keys all come from the same description.
type Knob struct {
	Name    string // section and key: "network.rtt"
	Doc     string // what it is, in one line
	Accepts string // how a value is written, with an example
	Range   string // the values that are allowed: "0s to 1m"
	Fixed   bool   // it can be set only before the run
	// Protocol is the one with which it means something, if it does not with all.
	Protocol string

	get  func(*Knobs) string
	set  func(*Knobs, string) error
	step func(k *Knobs, more bool) (string, bool) // nil if there are no steps
}

// ranged is a knob whose value is a quantity from low to high. Where the unit
// accepts "unlimited", so does the knob.
func ranged[T interface {
	quantity
	fmt.Stringer
}](name, doc string, u unit[T], low, high T, field func(*Knobs) *T) Knob {
	k := Knob{Name: name, Doc: doc, Accepts: u.accepts, Range: rangeEnd(low) + " to " + rangeEnd(high)}
	k.get = func(k *Knobs) string { return (*field(k)).String() }
	k.set = func(knobs *Knobs, text string) error {
		v, err := u.read(text)
		if err != nil {
			return err
		}
		// The units' own texts stop short of Unlimited: it was asked for by name.
		if v < low || v > high && v != T(Unlimited) {
			return mistake("the range of "+name+" is "+k.Range, "%s is out of range", quote(text))
		}
		*field(knobs) = v
		return nil
	}
	_, none := u.read("unlimited")
	if none == nil {
		k.Range += ", or unlimited"
	}
	list := rungs(low, high, none == nil)
	k.step = func(knobs *Knobs, more bool) (string, bool) {
		v, ok := stepOf(*field(knobs), list, more)
		if !ok {
			return "", false
		}
		return v.String(), true
	}
	return k
}

// rangeEnd writes an end of a range as one says it: 12.5GB/s and 1m, where what is saved has
// 12500MB/s and 1m0s.
func rangeEnd[T interface {
	quantity
	fmt.Stringer
}](v T) string {
	switch v := any(v).(type) {
	case ByteRate:
		return inTenths(int64(v), byteRateScales)
	case time.Duration:
		if v > 0 && v%time.Minute == 0 {
			return fmt.Sprintf("%dm", v/time.Minute)
		}
	}
	return v.String()
}

// choice is a knob with a few values, each of which has a name. The kind says
// in one word what the names are.
func choice[T comparable](name, doc, kind string, names []string, values []T, field func(*Knobs) *T) Knob {
	k := Knob{Name: name, Doc: doc, Accepts: strings.Join(names, " or "), Range: anyOf(names)}
	k.get = func(k *Knobs) string {
		for i, v := range values {
			if v == *field(k) {
				return names[i]
			}
		}
		return ""
	}
	k.set = func(k *Knobs, text string) error {
		for i, n := range names {
			if n == text {
				*field(k) = values[i]
				return nil
			}
		}
		return unknown(kind, text, names)
	}
	k.step = func(k *Knobs, more bool) (string, bool) {
		by := len(values) - 1
		if more {
			by = 1
		}
		return names[(slices.Index(values, *field(k))+by)%len(values)], true
	}
	return k
}

// anyOf lists names of which one is chosen.
func anyOf(names []string) string {
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// name is a knob whose value is the name of something that the network has or
// has not: at most 15 letters, digits, hyphens and underscores, as the kernel
// names its modules.
func name(knob, doc string, field func(*Knobs) *string) Knob {
	k := Knob{Name: knob, Doc: doc, Accepts: "a name, such as cubic", Range: "a name"}
	k.get = func(k *Knobs) string { return *field(k) }
	k.set = func(k *Knobs, text string) error {
		if !isName(text) {
			return mistake("write a name of small letters, digits, - and _, such as cubic", "%s is not a name", quote(text))
		}
		*field(k) = text
		return nil
	}
	return k
}

func isName(text string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789_-"
	return text != "" && len(text) <= 15 && strings.Trim(text, letters) == ""
}

// fixed marks a knob that cannot be turned while the lab runs.
func fixed(k Knob) Knob {
	k.Fixed = true
	return k
}
