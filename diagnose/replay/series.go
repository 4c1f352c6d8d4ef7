// Values over time in little memory.

package replay

import (
	"encoding/binary"
	"sort"
)

const (
	width     = 4  // values in an entry
	entryStep = 64 // entries from one that can be read by itself to the next
)

// entry is some values; the first one grows from entry to entry.
type entry [width]int64

// series is entries, each written as what it differs by from the one before.
type series struct {
	data  []byte
	marks []mark
}

// mark is an entry that can be read by itself.
type mark struct {
	entry
	at int // where the next one is, in data
}

// seriesWriter adds entries to a series.
type seriesWriter struct {
	series
	last  entry
	count int
}

// add adds an entry. It tells whether that took a mark.
func (w *seriesWriter) add(e entry) (marked bool) {
	if marked = w.count%entryStep == 0; marked {
		w.marks = append(w.marks, mark{e, len(w.data)})
	} else {
		for i := range e {
			w.data = binary.AppendVarint(w.data, e[i]-w.last[i])
		}
	}
	w.last = e
	w.count++
	return marked
}

// find returns the latest entry whose first value is at most at.
func (s *series) find(at int64) (e entry, ok bool) {
	i := sort.Search(len(s.marks), func(i int) bool { return s.marks[i].entry[0] > at })
	if i == 0 {
		return e, false
	}
	m := &s.marks[i-1]
	end := len(s.data)
	if i < len(s.marks) {
		end = s.marks[i].at
	}
	e = m.entry
	for data := s.data[m.at:end]; len(data) > 0; {
		next := e
		for k := range next {
			d, n := binary.Varint(data)
			data = data[n:]
			next[k] += d
		}
		if next[0] > at {
			break
		}
		e = next
	}
	return e, true
}

// size is how many bytes a series takes.
func (s *series) size() int { return len(s.data) + 40*len(s.marks) }
