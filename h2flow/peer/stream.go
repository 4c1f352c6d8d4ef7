package peer

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"flowlab/flow"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// Unlimited is the rate of an application that never waits of its own.
var Unlimited = math.Inf(1)

// Stream is one request and its response, as one side sees it.
type Stream struct {
	c  *Conn
	id uint32 // 0 while it waits for the stream limit

	// What this side sends.
	send    window
	ignored int64               // credit that came while IgnoreWindowUpdate was broken
	opening []hpack.HeaderField // a request that waits
	method  string
	out     writer
	begun   bool // HEADERS were sent
	end     bool // END_STREAM is to follow what is unsent
	ended   bool // it was sent
	trailer []hpack.HeaderField
	next    *Stream // in the ring
	queued  bool

	// What it receives.
	recv        window
	debt        debt
	header      []hpack.HeaderField
	trailerIn   []hpack.HeaderField
	length      int64 // by content-length; -1 if it is not known
	counted     int64
	remoteEnded bool
	messages    *messages
	unread      int64
	readSoFar   int64
	wholeSoFar  int64
	started     bool // the application reads: a server's handler has returned
	rate        float64
	nextRead    time.Time
	timer       *time.Timer
	inputOver   bool
	atEnd       func() // when all was read; called with the connection locked
	echo        bool
	kept        bool          // for Pass
	stored      []byte        // what Echo read and has not sent, and what it or Pass has not read
	came, went  chan struct{} // hold a token when something has come, or was sent, since Pass looked

	gone      bool // it is closed
	why       error
	done      chan struct{}
	answered  chan struct{}
	readToEnd chan struct{}
}

func (c *Conn) newStream() *Stream {
	return &Stream{
		c: c, rate: c.rate, length: -1,
		came: make(chan struct{}, 1), went: make(chan struct{}, 1), done: make(chan struct{}), answered: make(chan struct{}), readToEnd: make(chan struct{}),
	}
}

// Request is what a client sends to open a stream.
type Request struct {
	Method    string
	Path      string
	Authority string
	Header    []hpack.HeaderField // behind the pseudo-header fields; names in lower case
	Body      Source              // Stream.Send can add to it, unless it ends the stream
	Keep      bool                // the answer is kept for Stream.Pass
}

// Open sends a request. While as many streams are open as the server allows the
// request waits, behind those that came before.
func (c *Conn) Open(r Request) (*Stream, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.side == flow.Server {
		return nil, errors.New("a server opens no streams")
	}
	if err := c.gone(); err != nil {
		return nil, err
	}
	if c.away != nil {
		return nil, c.away
	}
	s := c.newStream()
	s.started, s.method, s.kept = true, r.Method, r.Keep
	s.opening = append([]hpack.HeaderField{
		{Name: ":method", Value: r.Method}, {Name: ":scheme", Value: c.scheme()},
		{Name: ":authority", Value: r.Authority}, {Name: ":path", Value: r.Path},
	}, r.Header...)
	if err := checkFields(s.opening, requestFields); err != nil {
		return nil, err
	}
	s.out.add(r.Body)
	s.end = r.Body.End
	c.waiting = append(c.waiting, s)
	c.openWaiting()
	return s, nil
}

// scheme is "https" over TLS.
func (c *Conn) scheme() string {
	if _, secure := c.conn.(interface{ HandshakeContext(context.Context) error }); secure {
		return "https"
	}
	return "http"
}

// openWaiting opens streams while the limit allows it.
func (c *Conn) openWaiting() {
	for len(c.waiting) > 0 && !c.ending && (uint32(c.open) < c.peer.streams || c.broken.has(IgnoreStreamLimit)) {
		s := c.waiting[0]
		c.waiting = c.waiting[1:]
		s.id = c.nextID
		c.nextID += 2
		s.send.size, s.recv.size = c.peer.window, c.mine.window
		c.streams[s.id] = s
		c.open++
		c.sendHeaders(s, s.opening, s.end && s.out.unsent == 0 && s.trailer == nil)
		s.opening = nil
		c.finish(s)
		c.kick(s)
	}
	c.note()
	c.wake.Signal()
}

// limit is the server's stream limit that is in force.
func (c *Conn) limit() uint32 {
	if c.side == flow.Server {
		return c.mine.streams
	}
	return c.peer.streams
}

// mine tells whether this side opened the stream.
func (s *Stream) mine() bool { return s.c.side == flow.Client }

// gone is why nothing can be sent any more.
func (c *Conn) gone() error {
	switch {
	case !c.ending:
		return nil
	case c.err != nil:
		return c.err
	}
	return errClosed
}

// ID is the stream's number; 0 while it waits for the stream limit.
func (s *Stream) ID() uint32 {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	return s.id
}

// Header returns the fields that the other side sent: of the request at a server, of
// the response at a client, where they are there once Answered is closed.
func (s *Stream) Header() []hpack.HeaderField {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	return s.header
}

// Trailer returns the fields that came behind the body, if there were any.
func (s *Stream) Trailer() []hpack.HeaderField {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	return s.trailerIn
}

