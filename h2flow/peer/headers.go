package peer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"flowlab/flow"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// longestBlock is the most that a block of fields has on the wire, and mostFrames the
// most frames that it comes in; more is abuse (RFC 9113 10.5.1).
const (
	longestBlock = 256 << 10
	mostFrames   = 1 << 10
)

// headerBlock is a block of fields that has not come to its end.
type headerBlock struct {
	stream   uint32
	end      bool // END_STREAM
	fragment []byte
	frames   int
}

// processBlock takes a piece of a block, and the whole when its last piece is there.
func (c *Conn) processBlock(fragment []byte, last bool) (opened *Stream, err error) {
	b := &c.partial
	b.fragment = append(b.fragment, fragment...)
	b.frames++
	if len(b.fragment) > longestBlock || b.frames > mostFrames {
		return nil, &ConnError{Code: http2.ErrCodeEnhanceYourCalm, Reason: fmt.Sprintf("a header block of %d bytes in %d frames", len(b.fragment), b.frames)}
	}
	if !last {
		return nil, nil
	}
	// Also blocks that nobody wants change the state of the decoder (4.3).
	fields, err := c.decoder.DecodeFull(b.fragment)
	if err != nil {
		return nil, &ConnError{Code: http2.ErrCodeCompression, Reason: err.Error()}
	}
	id, end := b.stream, b.end
	c.partial = headerBlock{}
	s := c.streams[id]
	switch {
	case s == nil && c.side == flow.Server && c.isIdle(id):
		return c.request(id, fields, end)
	case s == nil:
		return nil, c.strayHeaders(id)
	case s.remoteEnded:
		c.reset(id, http2.ErrCodeStreamClosed)
	case s.header == nil:
		c.response(s, fields, end)
	case !end || checkFields(fields, trailerFields) != nil || !s.count(0, true):
		c.reset(id, http2.ErrCodeProtocol) // trailers end a stream (8.1)
	default:
		s.trailerIn = fields
		s.arrived(nil, 0, true)
	}
	return nil, nil
}

// strayHeaders is HEADERS on a stream that is not open.
func (c *Conn) strayHeaders(id uint32) error {
	how, known := c.closed.how[id]
	switch {
	case how == resetHere && known: // it was on its way (5.1)
	case how == resetByPeer && known:
		c.framer.WriteRSTStream(id, http2.ErrCodeStreamClosed)
	case known:
		return &ConnError{Code: http2.ErrCodeStreamClosed, Reason: fmt.Sprintf("HEADERS on stream %d, which had ended", id)}
	default:
		return protocolError("HEADERS on stream %d, which cannot be opened", id) // 5.1.1
	}
	return nil
}

// request opens the stream of a request.
func (c *Conn) request(id uint32, fields []hpack.HeaderField, end bool) (opened *Stream, err error) {
	if id%2 == 0 {
		return nil, protocolError("HEADERS on stream %d: a client's streams have odd numbers", id)
	}
	c.lastID = id
	if c.goneAway != nil && id > *c.goneAway {
		c.closed.add(id, resetHere) // nobody answers it (6.8)
		return nil, nil
	}
	s := c.newStream()
	s.id, s.header = id, fields
	s.send.size, s.recv.size = c.peer.window, c.mine.window
	s.readLength()
	code := http2.ErrCodeNo
	switch {
	case checkFields(fields, requestFields) != nil || !s.count(0, end):
		code = http2.ErrCodeProtocol
	case uint32(c.open) >= c.offered().streams:
		code = http2.ErrCodeRefusedStream
	}
	if code != http2.ErrCodeNo {
		c.framer.WriteRSTStream(id, code)
		c.closed.add(id, resetHere)
		return nil, nil
	}
	c.streams[id] = s
	c.open++
	s.expectMessages()
	s.remoteEnded = end
	return s, nil
}

// response takes the fields of a response, or of an interim one.
func (c *Conn) response(s *Stream, fields []hpack.HeaderField, end bool) {
	if checkFields(fields, responseFields) != nil {
		c.reset(s.id, http2.ErrCodeProtocol)
		return
	}
	if status := fields[0].Value; status[0] == '1' {
		if end {
			c.reset(s.id, http2.ErrCodeProtocol)
		}
		return
	}
	s.header = fields
	s.readLength()
	s.expectMessages()
	close(s.answered)
	if end {
		s.arrived(nil, 0, true)
	}
}

