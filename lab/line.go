package lab

import "flowlab/flow"

// line is the outgoing half of a port: packets wait for their turn, are
// serialised, and travel. It keeps no clock; time is passed in and must not
// run backwards.
type line struct {
	path     Path
	packets  []transit // the first head of them are gone
	head     int
	departed int     // index of the first packet that has not wholly departed
	waiting  int     // bytes of the packets from there on
	last     transit // its departs and due are those of the packet pushed last
}

// push takes a packet, or returns false if the queue has no room for it.
func (l *line) push(now flow.Time, t transit) bool {
	for l.departed < len(l.packets) && l.packets[l.departed].departs <= now {
		l.waiting -= len(l.packets[l.departed].data)
		l.departed++
	}
	size := len(t.data)
	if l.path.Queue > 0 && l.waiting > 0 && l.waiting+size > l.path.Queue {
		return false
	}
	t.departs = max(now, l.last.departs).Add(l.path.transmission(size))
	// A delay that was lowered must not let this packet overtake.
	t.due = max(t.departs.Add(l.path.Delay), l.last.due)
	l.last.departs, l.last.due = t.departs, t.due
	if len(l.packets) == cap(l.packets) && l.head > len(l.packets)/2 {
		l.compact()
	}
	l.packets = append(l.packets, t)
	l.waiting += size
	return true
}

// next returns when the first packet arrives, and false if there is none.
func (l *line) next() (flow.Time, bool) {
	if l.head == len(l.packets) {
		return 0, false
	}
	return l.packets[l.head].due, true
}

// take appends the packets that have arrived to batch, in order.
func (l *line) take(now flow.Time, batch []transit) []transit {
	n := l.head
	for n < len(l.packets) && l.packets[n].due <= now {
		n++
	}
	batch = append(batch, l.packets[l.head:n]...)
	clear(l.packets[l.head:n]) // or the packets could not be collected
	for ; l.departed < n; l.departed++ {
		l.waiting -= len(batch[len(batch)-(n-l.departed)].data)
	}
	l.head = n
	if l.head == len(l.packets) {
		l.compact()
	}
	return batch
}

// compact moves the packets to the front of their array.
func (l *line) compact() {
	kept := copy(l.packets, l.packets[l.head:])
	clear(l.packets[kept:])
	l.packets = l.packets[:kept]
	l.departed -= l.head
	l.head = 0
}

// transit is a packet between two ports.
type transit struct {
	data    []byte
	to      *Port
	ends    []*activeRule // what ends when it arrives
	departs flow.Time     // its last bit leaves the sending port
	due     flow.Time     // it arrives
}
