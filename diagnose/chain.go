package diagnose

import (
	"cmp"
	"slices"

	"flowlab/flow"
)

// Chain is a transfer through one proxy or more whose sender waits for a reader that is
// not at the other end of its own connection: each proxy passes the wait on, once it holds
// as much as it may.
type Chain struct {
	flow.Interval           // in which the sender at the far end from the reader waited
	From          flow.Side // who sends, on each leg
	Legs          []Leg     // from the client to the server, two or more
	Held          []int64   // by the proxy between a leg and the next, in bytes; -1 where it is not known
	Exact         bool      // Held are bytes of DATA; else of TCP, with what frames them
	// Proxy tells of the first leg's client and of the last leg's server whether it is a
	// proxy as well, though the wait goes no further.
	Proxy [2]bool
}

// Leg is one connection that a transfer takes, or one stream of it.
type Leg struct {
	Connection int // its number
	ID         flow.Conn
	Stream     uint32 // 0 where streams are not seen
	Path       string // of the stream, where it is known
	Wait       Stall
	Holders    Holdings // who has the connection's credit, where its window makes the sender wait
}

// Reader is the leg that is next to who does not read: the wait began there.
func (c *Chain) Reader() *Leg {
	if c.From == flow.Client {
		return &c.Legs[len(c.Legs)-1]
	}
	return &c.Legs[0]
}

// Chains finds the chains among connections. Give it those of an analysis by Add, in any
// number; Found then tells the chains. docs/chains.md has the rules. The zero value is
// empty.
//
// Kept are 4,096 legs at most, some two megabytes: whole connections, those first on which
// a sender waited the longest for somebody who does not read. Only these make chains; where
// there is room, others are kept that might be taken for a part of one.
type Chains struct {
	carriers []*carrier
	legs     int
}

// mostLegs is how many legs are kept.
const mostLegs = 4096

// Add takes a connection. It keeps nothing of v itself.
func (c *Chains) Add(v *View) {
	k := newCarrier(v)
	if k == nil || len(k.legs) > mostLegs {
		return
	}
	c.carriers = append(c.carriers, k)
	c.legs += len(k.legs)
	if c.legs > 2*mostLegs {
		c.shed()
	}
}

// shed forgets the connections that waited the least, and those seen twice.
func (c *Chains) shed() {
	c.carriers = once(c.carriers)
	slices.SortFunc(c.carriers, func(a, b *carrier) int {
		return cmp.Or(-cmp.Compare(a.waited, b.waited), cmp.Compare(a.number, b.number))
	})
	c.legs = 0
	for i, k := range c.carriers {
		if c.legs+len(k.legs) > mostLegs {
			clear(c.carriers[i:])
			c.carriers = c.carriers[:i]
			return
		}
		c.legs += len(k.legs)
	}
}

// once leaves one observation of each connection, the first: that of any point tells when
// the sender waited, in the sender's own time.
func once(all []*carrier) []*carrier {
	slices.SortFunc(all, func(a, b *carrier) int { return cmp.Compare(a.number, b.number) })
	latest := make(map[flow.Conn]*carrier, len(all))
	kept := all[:0]
	for _, k := range all {
		if seen := latest[k.id]; seen != nil && k.start < seen.end {
			continue
		}
		latest[k.id] = k
		kept = append(kept, k)
	}
	clear(all[len(kept):])
	return kept
}

// Found returns the chains of what was added, those that waited the longest first.
func (c *Chains) Found() (all []Chain) {
	c.shed()
	var legs []*leg
	for _, k := range c.carriers {
		for i := range k.legs {
			legs = append(legs, &k.legs[i])
		}
	}
	for _, route := range routes(legs) {
		for _, from := range []flow.Side{flow.Client, flow.Server} {
			all = append(all, waitsAlong(route, from)...)
		}
	}
	slices.SortStableFunc(all, func(a, b Chain) int {
		return cmp.Or(-cmp.Compare(a.Length(), b.Length()), cmp.Compare(a.Legs[0].Connection, b.Legs[0].Connection), cmp.Compare(a.Legs[0].Stream, b.Legs[0].Stream))
	})
	return all
}
