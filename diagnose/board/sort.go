// The order of rows.

package board

import (
	"encoding/binary"
	"math"
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

// Ascending tells whether the least comes first, unless the order is reversed.
func (b By) Ascending() bool {
	switch b {
	case ByNumber, ByClient, ByServer, ByCause, ByState, ByProtocol:
		return true
	}
	return false
}

// ByNames are the names of all orders.
func ByNames() []string { return byNames[:] }

// ParseBy returns the order of that name.
func ParseBy(name string) (By, error) { return named[By](name, "order", byNames[:]) }

// Sorter chooses rows of snapshots and puts them in order. The zero value is ready; its
// memory is used again for each snapshot.
type Sorter struct {
	ranks []rank
	rows  []*Row
}

// rank is where a row belongs: what it is sorted by, and where it was.
type rank struct {
	key int64
	at  int32
}

// Sort returns the rows of a snapshot that a filter chooses, those with the least key
// first, or the other way round if it is reversed; those that are equal come by number.
// What it returns is valid until the next call. The snapshot stays as it was.
func (o *Sorter) Sort(s *Snapshot, f *Filter, by By, reverse bool) []*Row {
	order, rows, sign := &orders[by], s.Rows, int64(0)
	if reverse {
		sign = -1
	}
	o.ranks, o.rows = o.ranks[:0], o.rows[:0]
	for i := range rows {
		if r := &rows[i]; f.Match(r, s.At) {
			o.ranks = append(o.ranks, rank{order.key(r) ^ sign, int32(i)})
		}
	}
	slices.SortFunc(o.ranks, func(a, b rank) int {
		switch {
		case a.key < b.key:
			return -1
		case a.key > b.key:
			return 1
		case order.end != nil:
			if c := order.end(&rows[a.at]).Compare(*order.end(&rows[b.at])); c != 0 {
				return c * int(1+2*sign)
			}
		}
		return int(a.at - b.at) // rows of a snapshot are by number
	})
	for _, r := range o.ranks {
		o.rows = append(o.rows, &rows[r.at])
	}
	return o.rows
}

// order is what rows are sorted by: a key that is made once for each, and the ends of
// those whose key is equal.
type order struct {
	key func(*Row) int64
	end func(*Row) *flow.Endpoint // nil if the key is all
}

var orders = [numBy]order{
	ByStalled:  {key: func(r *Row) int64 { return -int64(r.Stalled()) }},
	ByLongest:  {key: func(r *Row) int64 { return -int64(r.Longest()) }},
	ByHeld:     {key: heldKey},
	ByBytes:    {key: func(r *Row) int64 { return -r.Bytes() }},
	ByStart:    {key: func(r *Row) int64 { return -int64(r.Start) }},
	ByNumber:   {key: func(r *Row) int64 { return int64(r.Number) }},
	ByClient:   {key: func(r *Row) int64 { return addressKey(&r.ID.Client) }, end: func(r *Row) *flow.Endpoint { return &r.ID.Client }},
	ByServer:   {key: func(r *Row) int64 { return addressKey(&r.ID.Server) }, end: func(r *Row) *flow.Endpoint { return &r.ID.Server }},
	ByCause:    {key: causeKey},
	ByState:    {key: func(r *Row) int64 { return int64(r.State) }},
	ByProtocol: {key: func(r *Row) int64 { return int64(r.Protocol) }},
}

// heldKey has those first that are held, and of them first those of which it began first.
func heldKey(r *Row) int64 {
	if r.State != Held {
		return math.MaxInt64
	}
	return int64(r.Sides[r.Worse()].Since)
}

// addressKey is the beginning of an address: all of one of IPv4.
func addressKey(e *flow.Endpoint) int64 {
	return int64(binary.BigEndian.Uint64(e.IP[:8]) >> 1)
}

func causeKey(r *Row) int64 {
	s := &r.Sides[r.Worse()]
	if s.Since == 0 {
		return int64(flow.NumCauses)
	}
	return int64(s.Cause)
}
