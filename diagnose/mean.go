package diagnose

import "flowlab/flow"

// Mean averages a quantity over time.
type Mean struct {
	Any   bool // it has had a value
	Start flow.Time
	Last  flow.Time // when it was given its latest value
	Value float64
	Area  float64 // value times nanoseconds, up to Last
}

// set enters that the quantity has a value from t on.
func (m *Mean) set(t flow.Time, value int) {
	if !m.Any {
		m.Any, m.Start, m.Last = true, t, t
	}
	t = max(t, m.Last) // clocks step back
	m.Area += m.Value * float64(t-m.Last)
	m.Last, m.Value = t, float64(value)
}

// sum is the quantity added up over time until now, in units times seconds.
func (m *Mean) sum(now flow.Time) float64 {
	return (m.Area + m.Value*float64(max(0, now-m.Last))) / 1e9
}

// Until is the average from the first value until now.
func (m *Mean) Until(now flow.Time) float64 {
	if !m.Any || now <= m.Start {
		return m.Value
	}
	return m.sum(now) * 1e9 / float64(now-m.Start)
}
