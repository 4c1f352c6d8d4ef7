package play

import (
	"sort"
	"time"

	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/h2flow/peer"
	"flowlab/scenarios"
	"flowlab/tcpwin/endpoint"
)

// Snapshot is a run as it stood at one instant. Nothing changes it later.
type Snapshot struct {
	At       time.Duration // since the run began
	Start    flow.Time
	End      time.Duration // when the run ends, as far as is known
	Held     bool          // the script waits, so the end moves
	Over     bool
	Coarse   bool // it is of the past, and not all that happened near it is kept
	Knobs    scenarios.Knobs
	Caption  string // what the script says now
	Quiz     Quiz   // only in the latest snapshot
	Producer Producer
	Consumer Consumer
	Views    []diagnose.View // the connection, as seen at each host
	Log      []Entry         // the latest entries, the oldest first
	Progress []Progress      // for each column of the views' history, which reaches to End, up to now; only in the latest snapshot
}

// Producer is the application that writes.
type Producer struct {
	endpoint.Sent
	Rate float64 // bytes a second that the transport took, lately
}

// Consumer is the application that reads.
type Consumer struct {
	Read  int64   // bytes
	Rate  float64 // bytes a second that it read, lately
	Queue int     // bytes that wait for it
}

// Entry is a line of the event log.
type Entry struct {
	At   time.Duration // since the run began
	Kind EntryKind
	Who  string // who did it: producer, consumer; empty for a caption
	Text string
	Last time.Duration // of the latest that this entry stands for
	More int           // how many more like it came right after
}

// EntryKind tells what an entry is about.
type EntryKind uint8

const (
	PacketEvent EntryKind = iota // a segment showed an event
	KnobTurned
	ActionDone // what the script let an application do
	ScriptLine
	ScriptMoved // somebody held it, let it go on, or moved it on
)

// Truth is what the endpoints and their stacks know of a run. The verdict is
// held against it; it is never part of it.
type Truth struct {
	Producer     flow.Limits // what held the producer's sending, by itself and its own stack
	Consumer     flow.Limits
	Sent         endpoint.Sent
	Read         int64 // bytes
	ReceiveQueue int   // bytes that came and were not read from the socket
	// Windows are the accounts of HTTP/2 that the ends keep, by side; nil of those
	// that keep none.
	Windows [2]*peer.Account
}

// keepEntries is how much of the log a snapshot has.
const keepEntries = 200

// mostEvents is how many single entries are kept for the past. The first quarter goes when
// there are as many.
const mostEvents = 1 << 16

// log collects entries. Like ones in a row are one.
type log struct {
	entries []Entry
	single  []Entry // all of them, in order of time
}

func (l *log) add(e Entry) {
	e.Last = e.At
	if len(l.single) == mostEvents {
		l.single = append(l.single[:0], l.single[mostEvents/4:]...)
	}
	l.single = append(l.single, e)
	for i := len(l.single) - 1; i > 0 && l.single[i-1].At > e.At; i-- {
		l.single[i-1], l.single[i] = l.single[i], l.single[i-1]
	}
	l.join(e)
}

// until returns the newest entries as they were at an instant.
func (l *log) until(at time.Duration) []Entry {
	end := sort.Search(len(l.single), func(i int) bool { return l.single[i].At > at })
	first, lines := end, 0
	for ; first > 0 && lines <= keepEntries; first-- {
		if first == end || !l.single[first-1].like(&l.single[first]) {
			lines++
		}
	}
	var then log
	for _, e := range l.single[first:end] {
		then.join(e)
	}
	return then.latest()
}

// like tells whether two entries are of the same event of the same side.
func (e *Entry) like(o *Entry) bool {
	return e.Kind == PacketEvent && o.Kind == PacketEvent && e.Who == o.Who && sameEvent(e.Text, o.Text)
}

// join appends an entry to those before, or makes it part of the latest.
func (l *log) join(e Entry) {
	if n := len(l.entries); n > 0 {
		p := &l.entries[n-1]
		if e.like(p) {
			p.More++
			p.Last = e.At
			return
		}
	}
	if len(l.entries) == 2*keepEntries {
		l.entries = append(l.entries[:0], l.entries[keepEntries:]...)
	}
	l.entries = append(l.entries, e)
}

// sameEvent tells whether two texts begin with the same event's name.
func sameEvent(a, b string) bool {
	for i := 0; i < len(a) && i < len(b); i++ {
		if a[i] != b[i] {
			return false
		}
		if a[i] == ':' {
			return true
		}
	}
	return a == b
}

// latest returns a copy of the newest entries.
func (l *log) latest() []Entry {
	return append([]Entry(nil), l.entries[max(0, len(l.entries)-keepEntries):]...)
}

// speed measures a rate over about a quarter of a second.
type speed struct {
	at    time.Duration
	bytes int64
	rate  float64
}

func (s *speed) observe(at time.Duration, bytes int64) float64 {
	if d := at - s.at; d >= 250*time.Millisecond {
		s.rate = float64(bytes-s.bytes) / d.Seconds()
		s.at, s.bytes = at, bytes
	}
	return s.rate
}
