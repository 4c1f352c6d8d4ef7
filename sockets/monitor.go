package sockets

import (
	"time"

	"flowlab/flow"
)

// Monitor says, dump by dump, what limited each socket since the one before. One
// goroutine at a time may use it.
type Monitor struct {
	diag          *Diag
	before, after []Socket
	index         map[uint64]int32 // of before, by cookie
	since         flow.Time        // of before
	verdicts      []Verdict
}

// NewMonitor takes the first dump.
func NewMonitor(d *Diag) (*Monitor, error) {
	m := &Monitor{diag: d, index: map[uint64]int32{}}
	var err error
	if m.before, err = d.Dump(nil); err != nil {
		return nil, err
	}
	m.remember()
	return m, nil
}

// remember has what was dumped last be the one before.
func (m *Monitor) remember() {
	clear(m.index)
	for i := range m.before {
		m.index[m.before[i].Cookie] = int32(i)
	}
	m.since = flow.FromTime(time.Now())
}

// Next takes a dump and says what limited each of its sockets since the one before.
// What it returns is valid until the next call.
func (m *Monitor) Next() ([]Verdict, error) {
	var err error
	if m.after, err = m.diag.Dump(m.after); err != nil {
		return nil, err
	}
	m.verdicts = m.verdicts[:0]
	for i := range m.after {
		s := &m.after[i]
		var before *Socket
		if at, ok := m.index[s.Cookie]; ok {
			before = &m.before[at]
		}
		m.verdicts = append(m.verdicts, Between(before, s, m.since))
	}
	m.before, m.after = m.after, m.before
	m.remember()
	return m.verdicts, nil
}
