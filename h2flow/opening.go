package h2flow

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"

	"flowlab/flow"
)

const (
	// mostHeld is how many bytes of a side are kept until the protocol is known.
	mostHeld = 64 << 10
	// mostSearched is in how many bytes of a side frames are looked for.
	mostSearched = 256 << 10
)

// opening is what is kept until it is known what a connection speaks.
type opening struct {
	held     [2][]byte
	missed   [2]int64
	finders  [2]*Finder // where the beginning was not seen
	settings Values     // of the client, with that
}

// open looks at the first bytes.
func (c *Conn) open(from flow.Side, b []byte, t flow.Time, events []Event) []Event {
	o := &c.opening
	if o.finders[0] != nil {
		return c.search(from, b, t, events)
	}
	o.held[from] = append(o.held[from], b...)
	client := o.held[flow.Client]
	switch {
	case o.missed[flow.Client] == 0 && isPrefix(client, Preface):
		if len(client) < len(Preface) && len(o.held[flow.Server]) < mostHeld {
			return events
		}
		if len(client) >= len(Preface) {
			server := 0
			if at, done := c.granted(o.held[flow.Server]); done {
				server = at // the request for the upgrade was not seen
			}
			return c.begin(t, len(Preface), server, o.missed[flow.Server] == 0, events)
		}
	case len(client) == 0 && o.missed[flow.Client] == 0 && maySettle(o.held[flow.Server]):
		return events
	case o.missed == [2]int64{} && isRequest(client):
		asked, whole := c.asks(client)
		if asked && whole {
			if at, done := c.granted(o.held[flow.Server]); done && at > 0 {
				return c.upgraded(t, at, events)
			} else if !done && len(o.held[flow.Server]) < mostHeld {
				return events
			}
		} else if !whole && len(client) < mostHeld && len(o.held[flow.Server]) == 0 {
			return events
		}
		c.end()
		return events
	}
	if c.beginning {
		c.end()
		return events
	}
	o.finders = [2]*Finder{new(Finder), new(Finder)}
	held := o.held
	o.held = [2][]byte{}
	for side, b := range held {
		events = c.Observe(flow.Side(side), b, t, events)
	}
	return events
}

// miss enters missing bytes.
func (o *opening) miss(c *Conn, from flow.Side, n int64, t flow.Time, events []Event) []Event {
	o.missed[from] += n
	if f := o.finders[from]; f != nil {
		*f = Finder{offset: f.offset + n}
		return events
	}
	return c.open(from, nil, t, events)
}

// maySettle tells whether a server that speaks first may have sent the frame that it
// must begin with.
func maySettle(b []byte) bool {
	var head [headerLength]byte
	if copy(head[:], b) < headerLength || len(b) >= mostHeld {
		return len(b) < headerLength
	}
	_, ok := plausible(&head)
	return ok && Type(head[3]) == Settings || isPrefix(b, "HTTP/1.1 101") // the question was not seen
}

// isPrefix tells whether of two texts one is the beginning of the other.
func isPrefix(b []byte, text string) bool {
	n := min(len(b), len(text))
	return n > 0 && string(b[:n]) == text[:n]
}

// isRequest tells whether bytes may be the beginning of a request of HTTP/1.1.
func isRequest(b []byte) bool {
	for i, c := range b {
		if c == ' ' {
			return i > 2
		}
		if c < 'A' || c > 'Z' || i > 16 {
			return false
		}
	}
	return len(b) > 0
}

// Held is how many bytes are kept until it is known what the connection speaks.
func (c *Conn) Held() int { return len(c.opening.held[0]) + len(c.opening.held[1]) }

// GiveUp takes a connection for another protocol, if it is not known what it speaks.
func (c *Conn) GiveUp() {
	if c.protocol == Undecided {
		c.end()
	}
}

// end gives up: it is another protocol.
func (c *Conn) end() {
	c.protocol = Other
	c.opening = opening{}
}

