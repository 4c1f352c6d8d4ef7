package diagnose

import (
	"flowlab/flow"
	"flowlab/tcpwin"
)

// graves remember the connections that were over and handed on, so that a
// segment that comes late is known for one, and is not taken for the beginning
// of another connection. One takes 40 bytes and at most 12 of the index.
type graves struct {
	index []uint32 // chains, by hash: a grave's number plus one
	pages []*[pageSize]grave
	count int
}

// grave is what is left of a connection. Its name is a hash of 96 bits: among a
// million connections two share one with a probability below 10^-16.
type grave struct {
	hash       uint64
	check      uint32
	base, next [2]flow.Seq // by side
	chain      uint32      // the next of the same place in the index
	// lowClient tells that of the two ends the lower is the client.
	lowClient bool
}

// check is a second hash, of other parts of the same ends.
func check(t *flow.Tuple) uint32 {
	a, b := t.Src, t.Dst
	if a.Compare(b) > 0 {
		a, b = b, a
	}
	h := uint32(2166136261)
	for _, e := range []*flow.Endpoint{&a, &b} {
		for _, c := range e.IP {
			h = (h ^ uint32(c)) * 16777619
		}
		h = (h ^ uint32(e.Port)) * 16777619
		h ^= h >> 15
	}
	return h
}

func (g *graves) at(n uint32) *grave { return &g.pages[(n-1)/pageSize][(n-1)%pageSize] }

// bury enters a connection, in place of an earlier one between the same ends.
func (g *graves) bury(e *entry) {
	sum := check(&e.tuple)
	d := g.find(e.hash, sum)
	if d == nil {
		d = g.dig(e.hash)
	}
	d.hash, d.check, d.base, d.next = e.hash, sum, e.base, e.next
	d.lowClient = e.tuple.Src.Compare(e.tuple.Dst) < 0
}

func (g *graves) dig(hash uint64) *grave {
	if g.count == len(g.index) {
		g.index = make([]uint32, max(64, 2*len(g.index)))
		for n := range g.count {
			g.link(uint32(n + 1))
		}
	}
	if g.count%pageSize == 0 {
		g.pages = append(g.pages, new([pageSize]grave))
	}
	g.count++
	d := g.at(uint32(g.count))
	d.hash = hash
	g.link(uint32(g.count))
	return d
}

func (g *graves) link(n uint32) {
	d := g.at(n)
	place := &g.index[d.hash&uint64(len(g.index)-1)]
	d.chain, *place = *place, n
}

func (g *graves) find(hash uint64, sum uint32) *grave {
	if g.count == 0 {
		return nil
	}
	for n := g.index[hash&uint64(len(g.index)-1)]; n != 0; {
		d := g.at(n)
		if d.hash == hash && d.check == sum {
			return d
		}
		n = d.chain
	}
	return nil
}

// late tells whether a segment is of a connection that is buried: it carries
// nothing that was not sent before its end.
func (g *graves) late(hash uint64, t *flow.Tuple, s *tcpwin.Segment) bool {
	if g.count == 0 {
		return false
	}
	d := g.find(hash, check(t))
	if d == nil {
		return false
	}
	side := flow.Client
	if d.lowClient != (t.Src.Compare(t.Dst) < 0) {
		side = flow.Server
	}
	if s.Has(tcpwin.SYN) {
		return s.Seq == d.base[side]
	}
	return s.Len == 0 || !s.End().After(d.next[side])
}
