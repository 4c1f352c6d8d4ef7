package diagnose

import (
	"encoding/binary"
	"math/bits"
	"time"

	"flowlab/flow"
	"flowlab/tcpwin"
)

// linger is how long after its end a connection may still be heard of: what was
// sent twice arrives within a few round trips.
const linger = 2 * time.Second

// table finds the observation that a segment belongs to. It is an index, by
// linear probing, into entries that stay where they are.
type table struct {
	index   []uint32 // entry's number plus one, 0 for an empty place; its length is a power of two
	used    int      // places that are not empty
	pages   []*[pageSize]entry
	entries int      // ever made
	free    []uint32 // entries to use again
	latest  *entry   // that was looked up: segments of one connection come together
}

// pageSize is how many entries are allocated at a time.
const pageSize = 1024

// entry is what there is to know of a connection to tell whether a segment is
// of it: of the connection that is open now between two ends, or of the last
// one that was.
type entry struct {
	hash   uint64
	tuple  flow.Tuple  // as the client sends
	base   [2]flow.Seq // by side: the initial sequence number, or that before the first byte seen
	next   [2]flow.Seq // by side: after the last byte seen
	iface  int32
	number uint32 // the entry's own

	based  [2]bool // base and next are set
	fin    [2]bool // the side has sent its FIN
	finned [2]bool // which was acknowledged
	reset  bool

	connection *Connection // what was seen of it; nil while that stands in the log
	log        segmentLog

	frame       int       // of its latest segment
	observation int       // its number, in the order in which they began
	last        flow.Time // of its latest segment
	ended       flow.Time // when it was over
}

func (e *entry) id() flow.Conn { return flow.Conn{Client: e.tuple.Src, Server: e.tuple.Dst} }

// over tells whether neither side will send anything more.
func (e *entry) over() bool { return e.reset || e.finned[0] && e.finned[1] }

// Hash is a number of a connection at an interface, the same for both of its
// directions.
func Hash(iface int, t *flow.Tuple) uint64 {
	h := hashEnd(&t.Src) + hashEnd(&t.Dst) + uint64(iface)*0x9E3779B97F4A7C15
	h ^= h >> 32
	h *= 0xD6E8FEB86659FD93
	return h ^ h>>29
}

func hashEnd(e *flow.Endpoint) uint64 {
	low, high := binary.LittleEndian.Uint64(e.IP[:]), binary.LittleEndian.Uint64(e.IP[8:])
	top, bottom := bits.Mul64(low^uint64(e.Port)<<40^0xA0761D6478BD642F, high^uint64(e.Port)^0xE7037ED1A0B428DB)
	return top ^ bottom
}

// at returns an entry by its number.
func (t *table) at(n uint32) *entry { return &t.pages[n/pageSize][n%pageSize] }

// lookup returns the entry of two ends, nil if there is none, and which of them
// sent.
func (t *table) lookup(hash uint64, iface int, tuple *flow.Tuple) (*entry, flow.Side) {
	if len(t.index) == 0 {
		return nil, flow.Client
	}
	if e := t.latest; e != nil {
		if from, is := e.is(hash, iface, tuple); is {
			return e, from
		}
	}
	mask := uint64(len(t.index) - 1)
	for at := hash & mask; t.index[at] != 0; at = (at + 1) & mask {
		e := t.at(t.index[at] - 1)
		if from, is := e.is(hash, iface, tuple); is {
			t.latest = e
			return e, from
		}
	}
	return nil, flow.Client
}

// is tells whether an entry is that of two ends, and which of them sent.
func (e *entry) is(hash uint64, iface int, tuple *flow.Tuple) (flow.Side, bool) {
	switch {
	case e.hash != hash || e.iface != int32(iface):
		return flow.Client, false
	case e.tuple == *tuple:
		return flow.Client, true
	}
	return flow.Server, e.tuple.Src == tuple.Dst && e.tuple.Dst == tuple.Src
}