// begin begins to read frames after so many bytes of the client and the server.
func (c *Conn) begin(t flow.Time, client, server int, whole bool, events []Event) []Event {
	held := c.opening.held
	missed := c.opening.missed
	c.protocol, c.Ledger = HTTP2, NewLedger(true)
	c.Ledger.partial = server > 0
	c.opening = opening{}
	for side, skip := range [2]int{client, server} {
		c.halves[side].base = int64(skip)
	}
	// The server's bytes come first: they were held for those of the client.
	if !whole {
		events = c.miss(flow.Server, missed[flow.Server], t, events)
	}
	events = c.read(flow.Server, held[flow.Server][server:], t, events)
	return c.read(flow.Client, held[flow.Client][client:], t, events)
}

// asks tells whether a request asks for h2c, and whether all of its header came. It
// takes in the settings that come with it.
func (c *Conn) asks(b []byte) (asked, whole bool) {
	header, _, whole := bytes.Cut(b, []byte("\r\n\r\n"))
	if !whole {
		return false, false
	}
	for line := range bytes.SplitSeq(header, []byte("\r\n")) {
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch string(bytes.ToLower(name)) {
		case "upgrade":
			asked = asked || bytes.Contains(bytes.ToLower(value), []byte("h2c"))
		case "http2-settings":
			c.opening.settings = decodeSettings(value)
		}
	}
	return asked, true
}

// decodeSettings reads the payload of a SETTINGS frame as it stands in a header (RFC
// 7540 3.2.1).
func decodeSettings(text []byte) (v Values) {
	b, err := base64.RawURLEncoding.DecodeString(string(bytes.TrimRight(text, "=")))
	if err != nil {
		return v
	}
	for ; len(b) >= 6; b = b[6:] {
		v.set(binary.BigEndian.Uint16(b), binary.BigEndian.Uint32(b[2:]))
	}
	return v
}

// granted looks for the answer that grants the upgrade. It returns where it ends, 0
// if it does not grant it, and whether all of it came.
func (c *Conn) granted(b []byte) (at int, done bool) {
	header, _, whole := bytes.Cut(b, []byte("\r\n\r\n"))
	if !whole {
		return 0, false
	}
	if !bytes.HasPrefix(header, []byte("HTTP/1.1 101")) {
		return 0, true
	}
	return len(header) + 4, true
}

// upgraded goes on as HTTP/2 after the answer. The request is stream 1, of which the
// client has nothing more to send, and the client begins with the preface.
func (c *Conn) upgraded(t flow.Time, at int, events []Event) []Event {
	settings, held := c.opening.settings, c.opening.held[flow.Client]
	header := bytes.Index(held, []byte("\r\n\r\n")) + 4
	c.protocol, c.Ledger = HTTP2, NewLedger(true)
	c.Ledger.Upgraded(&settings)
	s := c.Ledger.open(1, true, t)
	s.Halves[flow.Client].Ended, s.Halves[flow.Client].Finished = true, true
	server := c.opening.held[flow.Server]
	c.opening = opening{}
	c.halves[flow.Client].base, c.halves[flow.Client].preface = int64(header), len(Preface)
	c.halves[flow.Server].base = int64(at)
	events = append(events, Event{Kind: StreamOpened, From: flow.Client, Stream: 1, Time: t})
	events = c.read(flow.Server, server[at:], t, events)
	return c.read(flow.Client, held[header:], t, events)
}

// search looks for frames in both directions. Once they are found in one, the other
// is read as soon as they are found there too.
func (c *Conn) search(from flow.Side, b []byte, t flow.Time, events []Event) []Event {
	o := &c.opening
	f := o.finders[from]
	used, found := f.Find(b)
	if !found {
		if o.finders[0].Offset()+o.finders[1].Offset() > mostSearched {
			c.end()
		}
		return events
	}
	c.protocol, c.Ledger = HTTP2, NewLedger(false)
	for side := range c.halves {
		c.halves[side].finder = o.finders[side]
		c.halves[side].names.lose()
	}
	*o = opening{}
	events = c.resume(from, t, events)
	return c.read(from, b[used:], t, events)
}
