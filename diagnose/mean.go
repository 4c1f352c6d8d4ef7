package diagnose

import "flowlab/flow"

// mean averages a quantity over time.
type mean struct {
	any   bool
	start flow.Time
	last  flow.Time
	value float64
	area  float64 // value times nanoseconds
}

// set enters that the quantity has a value from t on.
func (m *mean) set(t flow.Time, value int) {
	if !m.any {
		m.any, m.start, m.last = true, t, t
	}
	t = max(t, m.last) // clocks step back
	m.area += m.value * float64(t-m.last)
	m.last, m.value = t, float64(value)
}

// sum is the quantity added up over time until now, in units times seconds.
func (m *mean) sum(now flow.Time) float64 {
	return (m.area + m.value*float64(max(0, now-m.last))) / 1e9
}

// until is the average from the first value until now.
func (m *mean) until(now flow.Time) float64 {
	if !m.any || now <= m.start {
		return m.value
	}
	return m.sum(now) * 1e9 / float64(now-m.start)
}
