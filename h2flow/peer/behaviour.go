package peer

// Handler decides what a server does with a request. It is called when the header has
// come, before any DATA of the stream is processed, on the goroutine that processes
// frames: it turns the stream's knobs and returns. What takes longer it leaves to a
// goroutine that ends when Stream.Done is closed.
type Handler func(*Stream)

// echoRoom is how much Echo has read and not yet sent before it waits.
const echoRoom = 64 << 10

// Echo answers with what it reads. It waits with reading while much of that is unsent.
func Echo(s *Stream) {
	c := s.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if s.writable() != nil {
		return
	}
	s.respond(200, nil)
	s.echo = true
	s.atEnd = func() {
		s.end = true
		c.finish(s)
	}
}

// Discard reads the whole request, and then answers that it did.
func Discard(s *Stream) { AnswerAfter(0)(s) }

// AnswerAfter reads the whole request, and then answers with so many bytes.
func AnswerAfter(n int64) Handler {
	return func(s *Stream) {
		c := s.c
		c.mu.Lock()
		defer c.mu.Unlock()
		s.atEnd = func() {
			if s.writable() == nil {
				s.respond(200, nil)
				s.out.add(Source{Bytes: n})
				s.end = true
				c.finish(s)
				c.kick(s)
			}
		}
	}
}

// NeverRead neither reads nor answers.
func NeverRead(s *Stream) { s.SetReadRate(0) }

// SendBytes answers at once with so many bytes, and reads the request meanwhile.
func SendBytes(n int64) Handler {
	return func(s *Stream) { s.Send(Source{Bytes: n, End: true}) }
}

// EarlyResponse answers at once with so many bytes, and never reads the request.
// RFC 9113 8.1 lets a server do so; it does not reset the stream, so that the client
// does not learn that it may stop.
func EarlyResponse(n int64) Handler {
	return func(s *Stream) {
		s.SetReadRate(0)
		s.Send(Source{Bytes: n, End: true})
	}
}
