// The order of rows.

package board

import (
	"cmp"
	"slices"

	"flowlab/flow"
)

// By is what rows are sorted by.
type By uint8

const (
	ByStalled  By = iota // those that stalls held longest come first
	ByLongest            // those with the longest stall come first
	ByHeld               // those that are held come first, the longest before the others
	ByBytes              // most first
	ByStart              // newest first
	ByNumber             // by when they were first seen
	ByClient             // by address and port
	ByServer             // by address and port
	ByCause              // in the order of [flow.CauseNames], and then those that nothing holds
	ByState              // held, flowing, idle, closed
	ByProtocol           // tcp, tls, h2

	numBy = int(ByProtocol) + 1
)

var byNames = [numBy]string{"stalled", "longest", "held", "bytes", "start", "number", "client", "server", "cause", "state", "protocol"}

func (b By) String() string { return byNames[b] }

// ByNames are the names of all orders.
func ByNames() []string { return byNames[:] }

// ParseBy returns the order of that name.
func ParseBy(name string) (By, error) { return named[By](name, "order", byNames[:]) }

// Sort returns the rows in that order, the other way round if it is reversed; those that
// are equal in it come by number. The rows given stay as they are.
func Sort(rows []Row, by By, reverse bool) []*Row {
	sorted := make([]*Row, len(rows))
	for i := range rows {
		sorted[i] = &rows[i]
	}
	order := orders[by]
	slices.SortFunc(sorted, func(a, b *Row) int {
		o := order(a, b)
		if reverse {
			o = -o
		}
		return cmp.Or(o, cmp.Compare(a.Number, b.Number))
	})
	return sorted
}

var orders = [numBy]func(a, b *Row) int{
	ByStalled:  func(a, b *Row) int { return cmp.Compare(b.Stalled(), a.Stalled()) },
	ByLongest:  func(a, b *Row) int { return cmp.Compare(b.Longest(), a.Longest()) },
	ByHeld:     compareHeld,
	ByBytes:    func(a, b *Row) int { return cmp.Compare(b.Bytes(), a.Bytes()) },
	ByStart:    func(a, b *Row) int { return cmp.Compare(b.Start, a.Start) },
	ByNumber:   func(a, b *Row) int { return cmp.Compare(a.Number, b.Number) },
	ByClient:   func(a, b *Row) int { return a.ID.Client.Compare(b.ID.Client) },
	ByServer:   func(a, b *Row) int { return a.ID.Server.Compare(b.ID.Server) },
	ByCause:    func(a, b *Row) int { return cmp.Compare(a.cause(), b.cause()) },
	ByState:    func(a, b *Row) int { return cmp.Compare(a.State, b.State) },
	ByProtocol: func(a, b *Row) int { return cmp.Compare(a.Protocol, b.Protocol) },
}

// compareHeld has the one first that is held, and of two that of which it began first.
func compareHeld(a, b *Row) int {
	if a.State == Held && b.State == Held {
		return cmp.Compare(a.heldSince(), b.heldSince())
	}
	return cmp.Compare(second(b.State == Held), second(a.State == Held))
}

func (r *Row) heldSince() flow.Time { return r.Sides[r.Worse()].Since }

func (r *Row) cause() int {
	s := &r.Sides[r.Worse()]
	if s.Since == 0 {
		return flow.NumCauses
	}
	return int(s.Cause)
}
