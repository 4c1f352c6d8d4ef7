package scenarios

// Turn gives a knob a value while a run goes on: it is Set, but refuses knobs
// that are fixed by then.
func (k *Knobs) Turn(name, value string) error {
	knob, err := findKnob(name)
	if err != nil {
		return err
	}
	if knob.Fixed {
		return mistake("set it before the run, at the top of the file or with --set", "%s is fixed while the lab runs", name)
	}
	if m := k.stockTurns(name); m != nil {
		return m
	}
	return k.Set(name, value)
}
