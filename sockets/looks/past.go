// The past of one socket.

package looks

import "flowlab/flow"

// Moment is a socket in the interval that a look ends.
type Moment struct {
	flow.Interval
	Gauges
}

// Past returns what was seen of a socket, look by look; nothing of one that is not known.
func (l *Looks) Past(cookie uint64) []Moment {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.tracks[cookie]
	if t == nil {
		return nil
	}
	from := max(t.begun, l.first)
	to := min(t.gone, l.first+len(l.looks))
	past := make([]Moment, 0, max(0, to-from))
	k := max(0, t.at(from))
	for n := from; n < to; n++ {
		for k+1 < len(t.steps) && t.steps[k+1].look <= n {
			k++
		}
		m := Moment{Interval: flow.Interval{Start: t.steps[k].Since, End: l.looks[n-l.first].at}, Gauges: t.steps[k].Gauges}
		if n > l.first {
			m.Start = l.looks[n-l.first-1].at
		}
		past = append(past, m)
	}
	return past
}

// Marks are the looks at which a socket turned to being held, or from it: the one of that
// cookie, or any if it is 0.
func (l *Looks) Marks(cookie uint64) (marks []flow.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if cookie == 0 {
		for _, k := range l.looks {
			if k.turned {
				marks = append(marks, k.at)
			}
		}
		return marks
	}
	t := l.tracks[cookie]
	if t == nil {
		return nil
	}
	held := false
	for i := range t.steps {
		if s := &t.steps[i]; s.Held() != held {
			held = !held
			if s.look >= l.first {
				marks = append(marks, l.looks[s.look-l.first].at)
			}
		}
	}
	return marks
}
