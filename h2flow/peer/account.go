package peer

import (
	"maps"
	"slices"

	"golang.org/x/net/http2"
)

// Window is one account of credit.
type Window struct {
	Size   int64 // what may be sent now, in bytes; it can be negative
	Bytes  int64 // DATA since the start, padding included
	Credit int64 // granted by WINDOW_UPDATE since the start
}

func (w *window) account() Window { return Window{Size: w.size, Bytes: w.bytes, Credit: w.credit} }

// Direction is one direction of a connection as one side knows it.
type Direction struct {
	Conn    Window
	Initial int64 // the receiver's SETTINGS_INITIAL_WINDOW_SIZE in force
	Frames  int64 // of all types, written or processed
}

// Account is what one side knows of all windows.
type Account struct {
	Send    Direction // what this side has written
	Receive Direction // what it has processed
	Open    int       // the client's streams that are open or half-closed
	Waiting int       // a client's streams that wait for the limit
	Read    int64     // bytes that the applications of all streams have read
	Limit   uint32    // the server's SETTINGS_MAX_CONCURRENT_STREAMS in force
	Streams []StreamAccount
}

// StreamAccount is what one side knows of a stream.
type StreamAccount struct {
	ID            uint32
	Send, Receive Window
	Unsent        int64 // bytes that the application gave and that wait for credit; Endless if it never ends
	Unread        int64 // bytes that came and wait for the application to read
}

// Account returns the account now. Of the streams it has those that are not closed, in
// the order of their numbers.
func (c *Conn) Account() Account {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := Account{
		Send:    Direction{Conn: c.send.account(), Initial: c.peer.window, Frames: c.frames[0]},
		Receive: Direction{Conn: c.recv.account(), Initial: c.mine.window, Frames: c.frames[1]},
		Open:    c.open,
		Waiting: len(c.waiting),
		Read:    c.consumed,
		Limit:   c.limit(),
	}
	for _, id := range c.ids() {
		a.Streams = append(a.Streams, c.streams[id].account())
	}
	return a
}

// Account returns the stream's account now, or as it was when it was closed.
func (s *Stream) Account() StreamAccount {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	return s.account()
}

func (s *Stream) account() StreamAccount {
	return StreamAccount{ID: s.id, Send: s.send.account(), Receive: s.recv.account(), Unsent: s.out.unsent, Unread: s.unread}
}

// ids are the numbers of the streams that are not closed, in order.
func (c *Conn) ids() []uint32 { return slices.Sorted(maps.Keys(c.streams)) }

// FrameRecord is one frame, and this side's account of what it may send after it.
type FrameRecord struct {
	Sent   bool  // written by this side; else received and processed
	Index  int64 // of the frame in its direction, from 0; the client's preface is none
	Other  int64 // frames of the other direction that came before it, for this side
	Type   http2.FrameType
	Flags  http2.Flags
	Stream uint32
	Length int // of the payload, padding included

	ConnWindow   int64 // this side's to send, after the frame
	StreamWindow int64 // the same of the frame's stream; 0 where there is none, or not any more
}

// received is a frame that is being processed. Its record is due when what it
// changed has changed, and before a frame that answers it.
type received struct {
	due    bool
	header http2.FrameHeader
	stream *Stream
}

// emit records the frame that is being processed, once.
func (c *Conn) emit() {
	if c.current.due {
		c.current.due = false
		c.record(false, c.current.header, c.current.stream)
	}
}

func (c *Conn) record(sent bool, h http2.FrameHeader, s *Stream) {
	own, other := &c.frames[0], c.frames[1]
	if !sent {
		own, other = &c.frames[1], c.frames[0]
	}
	index := *own
	*own++
	c.note()
	if c.onFrame == nil {
		return
	}
	if s == nil {
		s = c.streams[h.StreamID]
	}
	r := FrameRecord{
		Sent: sent, Index: index, Other: other,
		Type: h.Type, Flags: h.Flags, Stream: h.StreamID, Length: int(h.Length),
		ConnWindow: c.send.size,
	}
	if s != nil {
		r.StreamWindow = s.send.size
	}
	c.onFrame(r)
}
