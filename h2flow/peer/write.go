package peer

import (
	"context"
	"encoding/binary"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// outbox takes the frames that the Framer makes, each by one call of Write. From here
// on their order is the order of this side's bytes.
type outbox struct{ c *Conn }

func (o outbox) Write(frame []byte) (int, error) {
	c := o.c
	if c.ending {
		return len(frame), nil
	}
	c.emit()
	c.pending = append(c.pending, frame...)
	c.record(true, http2.FrameHeader{
		Length:   uint32(frame[0])<<16 | uint32(frame[1])<<8 | uint32(frame[2]),
		Type:     http2.FrameType(frame[3]),
		Flags:    http2.Flags(frame[4]),
		StreamID: binary.BigEndian.Uint32(frame[5:9]) & (1<<31 - 1),
	}, nil)
	c.wake.Signal()
	return len(frame), nil
}

// write hands to the socket what is pending, and DATA as credit allows, until the
// connection ends.
func (c *Conn) write(ctx context.Context) {
	var out []byte
	for {
		c.mu.Lock()
		for !c.ending && len(c.pending) == 0 && !c.mayFill() {
			c.wake.Wait()
		}
		chunk := c.knobs.WriteChunk
		if !c.ending {
			c.fill(max(chunk, defaultChunk))
		}
		out, c.pending = c.pending, out[:0]
		if c.unsettled {
			c.settleAll()
		}
		ending := c.ending
		c.mu.Unlock()

		for rest := out; len(rest) > 0; {
			n := len(rest)
			if chunk > 0 {
				n = min(n, chunk)
			}
			n, err := c.conn.Write(rest[:n])
			if err != nil {
				c.over(ctx, err)
				return
			}
			rest = rest[n:]
		}
		if ending {
			c.closeWrite()
			return
		}
	}
}

// closeWrite lets the other side see the end behind the last frame.
func (c *Conn) closeWrite() {
	if half, ok := c.conn.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
		return
	}
	c.conn.Close()
}

// mayFill tells whether a stream can send DATA.
func (c *Conn) mayFill() bool { return c.ready.first != nil && c.usable() > 0 }

// fill adds DATA until a chunk is pending, a frame of the stream whose turn it is.
func (c *Conn) fill(chunk int) {
	for len(c.pending) < chunk && c.ready.first != nil {
		room := c.usable()
		if room <= 0 {
			return
		}
		s := c.ready.take(c.knobs.Scheduler)
		if s.maySend() {
			c.sendData(s, min(room, s.usable()))
		}
		if s.maySend() {
			c.ready.push(s)
		}
	}
}

// sendData sends one DATA frame, of at most room bytes.
func (c *Conn) sendData(s *Stream, room int64) {
	payload := min(room, int64(c.peer.frame))
	if c.knobs.DataSize > 0 {
		payload = min(payload, int64(c.knobs.DataSize))
	}
	padding := min(int64(c.knobs.Padding), max(1, payload-1))
	data := min(payload-padding, s.out.unsent)
	s.send.debit(data + padding)
	c.send.debit(data + padding)
	body := s.content(int(data))
	end := s.end && s.out.unsent == 0 && s.trailer == nil
	var pad []byte
	if padding > 0 {
		pad = zeros[:padding-1]
	}
	c.framer.WriteDataPadded(s.id, end, body, pad)
	switch {
	case end:
		c.sentEnd(s)
	case s.out.unsent == 0:
		c.finish(s)
	}
	if s.echo {
		s.consume() // there is room for more
	}
	stir(s.went)
}

var zeros [maxPadding]byte

// finish ends a stream that has nothing more to send.
func (c *Conn) finish(s *Stream) {
	if !s.end || s.ended || !s.begun || s.out.unsent > 0 {
		return
	}
	if s.trailer != nil {
		c.sendHeaders(s, s.trailer, true)
		return
	}
	c.framer.WriteData(s.id, true, nil)
	c.sentEnd(s)
}

// sentEnd notes that END_STREAM was sent.
func (c *Conn) sentEnd(s *Stream) {
	s.ended = true
	if s.remoteEnded {
		c.close(s, endedByBoth, nil)
	}
}

// sendHeaders sends a block of fields, in as many frames as it takes.
func (c *Conn) sendHeaders(s *Stream, fields []hpack.HeaderField, end bool) {
	if c.ending {
		return
	}
	c.block.Reset()
	for _, f := range fields {
		c.encoder.WriteField(f)
	}
	s.begun = true
	block := c.block.Bytes()
	for first := true; first || len(block) > 0; first = false {
		n := min(len(block), int(c.peer.frame))
		fragment, last := block[:n], n == len(block)
		block = block[n:]
		if first {
			c.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: s.id, BlockFragment: fragment, EndStream: end, EndHeaders: last})
		} else {
			c.framer.WriteContinuation(s.id, last, fragment)
		}
	}
	if end {
		c.sentEnd(s)
	}
}

// usable is how many bytes of DATA the connection lets this side send.
func (c *Conn) usable() int64 {
	if c.broken.has(SendBeyondWindow) {
		return maxWindow
	}
	n := c.send.size - c.ignored
	if c.broken.has(AssignCreditToUnopened) {
		for _, s := range c.waiting {
			n -= min(s.out.unsent, c.peer.window)
		}
	}
	return n
}

// usable is how many bytes the stream's window lets it send.
func (s *Stream) usable() int64 {
	c := s.c
	if c.broken.has(SendBeyondWindow) {
		return maxWindow
	}
	n := s.send.size - s.ignored
	if c.broken.has(IgnoreInitialWindow) {
		n -= c.peer.window - defaultWindow
	}
	return n
}

// maySend tells whether a stream has something to send, and credit of its own.
func (s *Stream) maySend() bool {
	return s.begun && !s.ended && s.out.unsent > 0 && s.usable() > 0
}

// kick lets a stream take its turns, if it may send.
func (c *Conn) kick(s *Stream) {
	c.note()
	if !s.maySend() {
		return
	}
	c.ready.push(s)
	c.wake.Signal()
}

func (c *Conn) kickAll() {
	for _, id := range c.ids() {
		c.kick(c.streams[id])
	}
	c.note()
	c.wake.Signal()
}
