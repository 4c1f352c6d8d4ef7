package peers

import (
	"math"

	"flowlab/tcpwin/endpoint"
)

// Endless is the number of bytes of a content without end.
const Endless = math.MaxInt64

// Unlimited is the rate of an application that never waits of its own.
var Unlimited = endpoint.Unlimited

// Content is what an application writes.
type Content struct {
	// Bytes is how many there are; gRPC's prefixes of messages are not counted. 0 is
	// none, Endless has no end.
	Bytes int64
	// Message is how many bytes a write has, which is a message where the call is one of
	// gRPC; 0 is 16,384. The last one may be shorter.
	Message int
	// Rate is in bytes a second; 0 does not write until it is turned.
	Rate float64
}

// Call is what a client opens.
type Call struct {
	Path string // that of the request; gRPC wants /service/method
	Content
	// Ends ends the request with the last byte of the content (END_STREAM, RFC 9113
	// 8.1). Without it the stream stays half open.
	Ends bool
	// ReadRate is how fast the client reads the answer, in bytes a second; 0 does not
	// read until it is turned.
	ReadRate float64
}

// When says when a server answers.
type When int

const (
	AtOnce When = iota // with the request's header
	AtEnd              // once the request has been read to its end
	Never              // not unless it is sent something, and then without an end
)

// Answer is what a server does with a call.
type Answer struct {
	When When
	Content
	// ReadRate is how fast the server reads the request, in bytes a second; 0 does not
	// read until it is turned.
	ReadRate float64
	// Echo writes back what is read, as it is read. The content is not written then.
	Echo bool
}
