package peer

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"flowlab/flow"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// linger is how long a side that found a connection error goes on, so that its GOAWAY
// arrives: closing at once would make TCP throw it away with a reset.
const linger = time.Second

// Conn is one side of a connection. Its methods may be called from any goroutine, but
// not from Config.OnFrame.
type Conn struct {
	side    flow.Side
	conn    net.Conn
	gate    *gate
	framer  *http2.Framer
	handler Handler
	onFrame func(FrameRecord)

	mu     sync.Mutex
	wake   sync.Cond // of the goroutine that writes
	knobs  Knobs
	broken rules
	rate   float64 // of reading, for streams to come

	// What this side sends.
	pending []byte // frames in their final order, not yet handed to the socket
	send    window
	ignored int64 // credit that came while IgnoreWindowUpdate was broken
	peer    limits
	held    [][]http2.Setting // the other side's SETTINGS, not yet in force
	ready   ring              // streams with something to send, and credit of their own
	encoder *hpack.Encoder
	block   bytes.Buffer
	frames  [2]int64 // sent and received
	sending sending

	// What it receives.
	recv      window
	consumed  int64 // bytes that the applications of all streams have read
	debt      debt
	connShare int64 // the connection's window, as a threshold's share is taken of it
	mine      limits
	unacked   [][]http2.Setting // this side's SETTINGS, not yet acknowledged
	decoder   *hpack.Decoder
	partial   headerBlock
	current   received
	unsettled bool // credit was due while too much waited to be written
	settings  bool // the other side's first SETTINGS have come

	streams   map[uint32]*Stream
	closed    closedStreams
	waiting   []*Stream // for the stream limit, in their order
	nextID    uint32    // of the next stream that this side opens
	lastID    uint32    // the highest that the other side opened
	open      int       // the client's streams that are open or half-closed
	goneAway  *uint32   // the last stream that this side's GOAWAY lets through
	away      error     // the other side's GOAWAY
	pings     map[[8]byte]*ping
	pingCount uint64

	ending bool
	err    error
	first  chan struct{} // closed when the other side's first SETTINGS are in force
}

// New returns a side of a connection. Its first frames are written as soon as it runs.
// A server calls the handler for each request; a client has none.
func New(side flow.Side, conn net.Conn, config Config, handler Handler) (*Conn, error) {
	if err := config.Knobs.check(); err != nil {
		return nil, err
	}
	if err := checkSettings(config.Settings); err != nil {
		return nil, err
	}
	if config.ConnWindow > maxWindow {
		return nil, fmt.Errorf("a connection window of %d bytes: the largest is %d", config.ConnWindow, maxWindow)
	}
	if (side == flow.Server) != (handler != nil) {
		return nil, errors.New("a server has a handler, and a client has none")
	}
	c := &Conn{
		side: side, conn: conn, gate: newGate(conn), handler: handler, onFrame: config.OnFrame,
		knobs: config.Knobs, rate: Unlimited,
		send: window{size: defaultWindow}, recv: window{size: defaultWindow},
		peer: defaults, mine: defaults, connShare: max(defaultWindow, int64(config.ConnWindow)),
		decoder: hpack.NewDecoder(defaults.table, nil),
		streams: make(map[uint32]*Stream), pings: make(map[[8]byte]*ping),
		first: make(chan struct{}), nextID: 2,
	}
	c.wake.L = &c.mu
	c.sending = sending{below: config.Below, cause: flow.Application}
	c.note()
	c.encoder = hpack.NewEncoder(&c.block)
	for _, r := range config.Break {
		c.broken |= 1 << r
	}
	buffer := config.ReadBuffer
	if buffer <= 0 {
		buffer = 64 << 10
	}
	c.framer = http2.NewFramer(outbox{c}, bufio.NewReaderSize(c.gate, buffer))
	c.framer.AllowIllegalWrites = true // rules can be broken
	c.framer.SetReuseFrames()
	c.begin(config)
	return c, nil
}

// begin puts what goes first into the side's bytes (RFC 9113 3.4).
func (c *Conn) begin(config Config) {
	first := config.Settings
	if c.side == flow.Client {
		c.nextID = 1
		c.pending = append(c.pending, http2.ClientPreface...)
		first = append([]http2.Setting{{ID: http2.SettingEnablePush, Val: 0}}, first...)
	}
	c.sendSettings(first)
	if extra := int64(config.ConnWindow) - defaultWindow; extra > 0 {
		c.grant(nil, extra)
	}
}

