package peer

import (
	"errors"
	"fmt"

	"flowlab/flow"

	"golang.org/x/net/http2"
)

// flood is how much may be pending before a side that makes this one write more is
// told to calm down (RFC 9113 10.5): answers to PING, SETTINGS and refused streams
// would pile up.
const flood = 1 << 20

func protocolError(format string, args ...any) error {
	return &ConnError{Code: http2.ErrCodeProtocol, Reason: fmt.Sprintf(format, args...)}
}

// read processes frames until the connection ends: by io.EOF if the other side closed
// it between two frames.
func (c *Conn) read() error {
	if c.side == flow.Server {
		if err := c.readPreface(); err != nil {
			return err
		}
	}
	for {
		c.gate.wait() // also what was read ahead is left alone
		h, err := c.framer.ReadFrameHeader()
		if err != nil {
			return c.explain(err)
		}
		if err := c.checkLength(h); err != nil {
			return err
		}
		f, err := c.framer.ReadFrameForHeader(h)
		opened, err := c.process(h, f, err)
		if err != nil {
			return err
		}
		if opened != nil {
			c.handler(opened)
			opened.start()
		}
	}
}

func (c *Conn) readPreface() error {
	preface := make([]byte, len(http2.ClientPreface))
	for n := 0; n < len(preface); {
		m, err := c.gate.Read(preface[n:])
		n += m
		if string(preface[:n]) != http2.ClientPreface[:n] {
			return protocolError("the connection begins with %q, which is not the preface", preface[:n])
		}
		if err != nil {
			return fmt.Errorf("read the preface: %w", err)
		}
	}
	return nil
}

// explain turns what the Framer returns into an error of this package.
func (c *Conn) explain(err error) error {
	var code http2.ConnectionError
	if !errors.As(err, &code) {
		return err
	}
	e := &ConnError{Code: http2.ErrCode(code), Reason: "a frame that is malformed"}
	if detail := c.framer.ErrorDetail(); detail != nil {
		e.Reason = detail.Error()
	}
	return e
}

// checkLength finds frames that are too long (RFC 9113 4.2), or too short for the
// fields that their flags promise.
func (c *Conn) checkLength(h http2.FrameHeader) error {
	c.mu.Lock()
	longest := c.longest()
	c.mu.Unlock()
	least := uint32(0)
	switch {
	case h.Type == http2.FrameData && h.Flags.Has(http2.FlagDataPadded):
		least = 1
	case h.Type == http2.FrameHeaders:
		if h.Flags.Has(http2.FlagHeadersPadded) {
			least++
		}
		if h.Flags.Has(http2.FlagHeadersPriority) {
			least += 5
		}
	}
	if h.Length > longest || h.Length < least {
		return &ConnError{Code: http2.ErrCodeFrameSize, Reason: fmt.Sprintf("%v of %d bytes: it may have %d to %d", h.Type, h.Length, least, longest)}
	}
	return nil
}

// process takes one frame, or what the Framer found wrong with it. It returns the
// stream that the frame opened, and the error that ends the connection.
func (c *Conn) process(h http2.FrameHeader, f http2.Frame, wrong error) (opened *Stream, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ending {
		if away, ok := f.(*http2.GoAwayFrame); ok {
			c.processGoAway(away)
		}
		return nil, nil // until the other side has closed, or the time is up
	}
	c.current = received{due: true, header: h, stream: c.streams[h.StreamID]}
	defer c.emit()
	if h.Type == http2.FrameData {
		c.recv.debit(int64(h.Length)) // whatever becomes of it and of its stream (6.9)
	}
	if wrong != nil {
		return nil, c.malformed(h, wrong)
	}
	if len(c.pending) > flood {
		return nil, &ConnError{Code: http2.ErrCodeEnhanceYourCalm, Reason: fmt.Sprintf("%d bytes of answers wait to be read", len(c.pending))}
	}
	if settings, ok := f.(*http2.SettingsFrame); !c.settings && (!ok || settings.IsAck()) {
		return nil, protocolError("the first frame is %v, not SETTINGS", h.Type)
	}
	switch f := f.(type) {
	case *http2.DataFrame:
		return nil, c.processData(f)
	case *http2.HeadersFrame:
		c.partial = headerBlock{stream: h.StreamID, end: f.StreamEnded()}
		return c.processBlock(f.HeaderBlockFragment(), f.HeadersEnded())
	case *http2.ContinuationFrame:
		return c.processBlock(f.HeaderBlockFragment(), f.HeadersEnded())
	case *http2.SettingsFrame:
		return nil, c.processSettings(f)
	case *http2.WindowUpdateFrame:
		return nil, c.processUpdate(f)
	case *http2.RSTStreamFrame:
		return nil, c.processReset(f)
	case *http2.PingFrame:
		c.processPing(f)
	case *http2.GoAwayFrame:
		c.processGoAway(f)
	case *http2.PushPromiseFrame:
		return nil, protocolError("PUSH_PROMISE, which SETTINGS_ENABLE_PUSH 0 forbids")
	}
	return nil, nil // PRIORITY means nothing (9113 5.3.2), and unknown types are ignored (4.1)
}

