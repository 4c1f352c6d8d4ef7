// Package endpoint has the two applications of a transfer, over any net.Conn: a
// [Sender] that writes and a [Receiver] that reads, each at a rate and in
// pieces that can be turned while it runs. Both keep an exact account of what
// the application did, which is not what the wire shows: a byte that was
// written may still wait in the send buffer, and one that was acknowledged may
// still wait to be read.
//
// What the transport below knows is the network's to tell: see [Truth].
package endpoint

import "flowlab/flow"

// Truth is what the stack under a connection says of it. Each network of the
// lab implements it; the verdict that flowlab draws from packets is held
// against it.
type Truth interface {
	// Limits is how long the sending side has been held by each cause until
	// now, by the stack's own state.
	Limits(now flow.Time) flow.Limits
	// ReceiveQueue is how many bytes have come in order and wait to be read.
	ReceiveQueue() int
}
