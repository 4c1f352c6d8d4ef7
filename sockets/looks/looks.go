// The looks, and what changed from one to the next.

package looks

import (
	"slices"
	"sort"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"flowlab/flow"
	"flowlab/sockets"
)

const (
	keep   = 10 * time.Minute
	budget = 102 << 20 // bytes of what changed; with the room for what follows a quarter more
	batch  = 16        // of this many parts of all looks, one is given up at a time
)

// Looks is what was seen of sockets. [Looks.Add] is for one goroutine, all else for any.
// Use [New].
type Looks struct {
	latest atomic.Pointer[Snapshot]
	budget int

	mu     sync.Mutex // guards what follows, for as long as a look is entered or read
	looks  []look
	first  int // the number of looks[0]
	tracks map[uint64]*track
	list   []*track // in the order in which they were first seen
	bytes  int      // of the tracks
	then   *Snapshot
}

// look is an instant at which all sockets were looked at.
type look struct {
	at     flow.Time
	turned bool // some socket was held that was not before, or the other way round
}

// track is what was seen of one socket.
type track struct {
	who         *Who
	begun, gone int // the looks from which on it was there, and was not; gone is 0 until then
	steps       []step
}

// step is what changed at a look.
type step struct {
	look int
	Gauges
}

// stepSize and trackSize are what they take; a place in the map is some 50 bytes.
const (
	stepSize  = int(unsafe.Sizeof(step{}))
	trackSize = int(unsafe.Sizeof(track{})+unsafe.Sizeof(Who{})) + 60
)

// Snapshot is how all sockets stood at one look. Nothing changes it.
type Snapshot struct {
	At   flow.Time // of the look; 0 before the first one
	Live bool      // it is the latest
	Rows []Row     // in the order in which the sockets were first seen
}

// New returns what has seen nothing.
func New() *Looks {
	l := &Looks{budget: budget, tracks: map[uint64]*track{}, first: 1}
	l.latest.Store(&Snapshot{Live: true})
	return l
}

// Add enters a look: what limited each socket, and who holds one by its inode. It keeps
// nothing of what it is given.
func (l *Looks) Add(at flow.Time, verdicts []sockets.Verdict, holder func(inode uint32) *sockets.Process) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.first + len(l.looks)
	now := look{at: at}
	for i := range verdicts {
		v := &verdicts[i]
		t := l.tracks[v.Socket.Cookie]
		if t == nil {
			t = &track{begun: n}
			l.tracks[v.Socket.Cookie] = t
			l.list = append(l.list, t)
			l.bytes += trackSize
		}
		t.gone = n + 1 // unless it is there again
		t.know(v.Socket, holder(v.Socket.Inode))
		now.turned = l.enter(t, n, v) || now.turned
	}
	l.looks = append(l.looks, now)
	for len(l.looks) > 1 && (l.bytes > l.budget || at.Sub(l.looks[0].at) > keep+keep/batch) {
		l.forget(max(1, len(l.looks)/batch))
	}
	s := l.compose(n)
	s.Live = true
	l.latest.Store(s)
}

// know notes who a socket is. What a row has of it does not change.
func (t *track) know(s *sockets.Socket, p *sockets.Process) {
	if w := t.who; w != nil && w.Process == p && w.Congestion == s.Congestion() {
		return
	}
	t.who = &Who{Cookie: s.Cookie, Local: s.Local, Remote: s.Remote, UID: s.UID, Congestion: s.Congestion(), Process: p}
}

// enter writes what changed of a socket, and tells whether it is held now and was not, or
// the other way round.
func (l *Looks) enter(t *track, n int, v *sockets.Verdict) (turned bool) {
	var before *Gauges
	if k := len(t.steps); k > 0 {
		before = &t.steps[k-1].Gauges
	}
	g := gaugesOf(v, before)
	turned = g.Held() != (before != nil && before.Held())
	if before == nil || *before != g {
		if len(t.steps) == cap(t.steps) {
			t.steps = sized(t.steps, len(t.steps)+max(2, len(t.steps)/8))
		}
		t.steps = append(t.steps, step{n, g})
		l.bytes += stepSize
	}
	return turned
}

// forget gives up the first looks.
func (l *Looks) forget(n int) {
	l.looks = slices.Delete(l.looks, 0, n)
	l.first += n
	l.bytes = 0
	l.list = slices.DeleteFunc(l.list, func(t *track) bool {
		if t.gone <= l.first {
			delete(l.tracks, t.who.Cookie)
			return true
		}
		if k := t.at(l.first); k > 0 {
			t.steps = slices.Delete(t.steps, 0, k)
		}
		if n := len(t.steps); cap(t.steps) > n+max(2, n/4) {
			t.steps = sized(t.steps, n)
		}
		l.bytes += trackSize + stepSize*len(t.steps)
		return false
	})
}

// sized returns steps with room for so many.
func sized(steps []step, room int) []step { return append(make([]step, 0, room), steps...) }

// at is the index of the step that holds at a look; -1 before the first.
func (t *track) at(look int) int {
	return sort.Search(len(t.steps), func(i int) bool { return t.steps[i].look > look }) - 1
}

// compose makes the snapshot of a look.
func (l *Looks) compose(n int) *Snapshot {
	s := &Snapshot{At: l.looks[n-l.first].at, Rows: make([]Row, 0, len(l.tracks))}
	for _, t := range l.list {
		if k := t.at(n); k >= 0 && n < t.gone {
			s.Rows = append(s.Rows, Row{t.who, t.steps[k].Gauges})
		}
	}
	return s
}

// Snapshot returns the latest look.
func (l *Looks) Snapshot() *Snapshot { return l.latest.Load() }

// At returns the last look at an instant or before it, or the first one there is. The same
// look asked for again is the same snapshot.
func (l *Looks) At(t flow.Time) *Snapshot {
	l.mu.Lock()
	defer l.mu.Unlock()
	latest := l.latest.Load()
	if t >= latest.At || len(l.looks) == 0 {
		return latest
	}
	i := max(0, sort.Search(len(l.looks), func(i int) bool { return l.looks[i].at > t })-1)
	if at := l.looks[i].at; l.then == nil || l.then.At != at {
		l.then = l.compose(l.first + i)
	}
	return l.then
}

// Span is from the first look that is kept to the latest.
func (l *Looks) Span() flow.Interval {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.looks) == 0 {
		return flow.Interval{}
	}
	return flow.Interval{Start: l.looks[0].at, End: l.looks[len(l.looks)-1].at}
}

// Beside returns the time of the look so many after the last one at an instant or before
// it, or before that if by is below 0; the first or the latest if there are not so many.
func (l *Looks) Beside(t flow.Time, by int) flow.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.looks) == 0 {
		return t
	}
	i := sort.Search(len(l.looks), func(i int) bool { return l.looks[i].at > t }) - 1
	return l.looks[max(0, min(i+by, len(l.looks)-1))].at
}
