package h2flow

import (
	"flowlab/flow"
)

// Preface is what a client begins with (RFC 9113 3.4).
const Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

// Protocol is what a connection speaks.
type Protocol uint8

const (
	Undecided Protocol = iota
	HTTP2
	Other
)

// Conn reads both directions of a connection. See [NewConn].
type Conn struct {
	// Ledger is nil until the protocol is HTTP/2.
	Ledger *Ledger

	protocol  Protocol
	beginning bool
	halves    [2]half
	opening   opening
}

// half is how far one direction was read.
type half struct {
	reader  Reader
	finder  *Finder // while the beginning of a frame is looked for
	lost    int64   // bytes that were missing before that
	names   names
	block   uint32  // the stream whose header block is not whole, 0 for none
	data    *Stream // that of the DATA frame begun last, if it was known; it may be forgotten by now
	base    int64   // of the reader's offsets among the bytes of the direction
	preface int     // bytes of it that are still to come
}

// NewConn returns a connection whose first bytes come from its beginning or not.
func NewConn(beginning bool) *Conn { return &Conn{beginning: beginning} }

// Protocol tells what the connection speaks, as far as it is known.
func (c *Conn) Protocol() Protocol { return c.protocol }

// Reading returns the frame that is under way in one direction, and how many of its
// bytes have passed; nil between two frames, and where that is not known.
func (c *Conn) Reading(from flow.Side) (f *Frame, passed int64) {
	h := &c.halves[from]
	if c.protocol != HTTP2 || h.finder != nil || h.reader.Whole() || h.reader.have < headerLength {
		return nil, 0
	}
	return &h.reader.Frame, h.base + h.reader.offset - h.reader.Frame.Offset
}

// Observe enters the next bytes of a side, and appends what they show to events.
func (c *Conn) Observe(from flow.Side, b []byte, t flow.Time, events []Event) []Event {
	switch c.protocol {
	case Undecided:
		return c.open(from, b, t, events)
	case HTTP2:
		return c.read(from, b, t, events)
	}
	return events
}

// Miss enters that the next bytes of a side, so many, were not seen.
func (c *Conn) Miss(from flow.Side, n int64, t flow.Time, events []Event) []Event {
	switch c.protocol {
	case Undecided:
		c.beginning = false
		return c.opening.miss(c, from, n, t, events)
	case HTTP2:
		return c.miss(from, n, t, events)
	}
	return events
}

// read reads frames.
func (c *Conn) read(from flow.Side, b []byte, t flow.Time, events []Event) []Event {
	h := &c.halves[from]
	if h.preface > 0 {
		n := min(h.preface, len(b))
		h.preface -= n
		h.base += int64(n)
		b = b[n:]
	}
	if h.finder != nil {
		used, found := h.finder.Find(b)
		if b = b[used:]; !found {
			return events
		}
		events = c.resume(from, t, events)
	}
	for {
		n, step := h.reader.Next(b)
		b = b[n:]
		switch step {
		case More:
			return events
		case Begun:
			events = c.begun(from, t, events)
		case Piece:
			c.piece(from)
		case Ended:
			events = c.ended(from, t, events)
		}
	}
}

// resume goes on at a frame that was found.
func (c *Conn) resume(from flow.Side, t flow.Time, events []Event) []Event {
	h := &c.halves[from]
	passed := h.finder.Offset() - headerLength
	h.base += h.reader.offset + h.lost + passed
	head := h.finder.Head
	events = append(events, Event{Kind: Resumed, From: from, Time: t, Value: passed})
	c.Ledger.Miss(from, passed)
	h.finder, h.lost, h.reader = nil, 0, Reader{}
	if _, step := h.reader.Next(head[:]); step == Begun {
		events = c.begun(from, t, events)
	}
	return events
}

// miss enters bytes that were not seen. Those of a DATA frame that has begun change
// no window.
func (c *Conn) miss(from flow.Side, n int64, t flow.Time, events []Event) []Event {
	h := &c.halves[from]
	events = append(events, Event{Kind: Missed, From: from, Time: t, Value: n})
	if h.finder != nil {
		*h.finder = Finder{offset: h.finder.offset + n}
		return events
	}
	if h.preface > 0 {
		h.preface = 0
	} else if h.reader.passOver(n) {
		if s := c.Ledger.Stream(h.reader.Frame.Stream); s != nil {
			s.Halves[from].Messages.Lost = true
		}
		return events
	}
	h.names.lose()
	h.block, h.lost, h.finder = 0, n, new(Finder)
	c.Ledger.Miss(from, n)
	for s := range c.Ledger.Streams {
		s.Halves[from].Messages.Lost = true
	}
	return events
}

// begun enters a frame's header.
func (c *Conn) begun(from flow.Side, t flow.Time, events []Event) []Event {
	h := &c.halves[from]
	h.reader.Frame.Offset += h.base
	f := &h.reader.Frame
	if h.block != 0 && (f.Type != Continuation || f.Stream != h.block) || h.block == 0 && f.Type == Continuation {
		if !h.names.lost {
			events = append(events, Event{Kind: BrokenBlock, From: from, Stream: f.Stream, Time: t, Frame: *f})
		}
		h.block = 0
		h.names.lose()
	}
	events = append(events, Event{Kind: FrameBegun, From: from, Stream: f.Stream, Time: t, Frame: *f})
	events = c.Ledger.Begin(from, f, t, events)
	if f.Type == Data {
		h.data = c.Ledger.Stream(f.Stream)
	}
	return events
}

// piece enters payload.
func (c *Conn) piece(from flow.Side) {
	h := &c.halves[from]
	switch h.reader.Frame.Type {
	case Data:
		if s := h.data; s != nil && s.GRPC && s.Seen && s.ID == h.reader.Frame.Stream {
			s.Halves[from].Messages.take(h.reader.Piece)
		}
	case Headers, Continuation, PushPromise:
		h.names.read(h.reader.Piece)
	}
}

// ended enters a frame.
func (c *Conn) ended(from flow.Side, t flow.Time, events []Event) []Event {
	h := &c.halves[from]
	f := &h.reader.Frame
	events = append(events, Event{Kind: FrameEnded, From: from, Stream: f.Stream, Time: t, Frame: *f})
	events = c.Ledger.End(from, f, t, events)
	switch f.Type {
	case Headers, Continuation, PushPromise:
		if h.block = f.Stream; f.Flags.Has(EndHeaders) {
			h.block = 0
			c.named(from, f)
		}
	}
	return events
}

// named enters what a header block says of its stream.
func (c *Conn) named(from flow.Side, f *Frame) {
	of := c.halves[from].names.end()
	s := c.Ledger.Stream(f.Stream)
	if s == nil || f.Type == PushPromise {
		return
	}
	if of.path != "" && s.Path == "" {
		s.Path = of.path
	}
	s.GRPC = s.GRPC || of.grpc
	if h := &s.Halves[from]; h.Promised == 0 && h.Sent == 0 {
		h.Promised = of.length
	}
}
