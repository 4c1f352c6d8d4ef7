package scenarios

import (
	"fmt"

	"golang.org/x/net/http2"
)

// Action is something that an application does over HTTP/2 when the script says so:
// an [Open], a [Read], a [Send], a [Reset], a [Credit] or a [GoAway]. String says it
// as an English sentence without the full stop.
type Action interface {
	String() string
	// By is who does it.
	By() Role
}

// Open opens streams.
type Open struct {
	Path    string
	Count   int // of streams, at least 1
	Request Body
	Reads   ByteRate // at which the producer reads the answer; AsKnob if its knob says
	Answer  Answer
}

// Body is what an application sends on a stream.
type Body struct {
	Sends   Bytes    // Unlimited if it never ends
	Rate    ByteRate // at which it is written
	Message Bytes    // makes it gRPC messages of that size; 0 for bytes as they are
	Ends    bool     // the stream ends with the last byte
}

// AsKnob is the rate at which a role reads what nothing else is said of: that of
// its read-rate knob, also when that is turned.
const AsKnob ByteRate = -1

// Answer is what the consumer does with the requests of an [Open].
type Answer struct {
	When  Moment
	Body  Body     // what it sends, when it sends
	Reads ByteRate // at which it reads the request; AsKnob if its knob says
	Echo  bool     // it sends back what it reads, instead of a body
}

// Moment is when a request is answered.
type Moment uint8

const (
	AtEnd  Moment = iota // when the whole request was read
	AtOnce               // when its header has come
	Never
)

var momentNames = []string{"at-end", "at-once", "never"}

func (m Moment) String() string { return momentNames[m] }

// Read changes the rate at which a role reads streams.
type Read struct {
	Path string
	Role Role
	Rate ByteRate
}

// Send adds to what a role sends on streams.
type Send struct {
	Path    string
	From    Role
	Bytes   Bytes
	Message Bytes // of each gRPC message; 0 if they are as long as those before
}

// Reset ends streams with RST_STREAM.
type Reset struct {
	Path string
	From Role
	Code http2.ErrCode
}

// Credit grants credit by hand, with a WINDOW_UPDATE.
type Credit struct {
	Path  string // of the streams; empty for the connection's window
	From  Role
	Bytes Bytes
}

// GoAway sends GOAWAY.
type GoAway struct {
	From Role
	Last string // the path of the last stream that is processed; empty for none
	Code http2.ErrCode
}

func (Open) By() Role     { return Producer }
func (a Read) By() Role   { return a.Role }
func (a Send) By() Role   { return a.From }
func (a Reset) By() Role  { return a.From }
func (a Credit) By() Role { return a.From }
func (a GoAway) By() Role { return a.From }

func (a Open) String() string {
	what := a.Path
	if a.Count > 1 {
		what = fmt.Sprintf("%s %d times", a.Path, a.Count)
	}
	if a.Request.Sends == 0 {
		return "the producer opens " + what
	}
	return fmt.Sprintf("the producer opens %s and sends %s", what, a.Request.Sends)
}

func (a Read) String() string {
	if a.Rate == 0 {
		return fmt.Sprintf("the %s stops reading %s", a.Role, a.Path)
	}
	return fmt.Sprintf("the %s reads %s, at %s", a.Role, a.Path, a.Rate)
}

func (a Send) String() string {
	text := fmt.Sprintf("the %s sends %s more on %s", a.From, a.Bytes, a.Path)
	if a.Message > 0 {
		text += ", in messages of " + inBytes(a.Message)
	}
	return text
}

func (a Reset) String() string { return fmt.Sprintf("the %s resets %s: %v", a.From, a.Path, a.Code) }

func (a Credit) String() string {
	what := a.Path
	if what == "" {
		what = "the connection"
	}
	return fmt.Sprintf("the %s gives %s %s of credit", a.From, what, inBytes(a.Bytes))
}

func (a GoAway) String() string {
	last := "no stream"
	if a.Last != "" {
		last = a.Last
	}
	return fmt.Sprintf("the %s sends GOAWAY, %v: %s is the last that it processes", a.From, a.Code, last)
}
