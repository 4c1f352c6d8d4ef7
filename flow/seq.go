package flow

// Seq is a TCP sequence number. It wraps at 2^32, so two of them compare only
// if they are less than 2^31 apart (RFC 9293 3.4).
type Seq uint32

// Add returns the sequence number n bytes after s.
func (s Seq) Add(n int) Seq { return s + Seq(n) }

// Sub returns how many bytes s is after t; negative if it is before it.
func (s Seq) Sub(t Seq) int { return int(int32(s - t)) }

// Before tells whether s comes before t.
func (s Seq) Before(t Seq) bool { return int32(s-t) < 0 }

// After tells whether s comes after t.
func (s Seq) After(t Seq) bool { return int32(s-t) > 0 }
