package play

import (
	"slices"
	"sync"
	"time"

	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/scenarios"
)

// readings are the meters as they stood at the instants at which an
// expectation's span begins or ends. The consumer's is read by the clock, the
// window's by the packets' own time.
type readings struct {
	mu   sync.Mutex
	due  []time.Duration // in order
	took int             // how many of them the consumer's meter has
	seen int             // how many the window's has
	read []reading
	area []float64 // bytes times seconds
}

// reading is how much the consumer had read, and when exactly that was looked.
type reading struct {
	at   time.Duration
	read int64
}

// want notes the instants that matter for the expectations.
func (m *readings) want(checks []check) {
	for _, c := range checks {
		switch c.expect.(type) {
		case scenarios.Goodput, scenarios.GoodputOfWindow:
			m.due = append(m.due, c.span.From, c.span.To)
		}
	}
	slices.Sort(m.due)
	m.due = slices.Compact(m.due)
	m.read = make([]reading, len(m.due))
	m.area = make([]float64, len(m.due))
}

// next is when the consumer's meter is to be read again.
func (m *readings) next() (time.Duration, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.took == len(m.due) {
		return 0, false
	}
	return m.due[m.took], true
}

// take reads the consumer's meter for all instants up to at.
func (m *readings) take(at time.Duration, read int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for m.took < len(m.due) && m.due[m.took] <= at {
		m.read[m.took] = reading{at: at, read: read}
		m.took++
	}
}

// windows reads the window's meter for all instants up to at, before the packet
// of that time is entered. now is the same instant by the packets' clock.
func (m *readings) windows(at time.Duration, now flow.Time, a *diagnose.Analysis) {
	for m.seen < len(m.due) && m.due[m.seen] <= at {
		if c := producerView(a); c != nil {
			m.area[m.seen] = c.Directions[flow.Client].WindowSum(now.Add(m.due[m.seen] - at))
		}
		m.seen++
	}
}

// producerView is the connection as the producer's host sees it.
func producerView(a *diagnose.Analysis) *diagnose.Connection {
	for _, c := range a.Connections() {
		if c.Interface == ProducerPort {
			return c
		}
	}
	return nil
}

// between returns the consumer's rate, in bytes a second, and the window's
// mean, in bytes, over a span whose ends were wanted. It is false where the run
// ended before.
func (m *readings) between(s scenarios.Span) (rate, window float64, ok bool) {
	from, _ := slices.BinarySearch(m.due, s.From)
	to, _ := slices.BinarySearch(m.due, s.To)
	if to >= m.took || to >= m.seen {
		return 0, 0, false
	}
	a, b := m.read[from], m.read[to]
	seconds := (b.at - a.at).Seconds()
	return float64(b.read-a.read) / seconds, (m.area[to] - m.area[from]) / (s.To - s.From).Seconds(), true
}
