package lab

import (
	"slices"
	"sync"

	"flowlab/capture"
	"flowlab/flow"
	"flowlab/tcpwin"
)

// filter applies the rules. It follows every connection even while there is no
// rule: the next window update can only be told by the window before it.
type filter struct {
	mu     sync.Mutex
	rules  []*activeRule
	halves map[flow.Tuple]*half
	// The connection of the last packet, which is mostly that of the next.
	tuple      flow.Tuple
	mine, peer *half
}

// activeRule is a rule and how many packets it has counted.
type activeRule struct {
	Rule
	seen int
	over bool
}

func (f *filter) add(r Rule) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = append(f.rules, &activeRule{Rule: r})
}

// pass tells whether a packet is dropped, and otherwise which rules end when it
// arrives.
func (f *filter) pass(from, to int, packet []byte) (drop bool, ends []*activeRule) {
	var s tcpwin.Segment
	tuple, err := capture.DecodeIP(packet, len(packet), &s)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil { // not TCP
		return f.judge(1<<Any, from, to)
	}
	f.find(tuple)
	if len(f.rules) > 0 {
		drop, ends = f.judge(classify(&s, f.mine, f.peer), from, to)
	}
	f.mine.note(&s, drop)
	if s.Has(tcpwin.RST) {
		f.forget(tuple)
	}
	return drop, ends
}

// find sets mine and peer to the two directions of a connection.
func (f *filter) find(tuple flow.Tuple) {
	switch {
	case f.mine == nil:
	case tuple == f.tuple:
		return
	case tuple == f.tuple.Reverse():
		f.tuple, f.mine, f.peer = tuple, f.peer, f.mine
		return
	}
	f.tuple, f.mine, f.peer = tuple, f.half(tuple), f.half(tuple.Reverse())
}

func (f *filter) half(tuple flow.Tuple) *half {
	h := f.halves[tuple]
	if h == nil {
		h = new(half)
		f.halves[tuple] = h
	}
	return h
}

func (f *filter) forget(tuple flow.Tuple) {
	delete(f.halves, tuple)
	delete(f.halves, tuple.Reverse())
	f.mine = nil
}

// judge lets every rule count a packet of these kinds.
func (f *filter) judge(set kinds, from, to int) (drop bool, ends []*activeRule) {
	for _, r := range f.rules {
		if set.has(r.What) && (r.From == AnyPort || r.From == from) {
			r.seen++
			drop = drop || r.seen >= r.First
			r.over = r.Last > 0 && r.seen >= r.Last
		}
		if r.Until != Any && set.has(r.Until) && (r.From == AnyPort || r.From == to) {
			ends = append(ends, r)
		}
	}
	f.sweep()
	if drop {
		ends = nil // what is dropped does not arrive
	}
	return drop, ends
}

// end takes back rules whose Until has come.
func (f *filter) end(rules []*activeRule) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range rules {
		r.over = true
	}
	f.sweep()
}

func (f *filter) sweep() {
	f.rules = slices.DeleteFunc(f.rules, func(r *activeRule) bool { return r.over })
}
