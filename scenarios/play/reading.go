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
// expectation's span begins or ends. The truth is read by the clock, what packets
// show by their own time.
type readings struct {
	mu   sync.Mutex
	due  []time.Duration // in order
	took int             // how many of them have the truth
	seen int             // how many have what packets show
	read []reading
	area []float64            // of the window: bytes times seconds
	http []*diagnose.HTTPView // nil where it is not HTTP/2
}

// reading is the truth, and when exactly that was looked.
type reading struct {
	at    time.Duration
	truth Truth
}

// want notes the instants that matter for the expectations.
func (m *readings) want(checks []check) {
	for _, c := range checks {
		switch c.expect.(type) {
		case scenarios.EventCount, scenarios.FindingCount, scenarios.ChainOfWaits:
		default:
			m.due = append(m.due, c.span.From, c.span.To)
		}
	}
	slices.Sort(m.due)
	m.due = slices.Compact(m.due)
	m.read = make([]reading, len(m.due))
	m.area = make([]float64, len(m.due))
	m.http = make([]*diagnose.HTTPView, len(m.due))
}

// next is when the truth is to be read again.
func (m *readings) next() (time.Duration, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.took == len(m.due) {
		return 0, false
	}
	return m.due[m.took], true
}

// take enters the truth for all instants up to at.
func (m *readings) take(at time.Duration, truth Truth) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for m.took < len(m.due) && m.due[m.took] <= at {
		m.read[m.took] = reading{at: at, truth: truth}
		m.took++
	}
}

// look reads what packets show for all instants up to at, before the packet of that
// time is entered. now is the same instant by the packets' clock.
func (m *readings) look(at time.Duration, now flow.Time, a *diagnose.Analysis) {
	for m.seen < len(m.due) && m.due[m.seen] <= at {
		if c := producerView(a); c != nil {
			due := now.Add(m.due[m.seen] - at)
			m.area[m.seen] = c.Directions[flow.Client].WindowSum(due)
			m.http[m.seen] = c.View(due, flow.Interval{}, 0).Layer.HTTP2
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

// at is the number of an instant that was wanted. It is false where the run has not come
// so far.
func (m *readings) at(due time.Duration) (int, bool) {
	i, _ := slices.BinarySearch(m.due, due)
	m.mu.Lock()
	defer m.mu.Unlock()
	return i, i < m.took && i < m.seen
}

// between returns the consumer's rate, in bytes a second, and the window's
// mean, in bytes, over a span whose ends were wanted. It is false where the run
// ended before.
func (m *readings) between(s scenarios.Span) (rate, window float64, ok bool) {
	from, _ := m.at(s.From)
	to, ok := m.at(s.To)
	if !ok {
		return 0, 0, false
	}
	a, b := m.read[from], m.read[to]
	seconds := (b.at - a.at).Seconds()
	return float64(b.truth.Read-a.truth.Read) / seconds, (m.area[to] - m.area[from]) / (s.To - s.From).Seconds(), true
}

// truth returns for how long each cause held a role in a span whose ends were wanted,
// by its own account.
func (m *readings) truth(of scenarios.Role, s scenarios.Span) (flow.Limits, bool) {
	from, _ := m.at(s.From)
	to, ok := m.at(s.To)
	if !ok {
		return flow.Limits{}, false
	}
	a, b := &m.read[from].truth, &m.read[to].truth
	if of == scenarios.Producer {
		return b.Producer.Sub(&a.Producer), true
	}
	return b.Consumer.Sub(&a.Consumer), true
}
