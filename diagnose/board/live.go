// What a screen shows of a source that is watched.

package board

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"flowlab/diagnose"
	"flowlab/flow"
)

// Live makes snapshots of an analysis while packets come. [Live.Until], [Live.Look] and
// [Live.Ended] are for the goroutine that enters the packets, the others for any. Use
// [NewLive].
type Live struct {
	latest atomic.Pointer[Snapshot]
	chosen atomic.Int64
	asked  chan asked

	grid   flow.Time // up to which there is nothing to enter in the pasts
	looked []looked  // as the rows of the latest snapshot
	taped  flow.Time // when rows were kept last

	mu    sync.Mutex // guards what follows; only the goroutine that enters packets changes pasts and tape
	pasts []*recording
	tape  tape
	marks []flow.Time // of stalls of all connections

	readers sync.Mutex // guards what follows
	now     memo
	then    memo // an earlier instant
}

// memo is the snapshot that was asked for last: a screen asks for the same again and again.
type memo struct {
	at     flow.Time // 0 for the latest
	of     *Snapshot // that was the latest then
	chosen int
	shown  *Snapshot
}

const (
	columns   = 240 // of the chosen connection's history
	mostMarks = 4096
)

// NewLive returns what has seen nothing.
func NewLive() *Live {
	l := &Live{tape: tape{budget: tapeBudget}, asked: make(chan asked)}
	l.latest.Store(&Snapshot{Live: true})
	return l
}

// Choose says of which connection all there is is wanted; 0 for none. Its past is kept
// from the next look on.
func (l *Live) Choose(number int) { l.chosen.Store(int64(number)) }

// Look makes a snapshot of how things stand now; name is that of an interface.
func (l *Live) Look(a *diagnose.Analysis, now flow.Time, s Source, name func(iface int) string) {
	l.until(now, true)
	old := l.latest.Load()
	n := &Snapshot{At: now, Live: true, Source: s, Rows: l.rows(a, old.Rows, now, name)}
	chosen := int(l.chosen.Load())
	l.record(a, n, chosen)
	l.mu.Lock()
	l.mark(old, n)
	if now.Sub(l.taped) >= time.Second {
		l.taped = now
		l.tape.add(n)
	}
	l.mu.Unlock()
	l.latest.Store(n)
	l.reply(a, now)
}

// rows are those of the connections now; of those that are as they were, the old ones.
func (l *Live) rows(a *diagnose.Analysis, old []Row, now flow.Time, name func(iface int) string) []Row {
	list := a.Connections()
	rows, seen := make([]Row, len(list)), make([]looked, len(list))
	at := 0 // in old
	for i, c := range list {
		for at < len(old) && old[at].Number < c.Number {
			at++
		}
		r := &rows[i]
		if at < len(old) && old[at].Number == c.Number {
			*r = old[at]
			if was := &l.looked[at]; was.still && r.End == c.End {
				r.pass(was, now)
				seen[i] = *was
				continue
			}
		} else {
			*r = Row{Number: c.Number, Interface: name(c.Interface), ID: c.ID, Start: c.Start}
		}
		r.look(a, c, now, &seen[i])
	}
	l.looked = seen
	return rows
}

// record has the pasts kept of the connection that is chosen and of those that are held.
func (l *Live) record(a *diagnose.Analysis, s *Snapshot, chosen int) {
	for i := range s.Rows {
		row := &s.Rows[i]
		if row.State != Held && row.Number != chosen {
			continue
		}
		if r := l.find(row.Number); r != nil {
			r.held = s.At
		} else {
			l.begin(a.Connections()[i], s.At, chosen)
		}
	}
}

