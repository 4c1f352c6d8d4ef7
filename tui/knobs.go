// The knobs that can be turned while a run goes on.

package tui

import (
	"strings"

	"flowlab/scenarios"
	"flowlab/tui/parts"
)

// knobs is the panel of the knobs, and which of them the keys turn.
type knobs struct {
	open   bool
	chosen string // the name of a knob; the read rate if it is empty
}

// name is the knob that the keys turn.
func (k *knobs) name() string {
	if k.chosen == "" {
		return readRateKnob
	}
	return k.chosen
}

// readRateKnob is what is turned unless another is chosen.
const readRateKnob = "consumer.read-rate"

// choose moves the choice by so many knobs; it stops at either end.
func (k *knobs) choose(all []scenarios.Knob, by int) {
	at := k.at(all) + by
	k.chosen = all[max(0, min(at, len(all)-1))].Name
}

// at is which of the knobs is chosen.
func (k *knobs) at(all []scenarios.Knob) int {
	for i := range all {
		if all[i].Name == k.name() {
			return i
		}
	}
	return 0
}

// The regions of the panel: a row of it, and its signs that turn the knob, with the
// knob's name behind.
const (
	knobRegion = "knob "
	lessRegion = "less "
	moreRegion = "more "
)

// draw draws the panel at the right of an area: each knob with its value, and what the
// chosen one is.
func (k *knobs) draw(a parts.Area, values *scenarios.Knobs) {
	const widest, said = 60, 3
	all := values.Turnable()
	name, value := 0, len("unlimited")
	for i := range all {
		name, value = max(name, len(all[i].Name)), max(value, len(values.Get(all[i].Name)))
	}
	w, h := min(a.W, widest, name+value+11), min(a.H, len(all)+said+2)
	box := a.Columns(a.W-w, w).Rows(0, h).Box("knobs")
	doc := box.TakeLast(said)
	first := max(0, min(k.at(all)-box.H/2, len(all)-box.H))
	for y := range min(box.H, len(all)) {
		k.drawRow(box.Rows(y, 1), all[first+y].Name, values)
	}
	doc.PutLines(parts.Faint, all[k.at(all)].Doc)
}

func (k *knobs) drawRow(a parts.Area, name string, values *scenarios.Knobs) {
	ink := parts.Plain
	if name == k.name() {
		ink = parts.Chosen
		a.Repeat(0, 0, a.W, ink, " ")
	}
	a.Name(knobRegion + name)
	text := values.Get(name)
	less, more := a.Columns(a.W-len(text)-6, 3), a.Columns(a.W-3, 3)
	a.Put(0, 0, ink, name)
	a.Columns(0, a.W-3).PutRight(0, ink, text)
	if _, ok := values.Step(name, false); ok {
		less.Put(1, 0, ink, "-")
		less.Name(lessRegion + name)
	}
	if _, ok := values.Step(name, true); ok {
		more.Put(1, 0, ink, "+")
		more.Name(moreRegion + name)
	}
}

// press does what a key is for, and returns the value that the chosen knob is turned to,
// if it is.
func (k *knobs) press(key string, values *scenarios.Knobs) (value string, used bool) {
	all := values.Turnable()
	switch key {
	case "k", "tab":
		k.open = !k.open
	case "-", "+", "=":
		value, _ = values.Step(k.name(), key != "-")
	case "0":
		k.chosen, value = readRateKnob, "0"
	case "u":
		k.chosen, value = readRateKnob, "unlimited"
	case "up", "down", "pgup", "pgdn":
		if !k.open {
			return "", false
		}
		k.choose(all, map[string]int{"up": -1, "down": 1, "pgup": -10, "pgdn": 10}[key])
	default:
		return "", false
	}
	return value, true
}

// click does what the mouse is for at a region: a button, or a turn of the wheel. It
// returns what [knobs.press] does.
func (k *knobs) click(region string, button Button, values *scenarios.Knobs) (value string, used bool) {
	kind, name, ok := strings.Cut(region, " ")
	if !ok || values.Get(name) == "" {
		return "", false
	}
	k.chosen = name
	switch kind += " "; {
	case kind == lessRegion && button == LeftButton, button == WheelDown:
		value, _ = values.Step(name, false)
	case kind == moreRegion && button == LeftButton, button == WheelUp:
		value, _ = values.Step(name, true)
	}
	return value, true
}