// add makes the entry of a connection that a segment begins.
func (t *table) add(hash uint64, iface int, tuple *flow.Tuple, s *tcpwin.Segment) (*entry, flow.Side) {
	if 4*(t.used+1) > 3*len(t.index) {
		t.grow()
	}
	var n uint32
	if last := len(t.free) - 1; last >= 0 {
		n, t.free = t.free[last], t.free[:last]
	} else {
		n = uint32(t.entries)
		if t.entries%pageSize == 0 {
			t.pages = append(t.pages, new([pageSize]entry))
		}
		t.entries++
	}
	t.place(hash, n)
	e := t.at(n)
	*e = entry{hash: hash, iface: int32(iface), number: n}
	return e, e.renew(*tuple, s)
}

// renew makes an entry that of the connection that a segment begins, and tells
// which side sent it.
func (e *entry) renew(tuple flow.Tuple, s *tcpwin.Segment) flow.Side {
	tuple, from := ends(tuple, s)
	*e = entry{hash: e.hash, iface: e.iface, number: e.number, tuple: tuple}
	return from
}

func (t *table) place(hash uint64, n uint32) {
	mask := uint64(len(t.index) - 1)
	at := hash & mask
	for t.index[at] != 0 {
		at = (at + 1) & mask
	}
	t.index[at] = n + 1
	t.used++
}

func (t *table) grow() {
	old := t.index
	t.index, t.used = make([]uint32, max(64, 2*len(old))), 0
	for _, n := range old {
		if n != 0 {
			t.place(t.at(n-1).hash, n-1)
		}
	}
}

// remove takes an entry out, for its memory to be used again.
func (t *table) remove(e *entry) {
	t.latest = nil
	mask := uint64(len(t.index) - 1)
	at := e.hash & mask
	for t.index[at] != e.number+1 {
		at = (at + 1) & mask
	}
	// Close the hole: what was placed after it because its own place was taken
	// moves back.
	for next := (at + 1) & mask; t.index[next] != 0; next = (next + 1) & mask {
		home := t.at(t.index[next]-1).hash & mask
		if (next-home)&mask >= (next-at)&mask {
			t.index[at] = t.index[next]
			at = next
		}
	}
	t.index[at] = 0
	t.used--
	t.free = append(t.free, e.number)
}

// ends tells who opened a connection by its first segment: who sent the SYN,
// else who has the higher port.
func ends(t flow.Tuple, s *tcpwin.Segment) (flow.Tuple, flow.Side) {
	if s.Has(tcpwin.SYN) && s.Has(tcpwin.ACK) || !s.Has(tcpwin.SYN) && t.Src.Port < t.Dst.Port {
		return t.Reverse(), flow.Server
	}
	return t, flow.Client
}

// renewed tells whether a segment opens a new connection between ends that had
// one: a SYN that is not the one sent again (a SYN/ACK with another number is the
// answer to a SYN that was not seen), or new bytes long after the end.
func (e *entry) renewed(from flow.Side, s *tcpwin.Segment) bool {
	if s.Has(tcpwin.SYN) {
		return e.based[from] && s.Seq != e.base[from] && (!s.Has(tcpwin.ACK) || e.over())
	}
	return e.over() && s.Len > 0 && s.Time > e.ended.Add(linger) && s.End().After(e.next[from])
}

// follow enters what a segment of the connection says of its beginning and end.
func (e *entry) follow(s *tcpwin.Segment) {
	own, peer, was := s.From, s.From.Peer(), e.over()
	e.last = max(e.last, s.Time)
	if !e.based[own] {
		e.based[own] = true
		e.base[own], e.next[own] = s.Seq, s.End()
		if !s.Has(tcpwin.SYN) {
			e.base[own]--
		}
	}
	if end := s.End(); end.After(e.next[own]) {
		e.next[own] = end
	}
	switch {
	case s.Has(tcpwin.RST):
		e.reset = true
	case s.Has(tcpwin.FIN):
		e.fin[own] = true
	}
	if s.Has(tcpwin.ACK) && e.fin[peer] && !s.Ack.Before(e.next[peer]) {
		e.finned[peer] = true
	}
	if !was && e.over() {
		e.ended = s.Time
	}
}