// malformed is what becomes of a frame that the Framer did not parse.
func (c *Conn) malformed(h http2.FrameHeader, wrong error) error {
	var e http2.StreamError
	switch {
	case !errors.As(wrong, &e):
		return c.explain(wrong)
	case h.Type != http2.FrameWindowUpdate:
		return protocolError("%v whose padding is longer than its payload", h.Type) // 6.2
	case c.isIdle(h.StreamID):
		return protocolError("WINDOW_UPDATE on stream %d, which is idle", h.StreamID)
	}
	c.reset(h.StreamID, e.Code)
	return nil
}

func (c *Conn) processData(f *http2.DataFrame) error {
	h := f.Header()
	n := int64(h.Length)
	room := c.recv.size + n
	if n > 0 && n > room {
		return &ConnError{Code: http2.ErrCodeFlowControl, Reason: fmt.Sprintf("DATA of %d bytes, where the connection's window has %d", n, room)}
	}
	s := c.streams[h.StreamID]
	if s == nil {
		return c.strayData(h.StreamID, n)
	}
	room = s.recv.size + c.slack()
	s.recv.debit(n)
	data := f.Data()
	switch {
	case s.remoteEnded:
		c.discard(n)
		c.reset(s.id, http2.ErrCodeStreamClosed)
	case n > 0 && n > room:
		c.discard(n)
		c.reset(s.id, http2.ErrCodeFlowControl)
	case s.header == nil: // DATA before the response's HEADERS (8.1)
		c.discard(n)
		c.reset(s.id, http2.ErrCodeProtocol)
	case !s.count(int64(len(data)), f.StreamEnded()):
		c.discard(n)
		c.reset(s.id, http2.ErrCodeProtocol)
	default:
		s.arrived(data, n-int64(len(data)), f.StreamEnded())
	}
	return nil
}

// strayData is DATA on a stream that is not open.
func (c *Conn) strayData(id uint32, n int64) error {
	if c.isIdle(id) {
		return protocolError("DATA on stream %d, which is idle", id)
	}
	c.discard(n)
	switch c.closed.how[id] {
	case resetHere: // it was on its way (5.1)
	case endedByBoth:
		return &ConnError{Code: http2.ErrCodeStreamClosed, Reason: fmt.Sprintf("DATA on stream %d, which had ended", id)}
	default:
		c.framer.WriteRSTStream(id, http2.ErrCodeStreamClosed)
	}
	return nil
}

func (c *Conn) processUpdate(f *http2.WindowUpdateFrame) error {
	id, n := f.StreamID, int64(f.Increment)
	if id == 0 {
		if c.send.deposit(n); c.send.size > maxWindow {
			return &ConnError{Code: http2.ErrCodeFlowControl, Reason: fmt.Sprintf("WINDOW_UPDATE of %d makes the connection's window %d", n, c.send.size)}
		}
		if c.broken.has(IgnoreWindowUpdate) {
			c.ignored += n
		}
		c.wake.Signal()
		return nil
	}
	s := c.streams[id]
	if s == nil {
		if c.isIdle(id) {
			return protocolError("WINDOW_UPDATE on stream %d, which is idle", id)
		}
		return nil // it was on its way
	}
	if s.send.deposit(n); s.send.size > maxWindow {
		c.reset(id, http2.ErrCodeFlowControl)
		return nil
	}
	if c.broken.has(IgnoreWindowUpdate) {
		s.ignored += n
	}
	c.kick(s)
	return nil
}

func (c *Conn) processReset(f *http2.RSTStreamFrame) error {
	s := c.streams[f.StreamID]
	if s == nil {
		if c.isIdle(f.StreamID) {
			return protocolError("RST_STREAM on stream %d, which is idle", f.StreamID)
		}
		return nil
	}
	s.abandon()
	c.close(s, resetByPeer, &StreamError{Stream: s.id, Code: f.ErrCode, ByPeer: true})
	return nil
}

func (c *Conn) processPing(f *http2.PingFrame) {
	if !f.IsAck() {
		c.framer.WritePing(true, f.Data)
		return
	}
	if p := c.pings[f.Data]; p != nil {
		p.end()
		delete(c.pings, f.Data)
	}
}

// processGoAway ends the streams of this side that the other one will not process.
func (c *Conn) processGoAway(f *http2.GoAwayFrame) {
	c.away = &ConnError{Code: f.ErrCode, ByPeer: true, Reason: fmt.Sprintf("GOAWAY after stream %d %s", f.LastStreamID, f.DebugData())}
	for _, s := range c.waiting {
		s.over(c.away)
	}
	c.waiting = nil
	if c.side == flow.Client {
		c.closeAbove(f.LastStreamID, resetByPeer, c.away)
	}
}

// isIdle tells whether no stream of that number was opened yet (5.1).
func (c *Conn) isIdle(id uint32) bool {
	if (id%2 == 1) == (c.side == flow.Client) {
		return id >= c.nextID
	}
	return id > c.lastID
}
