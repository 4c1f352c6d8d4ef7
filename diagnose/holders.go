package diagnose

import (
	"cmp"
	"slices"
	"time"

	"flowlab/flow"
	"flowlab/h2flow"
)

// Holding is how much of a connection's credit one stream has.
type Holding struct {
	Stream uint32
	Path   string
	Closed bool
	Bytes  int64
}

// Holdings are who has the credit of a connection whose window is shut.
type Holdings struct {
	Time    time.Duration // for which it was shut
	Size    int64         // the window's largest size, in bytes
	Streams []Holding     // the largest ones first
	Library int64         // bytes that were read, and never given back: credit of their stream was, or they are padding
}

// mostHolders is how many of the streams are named.
const mostHolders = 5

// holders remembers who had the credit when the window was shut for the longest.
type holders struct {
	now, longest Holdings
	since        flow.Time
	shut         bool
}

// begin looks at who has the credit of a window that is shut now. What open streams
// have is known from their own windows; the rest is of those that are over. How large
// the connection's window is meant to be is known only at the least: an update may
// return credit, or enlarge it.
func (h *holders) begin(l *h2flow.Ledger, from flow.Side, t flow.Time) {
	h.since, h.shut = t, true
	left := l.Direction(from).Unreturned()
	h.now = Holdings{Size: left}
	for s := range l.Streams {
		if n := s.Halves[from].Unreturned(); n > 0 {
			if owesPadding(s, from) {
				h.now.Library += n
			}
			h.now.Streams = append(h.now.Streams, Holding{Stream: s.ID, Path: s.Path, Closed: s.Closed, Bytes: n})
		}
	}
	list := h.now.Streams
	slices.SortFunc(list, func(a, b Holding) int {
		if a.Closed != b.Closed {
			if b.Closed {
				return -1
			}
			return 1
		}
		return cmp.Or(-cmp.Compare(a.Bytes, b.Bytes), cmp.Compare(a.Stream, b.Stream))
	})
	for i := range list {
		if list[i].Closed {
			list[i].Bytes = min(list[i].Bytes, max(0, left))
		}
		left -= list[i].Bytes
	}
	h.now.Library += max(0, left)
	h.now.Size = max(h.now.Size, h.now.Size-left)
	slices.SortStableFunc(list, func(a, b Holding) int { return -cmp.Compare(a.Bytes, b.Bytes) })
	list = slices.DeleteFunc(list, func(x Holding) bool { return x.Bytes == 0 })
	h.now.Streams = list[:min(len(list), mostHolders)]
}

// lookAgain looks at who has the credit of windows that are shut, as a stream was reset:
// what it had is leaked if it does not come back.
func (x *http) lookAgain(l *h2flow.Ledger, t flow.Time) {
	for from := range x.holders {
		if h := &x.holders[from]; h.shut {
			h.end(t)
			h.begin(l, flow.Side(from), t)
			x.credits[from].hog = h.now.by()
		}
	}
}

// end enters that the window is open again.
func (h *holders) end(t flow.Time) {
	h.shut = false
	if h.now.Time = t.Sub(h.since); h.now.Time >= h.longest.Time {
		h.longest = h.now
	}
}

// worst is who had the credit when the window was shut for the longest, up to now.
func (h *holders) worst(now flow.Time) Holdings {
	w := h.longest
	if h.shut && now.Sub(h.since) >= w.Time {
		w = h.now
		w.Time = now.Sub(h.since)
	}
	w.Streams = slices.Clone(w.Streams)
	return w
}

// by tells whether open streams have the credit, or such as are over, or nobody who has
// a right to it.
func (h *Holdings) by() flow.HeldBy {
	var open, closed int64
	for _, s := range h.Streams {
		if s.Closed {
			closed += s.Bytes
		} else {
			open += s.Bytes
		}
	}
	if h.Library > max(h.Size/2, closed) {
		return flow.PeerLibrary
	}
	if closed > open {
		return flow.CreditLeaked
	}
	return flow.CreditHeld
}
