package peer

// Scheduler is which stream sends the next DATA frame, of those that have something to
// send and credit. HTTP/2 leaves that to the sender (RFC 9113 5.3).
type Scheduler uint8

const (
	// Fair: they take turns, a frame each.
	Fair Scheduler = iota
	// OldestFirst: the one that was opened first, as long as it has something to send
	// and credit. All others starve meanwhile.
	OldestFirst

	numSchedulers = int(OldestFirst) + 1
)

var schedulerNames = [numSchedulers]string{"fair", "oldest-first"}

func (s Scheduler) String() string { return schedulerNames[s] }

// ring is the streams that may send, in the order of their turns. A stream stands in it
// once.
type ring struct{ first, last *Stream }

func (r *ring) push(s *Stream) {
	switch {
	case s.queued:
		return
	case r.first == nil:
		r.first = s
	default:
		r.last.next = s
	}
	r.last, s.queued = s, true
}

// take removes the stream whose turn it is. There must be one.
func (r *ring) take(by Scheduler) *Stream {
	before := (*Stream)(nil)
	if by == OldestFirst {
		before = r.beforeOldest()
	}
	s := r.first
	if before != nil {
		s = before.next
		before.next = s.next
	} else {
		r.first = s.next
	}
	if r.last == s {
		r.last = before
	}
	s.next, s.queued = nil, false
	return s
}

// beforeOldest is the stream before the one that was opened first, nil if that stands
// at the head. Streams are numbered as they are opened (5.1.1).
func (r *ring) beforeOldest() (before *Stream) {
	oldest := r.first
	for s := r.first; s.next != nil; s = s.next {
		if s.next.id < oldest.id {
			before, oldest = s, s.next
		}
	}
	return before
}
