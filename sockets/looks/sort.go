// The order of rows.

package looks

import (
	"cmp"
	"slices"
)

// By is what rows are sorted by.
type By uint8

const (
	ByHeld      By = iota // those kept from sending the longest come first, then those whose application does not read
	ByUnread              // most first
	ByUnacked             // most first
	ByRate                // those that send most come first
	ByCame                // those to which most comes come first
	ByRTT                 // longest first
	ByProcess             // by name and number
	ByPort                // the local one
	ByRemote              // by address and port
	ByCause               // in the order of [flow.CauseNames]
	ByContainer           // by container, or by group

	numBy = int(ByContainer) + 1
)

var byNames = [numBy]string{"held", "unread", "unacked", "rate", "received", "rtt", "process", "port", "address", "cause", "container"}

func (b By) String() string { return byNames[b] }

// Ascending tells whether the least comes first, unless the order is reversed.
func (b By) Ascending() bool {
	switch b {
	case ByProcess, ByPort, ByRemote, ByCause, ByContainer:
		return true
	}
	return false
}

// Next is the order after this one, and the first after the last.
func (b By) Next() By { return (b + 1) % By(numBy) }

// Sort appends to list[:0] the rows of a snapshot that a filter chooses, and those that
// are idle only if they are asked for, in that order, or the other way round if it is
// reversed. Those that are equal come in the order in which they were first seen.
func Sort(list []*Row, s *Snapshot, f *Filter, idle bool, by By, reverse bool) []*Row {
	list = list[:0]
	for i := range s.Rows {
		if r := &s.Rows[i]; (idle || !r.Idle) && f.Match(r) {
			list = append(list, r)
		}
	}
	slices.SortStableFunc(list, func(a, b *Row) int {
		if reverse {
			a, b = b, a
		}
		return orders[by](a, b)
	})
	return list
}

var orders = [numBy]func(a, b *Row) int{
	ByHeld: func(a, b *Row) int {
		return cmp.Or(b.HeldShare()-a.HeldShare(), cmp.Compare(b.Unread, a.Unread), int(b.Busy)-int(a.Busy), cmp.Compare(b.SendQ, a.SendQ))
	},
	ByUnread:  func(a, b *Row) int { return cmp.Compare(b.RecvQ, a.RecvQ) },
	ByUnacked: func(a, b *Row) int { return cmp.Compare(b.SendQ, a.SendQ) },
	ByRate:    func(a, b *Row) int { return cmp.Compare(b.Acked, a.Acked) },
	ByCame:    func(a, b *Row) int { return cmp.Compare(b.Came, a.Came) },
	ByRTT:     func(a, b *Row) int { return cmp.Compare(b.RTT, a.RTT) },
	ByProcess: func(a, b *Row) int {
		return cmp.Or(cmp.Compare(a.Name(), b.Name()), cmp.Compare(a.PID(), b.PID()))
	},
	ByPort:      func(a, b *Row) int { return cmp.Compare(a.Local.Port, b.Local.Port) },
	ByRemote:    func(a, b *Row) int { return a.Remote.Compare(b.Remote) },
	ByCause:     func(a, b *Row) int { return cmp.Compare(a.Cause, b.Cause) },
	ByContainer: func(a, b *Row) int { return cmp.Compare(a.Group(), b.Group()) },
}

// Name is that of the process, "?" if it is not known.
func (w *Who) Name() string {
	if w.Process == nil {
		return "?"
	}
	return w.Process.Name
}

// PID is the process's number, 0 if it is not known.
func (w *Who) PID() int {
	if w.Process == nil {
		return 0
	}
	return w.Process.PID
}

// Group is the container's id, or else the path of the process's group; empty if neither
// is known, or the group is that of the whole host.
func (w *Who) Group() string {
	switch {
	case w.Process == nil || w.Process.CGroup == "/":
		return ""
	case w.Process.Container != "":
		return w.Process.Container
	}
	return w.Process.CGroup
}
