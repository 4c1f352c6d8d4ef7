package survey

// order is that in which a worker plays the cards of a hand: connection by connection,
// as nearly as it can be had for little, and without the doubles. A connection's
// ledgers, three kilobytes, are then fetched into the processor's cache once a round
// and not for each segment.
type order struct {
	seen   doubles
	heaps  []uint16          // by card: the heap that it is put on
	starts [heaps + 1]uint32 // by heap: where its cards begin in played
	played []uint32          // indices of cards
}

// heaps is how many heaps the cards of a hand are sorted into, by their hashes. The one
// after the last is that of the doubles. The cards of a connection lie on one heap, in
// the order in which they were captured.
const heaps = 1024

// of returns the indices of the cards to play. They are valid until the next call.
func (o *order) of(cards []card) []uint32 {
	o.heaps = o.heaps[:0]
	clear(o.starts[:])
	var twice [lookups]bool
	for from := 0; from < len(cards); from += lookups {
		some := cards[from:min(from+lookups, len(cards))]
		o.seen.again(some, &twice)
		for i := range some {
			heap := uint16(some[i].hash >> 32 % heaps)
			if twice[i] {
				heap = heaps
			}
			o.heaps = append(o.heaps, heap)
			o.starts[heap]++
		}
	}
	at := uint32(0)
	for heap, n := range o.starts {
		o.starts[heap], at = at, at+n
	}
	once := o.starts[heaps]
	if cap(o.played) < len(cards) {
		o.played = make([]uint32, len(cards))
	}
	o.played = o.played[:len(cards)]
	for i, heap := range o.heaps {
		o.played[o.starts[heap]] = uint32(i)
		o.starts[heap]++
	}
	return o.played[:once]
}