// mark notes which stalls began, and which are over.
func (l *Live) mark(before, s *Snapshot) {
	old := before.Rows
	for i := range s.Rows {
		row := &s.Rows[i]
		for len(old) > 0 && old[0].Number < row.Number {
			old = old[1:]
		}
		var was [2]Side
		if len(old) > 0 && old[0].Number == row.Number {
			was = old[0].Sides
		}
		for k := range row.Sides {
			switch side := &row.Sides[k]; {
			case side.Held && !was[k].Held:
				l.marks = append(l.marks, side.Since)
			case !side.Held && was[k].Held:
				length := side.Stalled - was[k].Stalled + was[k].For(before.At)
				l.marks = append(l.marks, min(was[k].Since.Add(length), s.At))
			}
		}
	}
	if over := len(l.marks) - mostMarks; over > 0 {
		l.marks = slices.Delete(l.marks, 0, over)
	}
}

// Snapshot returns how things stand now.
func (l *Live) Snapshot() *Snapshot { return l.show(0) }

// At returns how things stood at an instant: the connection that is chosen as it was then,
// by what is known now; the rows as they were seen in the second before. The latest
// snapshot is returned for an instant after it.
func (l *Live) At(t flow.Time) *Snapshot {
	if t >= l.latest.Load().At {
		t = 0
	}
	return l.show(t)
}

// show makes the snapshot of an instant, 0 for the latest, unless it was the last that was
// asked for.
func (l *Live) show(at flow.Time) *Snapshot {
	l.readers.Lock()
	defer l.readers.Unlock()
	s, chosen := l.latest.Load(), int(l.chosen.Load())
	m := &l.now
	if at != 0 {
		m = &l.then
	}
	if m.shown == nil || m.at != at || m.of != s || m.chosen != chosen {
		*m = memo{at, s, chosen, l.compose(at, s, chosen)}
	}
	return m.shown
}

func (l *Live) compose(at flow.Time, latest *Snapshot, chosen int) *Snapshot {
	n := *latest
	l.mu.Lock()
	cut := l.tape.cut(at)
	r := l.find(chosen)
	l.mu.Unlock()
	if at != 0 {
		n = cut.last()
		n.Coarse = n.At > at // there are no rows of so long ago
		n.At = at
	}
	if r == nil {
		return &n
	}
	span := r.past.Span()
	if span.End == 0 || span.Start > n.At {
		return &n
	}
	v, coarse := r.past.At(n.At, span, columns)
	if at == 0 {
		now(&v, n.Rows, n.At)
	}
	n.Chosen, n.Coarse = &v, n.Coarse || coarse
	return &n
}

// now gives a view what its row says of the present, which is not settled yet.
func now(v *diagnose.View, rows []Row, at flow.Time) {
	for i := range rows {
		if rows[i].Number != v.Number {
			continue
		}
		for side := range v.Directions {
			if s := &rows[i].Sides[side]; s.Since != 0 {
				v.Directions[side].Now = diagnose.Now{Cause: s.Cause, HeldBy: s.HeldBy, For: s.For(at), Undecided: s.For(at)}
			}
		}
		return
	}
}

// Span is from when to when there is something to show, of the rows or the connection that
// is chosen.
func (l *Live) Span() flow.Interval {
	l.mu.Lock()
	defer l.mu.Unlock()
	span, ok := l.tape.span()
	if !ok {
		return flow.Interval{}
	}
	if r := l.find(int(l.chosen.Load())); r != nil && r.past.Span().End != 0 {
		span.Start = min(span.Start, r.past.Span().Start)
	}
	span.End = max(span.End, l.latest.Load().At)
	return span
}

// Marks returns the instants at which stalls began or ended, in order: of the connection
// that is chosen, or of all if there is none.
func (l *Live) Marks() (marks []flow.Time) {
	l.mu.Lock()
	r := l.find(int(l.chosen.Load()))
	if r == nil {
		marks = slices.Clone(l.marks)
	}
	l.mu.Unlock()
	if r != nil {
		for _, stalls := range r.past.Stalls() {
			for _, s := range stalls {
				marks = append(marks, s.Start, s.End)
			}
		}
	}
	slices.Sort(marks)
	return slices.Compact(marks)
}