// readLength notes what content-length says of the body.
func (s *Stream) readLength() {
	s.length = -1
	if !s.lengthCounts() {
		return
	}
	if v := s.value("content-length"); v != "" {
		if n, err := strconv.ParseInt(v, 10, 64); err == nil && n >= 0 {
			s.length = n
		}
	}
}

// lengthCounts tells whether content-length says how much DATA comes: not in answers
// that have no content (RFC 9113 8.1.1).
func (s *Stream) lengthCounts() bool {
	return s.method != "HEAD" && s.value(":status") != "304"
}

// count adds DATA to what has come, and tells whether it agrees with content-length.
func (s *Stream) count(n int64, end bool) bool {
	s.counted += n
	return s.length < 0 || s.counted <= s.length && (!end || s.counted == s.length)
}

// expectMessages follows the messages of a gRPC body.
func (s *Stream) expectMessages() {
	if strings.HasPrefix(s.value("content-type"), "application/grpc") {
		s.messages = new(messages)
	}
}

// blockKind is what a block of fields is for.
type blockKind uint8

const (
	requestFields blockKind = iota
	responseFields
	trailerFields
)

// checkFields finds what makes a message malformed (RFC 9113 8.2, 8.3).
func checkFields(fields []hpack.HeaderField, kind blockKind) error {
	pseudo := make(map[string]string, 4)
	regular := false
	for _, f := range fields {
		if err := checkField(f); err != nil {
			return err
		}
		if !f.IsPseudo() {
			regular = true
			continue
		}
		if regular {
			return fmt.Errorf("%s comes after regular fields", f.Name)
		}
		if _, twice := pseudo[f.Name]; twice {
			return fmt.Errorf("%s comes twice", f.Name)
		}
		if !slices.Contains(pseudoNames[kind], f.Name) {
			return fmt.Errorf("%s does not belong here", f.Name)
		}
		pseudo[f.Name] = f.Value
	}
	switch {
	case kind == responseFields && !isStatus(pseudo[":status"]):
		return fmt.Errorf(":status is %q", pseudo[":status"])
	case kind != requestFields:
		return nil
	case pseudo[":method"] == "":
		return fmt.Errorf("no :method")
	case pseudo[":method"] == "CONNECT":
		if pseudo[":authority"] == "" || pseudo[":scheme"] != "" || pseudo[":path"] != "" {
			return fmt.Errorf("CONNECT has :authority, and neither :scheme nor :path") // 8.5
		}
	case pseudo[":scheme"] == "" || pseudo[":path"] == "":
		return fmt.Errorf(":scheme is %q and :path is %q", pseudo[":scheme"], pseudo[":path"])
	}
	return nil
}

var pseudoNames = [...][]string{
	requestFields:  {":method", ":scheme", ":authority", ":path"},
	responseFields: {":status"},
	trailerFields:  nil,
}

func isStatus(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && len(s) == 3 && n >= 100
}

// checkField finds names and values that HTTP/2 forbids (8.2.1, 8.2.2).
func checkField(f hpack.HeaderField) error {
	name := strings.TrimPrefix(f.Name, ":")
	if name == "" {
		return fmt.Errorf("a field has no name")
	}
	for _, b := range []byte(name) {
		if b <= ' ' || b >= 0x7f || b == ':' || 'A' <= b && b <= 'Z' {
			return fmt.Errorf("the name %q has octet %#x", f.Name, b)
		}
	}
	if strings.ContainsAny(f.Value, "\x00\r\n") || strings.Trim(f.Value, " \t") != f.Value {
		return fmt.Errorf("%s has a value that is not allowed", f.Name)
	}
	switch f.Name {
	case "connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade":
		return fmt.Errorf("%s belongs to HTTP/1.1", f.Name)
	case "te":
		if f.Value != "trailers" {
			return fmt.Errorf("te is %q: it can only be trailers", f.Value)
		}
	}
	return nil
}