// Run reads and writes until the connection ends, or until ctx is done, which is no
// error, as Close is none. It ends with everything that it started.
func (c *Conn) Run(ctx context.Context) error {
	defer context.AfterFunc(ctx, c.Close)()
	written := make(chan struct{})
	go func() {
		defer close(written)
		c.write(ctx)
	}()
	c.over(ctx, c.read())
	io.Copy(io.Discard, c.gate) // until the other side has closed, or the time is up
	<-written
	c.conn.Close()
	return c.release()
}

// Close ends the connection at once. Frames that were not yet written are lost.
func (c *Conn) Close() {
	c.mu.Lock()
	c.stop(nil, time.Unix(1, 0))
	c.mu.Unlock()
	c.conn.Close()
}

// over ends the connection because reading or writing did. Once ctx is done that is no
// error: the other side may have been closed a moment before this one.
func (c *Conn) over(ctx context.Context, err error) {
	if ctx.Err() != nil {
		err = nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fail(err)
}

// fail ends the connection for a reason. If this side found an error, it says so
// (RFC 9113 5.4.1).
func (c *Conn) fail(err error) {
	if c.ending {
		return
	}
	var found *ConnError
	if errors.As(err, &found) {
		c.framer.WriteGoAway(c.lastAccepted(), found.Code, []byte(found.Reason))
	}
	c.stop(err, time.Now().Add(linger))
}

// stop ends the connection; what it was first stopped for is what Run returns.
func (c *Conn) stop(err error, deadline time.Time) {
	if c.ending {
		return
	}
	c.note()
	c.ending, c.err = true, err
	c.gate.end(deadline)
	c.wake.Broadcast()
}

// release lets go of whoever waits for something that will not happen any more.
func (c *Conn) release() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	// A GOAWAY tells more than the socket's error that it led to.
	var found, away *ConnError
	if errors.As(c.away, &away) && away.Code != http2.ErrCodeNo && !errors.As(c.err, &found) && c.err != nil {
		c.err = away
	}
	if errors.Is(c.err, io.EOF) {
		c.err = nil
	}
	why := c.err
	if why == nil {
		why = errClosed
	}
	for _, s := range c.streams {
		s.over(why)
	}
	for _, s := range c.waiting {
		s.over(why)
	}
	c.waiting = nil
	clear(c.streams)
	for data, p := range c.pings {
		close(p.answered)
		delete(c.pings, data)
	}
	return c.err
}

var errClosed = errors.New("the connection is closed")

// Ready is closed when the other side's first SETTINGS are in force. A client that
// opens streams before does so on the defaults of RFC 9113 6.5.2.
func (c *Conn) Ready() <-chan struct{} { return c.first }

// Set turns knobs. What they were is what turn is given; it must not call the
// connection.
func (c *Conn) Set(turn func(*Knobs)) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	knobs := c.knobs
	turn(&knobs)
	if err := knobs.check(); err != nil {
		return err
	}
	c.knobs = knobs
	for !knobs.HoldAck && len(c.held) > 0 && !c.ending {
		c.acknowledge()
	}
	c.settleAll()
	c.kickAll()
	return nil
}

// SetReadRate changes the rate at which the applications of streams to come read, in
// bytes a second; see Stream.SetReadRate. It is Unlimited at first.
func (c *Conn) SetReadRate(rate float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rate = rate
}

// Break breaks a rule from now on.
func (c *Conn) Break(r Rule) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.broken |= 1 << r
	c.kickAll()
	c.openWaiting()
}

// Obey keeps a rule from now on.
func (c *Conn) Obey(r Rule) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.broken &^= 1 << r
	if r == IgnoreWindowUpdate {
		c.ignored = 0
		for _, s := range c.streams {
			s.ignored = 0
		}
	}
	c.kickAll()
}

// StopReading leaves the socket alone, until ResumeReading: TCP's window closes while
// those of HTTP/2 stay as they are. A frame that is being processed is finished.
func (c *Conn) StopReading() { c.gate.close() }

// ResumeReading reads from the socket again.
func (c *Conn) ResumeReading() { c.gate.open() }

// ConnError is why a connection ended.
type ConnError struct {
	Code   http2.ErrCode
	Reason string
	ByPeer bool // the other side said so, in a GOAWAY
}

func (e *ConnError) Error() string {
	by := "found here"
	if e.ByPeer {
		by = "from the peer"
	}
	return fmt.Sprintf("connection error %v %s: %s", e.Code, by, e.Reason)
}

// StreamError is why a stream was reset.
type StreamError struct {
	Stream uint32
	Code   http2.ErrCode
	ByPeer bool // the other side said so, in a RST_STREAM
}

func (e *StreamError) Error() string {
	by := "here"
	if e.ByPeer {
		by = "by the peer"
	}
	return fmt.Sprintf("stream %d was reset %s: %v", e.Stream, by, e.Code)
}