// Value returns the first field of that name, of those that Header returns.
func (s *Stream) Value(name string) string {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	return s.value(name)
}

func (s *Stream) value(name string) string {
	for _, f := range s.header {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

// Answered is closed when a client has received the response's header.
func (s *Stream) Answered() <-chan struct{} { return s.answered }

// ReadToEnd is closed when the application has read all that the other side sent.
func (s *Stream) ReadToEnd() <-chan struct{} { return s.readToEnd }

// Done is closed when the stream is closed.
func (s *Stream) Done() <-chan struct{} { return s.done }

// Err is why the stream was closed; nil while it is open, and if both sides ended it.
func (s *Stream) Err() error {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	return s.why
}

// Send adds to what the application writes. At a server it sends the header of a
// response with status 200 first, if none was sent.
func (s *Stream) Send(src Source) error {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	if err := s.writable(); err != nil {
		return err
	}
	s.respond(200, nil)
	s.out.add(src)
	if src.End {
		s.end = true
		s.c.finish(s)
	}
	s.c.kick(s)
	return nil
}

// Respond sends the header of a server's response.
func (s *Stream) Respond(status int, fields ...hpack.HeaderField) error {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	if err := s.writable(); err != nil {
		return err
	}
	if s.begun {
		return fmt.Errorf("stream %d has sent its header", s.id)
	}
	s.respond(status, fields)
	return nil
}

func (s *Stream) respond(status int, fields []hpack.HeaderField) {
	if s.begun || s.mine() {
		return
	}
	header := append([]hpack.HeaderField{{Name: ":status", Value: strconv.Itoa(status)}}, fields...)
	s.c.sendHeaders(s, header, false)
}

// End ends what this side sends, behind what is unsent, with trailers if there are any.
func (s *Stream) End(trailers ...hpack.HeaderField) error {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	if err := s.writable(); err != nil {
		return err
	}
	s.respond(200, nil)
	s.end = true
	if len(trailers) > 0 {
		s.trailer = trailers
	}
	s.c.finish(s)
	return nil
}

// writable is why the application cannot write.
func (s *Stream) writable() error {
	switch {
	case s.why != nil:
		return s.why
	case s.end:
		return fmt.Errorf("stream %d has ended what it sends", s.id)
	case s.echo:
		return fmt.Errorf("stream %d sends back what it reads", s.id)
	}
	return s.c.gone()
}

// Reset ends the stream at once with RST_STREAM. With CANCEL it is what an application
// does that has lost its interest.
func (s *Stream) Reset(code http2.ErrCode) error {
	c := s.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if s.gone {
		return fmt.Errorf("stream %d is closed", s.id)
	}
	if s.id == 0 {
		for i, w := range c.waiting {
			if w == s {
				c.waiting = append(c.waiting[:i:i], c.waiting[i+1:]...)
			}
		}
		s.over(&StreamError{Code: code})
		c.kickAll() // what AssignCreditToUnopened held for it
		return nil
	}
	c.reset(s.id, code)
	return nil
}

// reset ends a stream with RST_STREAM, also one that is closed.
func (c *Conn) reset(id uint32, code http2.ErrCode) {
	c.framer.WriteRSTStream(id, code)
	if s := c.streams[id]; s != nil {
		s.abandon()
		c.close(s, resetHere, &StreamError{Stream: id, Code: code})
	}
}

// abandon drops what the application has not read, and credits it to the connection.
func (s *Stream) abandon() {
	c := s.c
	if c.knobs.Credit.LeakReset {
		c.debt.leak(s.debt.got - s.debt.read)
	} else {
		c.debt.read += s.debt.got - s.debt.read
		c.debt.whole += s.debt.got - s.debt.whole
	}
	s.debt.read, s.debt.whole = s.debt.got, s.debt.got
	s.unread, s.stored, s.messages = 0, nil, nil
	s.inputOver = true
	c.settle(nil)
}

// close takes a stream out of the connection.
func (c *Conn) close(s *Stream, how closing, why error) {
	delete(c.streams, s.id)
	c.closed.add(s.id, how)
	c.open--
	s.over(why)
	if how != endedByBoth && s.timer != nil {
		s.timer.Stop()
	}
	c.openWaiting()
}

// over tells whoever waits for the stream that it is closed.
func (s *Stream) over(why error) {
	s.gone, s.why, s.ended = true, why, true
	s.out = writer{}
	close(s.done)
}

// closing is how a stream was closed: what may still come on it depends on that (5.1).
type closing uint8

const (
	forgotten closing = iota
	endedByBoth
	resetHere
	resetByPeer
)

// remembered is of how many closed streams it is known how they were closed.
const remembered = 1 << 10

type closedStreams struct {
	how   map[uint32]closing
	order []uint32
}

func (r *closedStreams) add(id uint32, how closing) {
	if r.how == nil {
		r.how = make(map[uint32]closing)
	}
	if len(r.order) == remembered {
		delete(r.how, r.order[0])
		r.order = r.order[1:]
	}
	r.how[id] = how
	r.order = append(r.order, id)
}
