package netstack

import (
	"sync"

	"flowlab/flow"
	"flowlab/tcpwin"
)

// tracks are the connections of a host, by the tuple of what it sends.
type tracks struct {
	mu    sync.RWMutex
	all   map[flow.Tuple]*track
	fresh func(flow.Tuple) *track // makes one for a new connection
}

func (ts *tracks) get(tuple flow.Tuple) *track {
	ts.mu.RLock()
	defer ts.mu.RUnlock()
	return ts.all[tuple]
}

// outbound returns the track of a segment that is sent, nil if it belongs to no
// connection. A SYN begins one.
func (ts *tracks) outbound(tuple flow.Tuple, s *tcpwin.Segment) *track {
	t := ts.get(tuple)
	if s.Has(tcpwin.SYN) && (t == nil || t.in(ended)) {
		t = ts.open(tuple)
	}
	if t != nil && s.Has(tcpwin.RST) && t.in(opening) {
		ts.remove(tuple, t) // refused: it will never be accepted
	}
	return t
}

// inbound returns the track of a segment that was received with the given tuple,
// nil if it belongs to no connection. A SYN begins one.
func (ts *tracks) inbound(tuple flow.Tuple, s *tcpwin.Segment) *track {
	tuple = tuple.Reverse()
	t := ts.get(tuple)
	if s.Has(tcpwin.SYN) && !s.Has(tcpwin.ACK) && (t == nil || t.in(ended)) {
		t = ts.open(tuple)
	}
	return t
}

// open adds a connection whose handshake begins.
func (ts *tracks) open(tuple flow.Tuple) *track {
	t := ts.fresh(tuple)
	t.tell(func(now flow.Time, truth *truth) { truth.open(now) })
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.all[tuple] = t
	return t
}

// remove forgets a connection, unless its tuple has been used again.
func (ts *tracks) remove(tuple flow.Tuple, t *track) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if ts.all[tuple] == t {
		delete(ts.all, tuple)
	}
}

// list returns all connections.
func (ts *tracks) list() []*track {
	ts.mu.RLock()
	defer ts.mu.RUnlock()
	list := make([]*track, 0, len(ts.all))
	for _, t := range ts.all {
		list = append(list, t)
	}
	return list
}

// drop forgets whatever connection has the tuple: its handshake failed.
func (ts *tracks) drop(tuple flow.Tuple) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	delete(ts.all, tuple)
}
