// What is kept of one connection for its rows.

package replay

import (
	"slices"
	"time"
	"unsafe"

	"flowlab/diagnose"
	"flowlab/diagnose/board"
	"flowlab/diagnose/history"
	"flowlab/flow"
)

// track is what there is to know of a connection at any instant. Nothing changes it.
type track struct {
	number     int
	frame      int // its first
	iface      int
	id         flow.Conn
	start, end flow.Time
	over       flow.Time // when neither side would send more; 0 if that did not come
	settled    flow.Time // after which nothing changes
	cut        flow.Time // until when all is kept; 0 for ever
	minor      bool      // it has no row once it is over
	protocol   board.Protocol
	least      time.Duration // what is called a stall
	rtt        time.Duration
	gauges     series // step of the grid, the latest packet, bytes of each side
	sides      [2]verdicts
}

// verdicts are what held one sender.
type verdicts struct {
	holds  series // start, length, cause and who, for how long the cause held before
	stalls []diagnose.Hold
	end    flow.Time     // of the latest hold
	lag    time.Duration // up to the end of the files nothing else holds the sender
}

// stepOf is the first instant of the grid at which a packet has passed.
func stepOf(t flow.Time) int64 { return int64(history.Ceil(t)) / int64(history.Grid) }

// trackWriter makes a track.
type trackWriter struct {
	track
	budget *budget
	taken  int64 // bytes, of the budget
	begun  bool  // a packet has come
	gauges seriesWriter
	holds  [2]seriesWriter
	latest [2]diagnose.Hold // not written yet
	since  [2]flow.Time     // when its cause began to hold
}

func newTrack(c *diagnose.Connection, b *budget) *trackWriter {
	w := &trackWriter{budget: b}
	w.frame, w.iface, w.id, w.start = c.Number, c.Interface, c.ID, c.Start
	w.least = c.Directions[0].Stalls.Least()
	c.Follow(w.held, func(from flow.Side, s diagnose.Stall) {
		list := &w.sides[from].stalls
		*list = append(*list, diagnose.Hold{Interval: s.Interval, Cause: s.Cause, HeldBy: s.HeldBy})
	})
	return w
}

// look enters what the gauges are before a packet at t.
func (w *trackWriter) look(c *diagnose.Connection, t flow.Time) {
	if w.begun && stepOf(t) > stepOf(c.End) {
		w.sample(c)
	}
	w.begun = true
}

// sample writes what the gauges are.
func (w *trackWriter) sample(c *diagnose.Connection) {
	if w.cut == 0 {
		w.add(&w.gauges, entry{stepOf(c.End), int64(c.End), c.Directions[0].Account.Bytes, c.Directions[1].Account.Bytes}, c.End)
	}
}

// held enters a verdict.
func (w *trackWriter) held(from flow.Side, h diagnose.Hold) {
	l := &w.latest[from]
	if l.Length() > 0 && h.Start == l.End && h.Cause == l.Cause && h.HeldBy == l.HeldBy {
		l.End = h.End
		return
	}
	w.write(from)
	if h.Cause != l.Cause || h.Start != l.End {
		w.since[from] = h.Start
	}
	*l = h
}

// write writes the latest verdict.
func (w *trackWriter) write(from flow.Side) {
	if l := &w.latest[from]; l.Length() > 0 && w.cut == 0 {
		kind := int64(l.Cause)<<8 | int64(l.HeldBy)
		w.add(&w.holds[from], entry{int64(l.Start), int64(l.Length()), kind, int64(l.Start - w.since[from])}, l.Start)
	}
}

// add adds an entry; if there is no room for more, what comes after it is not kept.
func (w *trackWriter) add(s *seriesWriter, e entry, at flow.Time) {
	const most = 40 + 10*entryStep
	if !s.add(e) {
		return
	}
	w.taken += most
	if w.budget.take(most) > w.budget.limit {
		w.cut = at
	}
}

// finish returns the track of a connection that has ended.
func (w *trackWriter) finish(c *diagnose.Connection, over flow.Time) *track {
	t := new(track)
	w.sample(c)
	for i := range w.holds {
		w.write(flow.Side(i))
	}
	*t = w.track
	t.end, t.over, t.rtt = c.End, over, c.RTT()
	t.settled = c.End.Add(time.Second) // it flows until then
	t.protocol = board.ProtocolOf(c)
	for i := range t.sides {
		t.sides[i].end = w.latest[i].End
		t.settled = max(t.settled, w.latest[i].End)
		t.sides[i].holds = w.holds[i].clip()
		t.sides[i].stalls = slices.Clip(t.sides[i].stalls)
	}
	t.gauges = w.gauges.clip()
	return t
}

func (w *seriesWriter) clip() series {
	return series{slices.Clip(w.data), slices.Clip(w.marks)}
}

// total is for how long stalls held either sender.
func (t *track) total() (sum time.Duration) {
	for i := range t.sides {
		for _, s := range t.sides[i].stalls {
			sum += s.Length()
		}
	}
	return sum
}

func (t *track) stalled() bool { return len(t.sides[0].stalls)+len(t.sides[1].stalls) > 0 }

func (t *track) size() int {
	n := int(unsafe.Sizeof(*t)) + t.gauges.size()
	for i := range t.sides {
		n += t.sides[i].holds.size() + int(unsafe.Sizeof(diagnose.Hold{}))*len(t.sides[i].stalls)
	}
	return n
}
