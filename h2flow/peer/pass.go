package peer

import (
	"context"
	"io"
)

// KeepForPass has what comes on a stream kept for Pass: no application reads it
// otherwise. It is for a server's handler; a client says it in its Request.
func (s *Stream) KeepForPass() {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	s.kept = true
}

// Pass does what a proxy does: it reads what comes on s, which must be kept for it, and
// sends it on another stream, of any connection. At most room bytes wait to be sent
// there; while so many do it does not read on. It returns nil at the end of what comes,
// which it does not pass on; else why one of the two streams is closed, or ctx is done.
func (s *Stream) Pass(ctx context.Context, to *Stream, room int64) error {
	for {
		free, err := to.room(room)
		if err != nil {
			return err
		}
		waitFor, moved := to, to.went
		if free > 0 {
			data, err := s.pull(free)
			switch {
			case err == io.EOF:
				return nil
			case err != nil:
				return err
			case len(data) > 0:
				if err := to.Send(Source{Bytes: int64(len(data)), content: data}); err != nil {
					return err
				}
				continue
			}
			waitFor, moved = s, s.came
		}
		select {
		case <-moved:
		case <-waitFor.done:
			if err := waitFor.Err(); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// room is how many more bytes may wait, where so many may at the most.
func (s *Stream) room(most int64) (int64, error) {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	return most - s.out.unsent, s.writable()
}

// pull reads up to so many bytes, none if none have come. The error is io.EOF at the end.
func (s *Stream) pull(most int64) ([]byte, error) {
	c := s.c
	c.mu.Lock()
	defer c.mu.Unlock()
	n := min(most, s.unread)
	data := append([]byte(nil), s.stored[:n]...)
	if n > 0 {
		s.stored = s.stored[n:]
		s.take(n)
	}
	if !s.consume() && n > 0 { // else the end was read
		c.settle(s)
	}
	switch {
	case n > 0:
		return data, nil
	case s.inputOver && s.why == nil:
		return nil, io.EOF
	case s.why != nil:
		return nil, s.why
	}
	return nil, nil
}

// stir wakes a Pass that waits for a stream.
func stir(moved chan struct{}) {
	select {
	case moved <- struct{}{}:
	default: // one token is enough
	}
}
