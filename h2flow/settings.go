package h2flow

// obeyed is a setting of one side as the other side obeys it: the value that it has
// acknowledged, and those that it has not yet (RFC 9113 6.5.3).
type obeyed struct {
	value   Window
	pending []pendingValue
}

// pendingValue is what a SETTINGS frame gave for a setting, if it did.
type pendingValue struct {
	value int64
	given bool
}

// mostPending is how many SETTINGS frames wait for an acknowledgement at most; the
// value is unknown between all of them after that.
const mostPending = 64

// announce enters a SETTINGS frame.
func (o *obeyed) announce(value int64, given bool) {
	if len(o.pending) == mostPending {
		o.value = o.bounds()
		o.acknowledge()
	}
	o.pending = append(o.pending, pendingValue{value, given})
}

// acknowledge enters the acknowledgement of the first of them. It is false if there
// is none.
func (o *obeyed) acknowledge() bool {
	if len(o.pending) == 0 {
		return false
	}
	if first := o.pending[0]; first.given {
		o.value = exactly(first.value)
	}
	o.pending = append(o.pending[:0], o.pending[1:]...)
	return true
}

// forget enters that frames were not seen, among them perhaps SETTINGS or their
// acknowledgements: any value from low to high.
func (o *obeyed) forget(low, high int64) {
	o.value, o.pending = Window{low, high}, o.pending[:0]
}

// bounds are between which values the setting is.
func (o *obeyed) bounds() Window {
	w := o.value
	for _, p := range o.pending {
		if p.given {
			w.Low, w.High = min(w.Low, p.value), max(w.High, p.value)
		}
	}
	return w
}
