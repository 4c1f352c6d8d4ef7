package diagnose

import (
	"errors"

	"flowlab/capture"
)

// Skipped counts the packets that gave no segment, by why.
type Skipped struct {
	NotTCP, Fragments, Cut, Malformed int64
}

// Count enters an error of [capture.Decoder.Decode].
func (s *Skipped) Count(err error) {
	switch {
	case errors.Is(err, capture.ErrFragment):
		s.Fragments++
	case errors.Is(err, capture.ErrTruncated):
		s.Cut++
	case errors.Is(err, capture.ErrMalformed):
		s.Malformed++
	default:
		s.NotTCP++
	}
}

// Total is how many there were.
func (s *Skipped) Total() int64 { return s.NotTCP + s.Fragments + s.Cut + s.Malformed }
