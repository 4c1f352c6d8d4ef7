package peer

import (
	"math"
	"time"
)

// SetReadRate changes how fast the application reads, in bytes a second; 0 stops it,
// Unlimited reads whatever comes at once.
func (s *Stream) SetReadRate(rate float64) {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	s.rate, s.nextRead = rate, time.Now()
	if s.timer != nil {
		s.timer.Stop()
	}
	s.consume()
}

// start lets the application read, once the handler has decided how.
func (s *Stream) start() {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	s.started = true
	s.consume()
}

// arrived takes the content of a DATA frame.
func (s *Stream) arrived(data []byte, padding int64, end bool) {
	c, n := s.c, int64(len(data))
	if !c.broken.has(NeverCreditPadding) {
		s.debt.settled(padding)
		c.debt.settled(padding)
	}
	s.debt.got += n
	c.debt.got += n
	s.unread += n
	if s.messages != nil {
		s.messages.feed(data)
	}
	if s.echo || s.kept {
		s.stored = append(s.stored, data...)
	}
	s.remoteEnded = s.remoteEnded || end
	stir(s.came)
	if !s.consume() {
		c.settle(s) // what is due on receipt
	}
	if s.remoteEnded && s.ended && !s.gone {
		c.close(s, endedByBoth, nil)
	}
}

// slice is how long an application at a rate reads at a time.
const slice = 5 * time.Millisecond

// consume lets the application read what it reads now, gives credit back for it, and
// sets the time at which it goes on. It is false if nothing was read.
func (s *Stream) consume() (read bool) {
	if !s.started || s.inputOver || s.c.ending {
		return false
	}
	for n := s.readable(); n > 0 && s.rate > 0; n = s.readable() {
		if math.IsInf(s.rate, 1) {
			s.take(n)
			read = true
			break
		}
		if wait := time.Until(s.nextRead); wait > 0 {
			s.arm(wait)
			break
		}
		n = min(n, max(1, int64(s.rate*slice.Seconds())))
		s.charge(n)
		s.take(n)
		read = true
	}
	ends := s.remoteEnded && s.unread == 0
	if ends {
		s.inputOver = true
		s.whole(s.debt.got - s.debt.whole) // the end completes what was one message
	}
	if read || ends {
		s.c.settle(s)
	}
	if ends {
		close(s.readToEnd)
		stir(s.came)
		if s.atEnd != nil {
			s.atEnd()
		}
	}
	return read || ends
}

// readable is how much the application can read: none of what Pass reads, and one that sends back what it reads
// does not read on while much of it is unsent.
func (s *Stream) readable() int64 {
	if s.kept {
		return 0
	}
	if !s.echo {
		return s.unread
	}
	return min(s.unread, max(0, echoRoom-s.out.unsent))
}

// charge notes bytes that are read at a rate. Time that was not used is lost, but a
// late timer is made up for.
func (s *Stream) charge(n int64) {
	cost := time.Duration(float64(n) / s.rate * float64(time.Second))
	now := time.Now()
	if now.Sub(s.nextRead) > max(cost, 2*slice) {
		s.nextRead = now
	}
	s.nextRead = s.nextRead.Add(cost)
}

func (s *Stream) arm(wait time.Duration) {
	if s.timer != nil {
		s.timer.Reset(wait)
		return
	}
	s.timer = time.AfterFunc(wait, func() {
		s.c.mu.Lock()
		defer s.c.mu.Unlock()
		s.consume()
	})
}

// take is the application's reading of n bytes.
func (s *Stream) take(n int64) {
	s.unread -= n
	s.readSoFar += n
	s.c.consumed += n
	s.debt.read += n
	s.c.debt.read += n
	if s.messages != nil {
		if end := s.messages.through(s.readSoFar); end > 0 {
			s.whole(end - s.wholeSoFar)
			s.wholeSoFar = end
		}
	}
	if s.echo && !s.gone {
		s.out.unsent += n
		s.c.kick(s)
	}
}

func (s *Stream) whole(n int64) {
	s.debt.whole += n
	s.c.debt.whole += n
}

// content returns the next n bytes to send.
func (s *Stream) content(n int) []byte {
	if !s.echo {
		return s.out.next(n)
	}
	data := s.stored[:n]
	s.stored = s.stored[n:]
	s.out.unsent -= int64(n)
	return data
}
