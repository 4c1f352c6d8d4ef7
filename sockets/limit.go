package sockets

import (
	"slices"

	"flowlab/flow"
)

// What limits a socket that could send if its application wrote more: it leaves bytes
// unread, and so holds the other side, or there is nothing to say.
const (
	ownReader = "own-reader"
	nothing   = "nothing"
)

// limits are what tables call that which limits a socket: causes that the kernel's count
// tells, and the two that it does not have. One more, unknown, is of kernels that do not
// count.
var limits = []string{
	flow.ReceiveWindow.String(), flow.SendBuffer.String(), flow.Congestion.String(),
	flow.LossRecovery.String(), flow.Handshake.String(), ownReader, nothing,
}

// Limits are the names of what can limit a socket.
func Limits() []string { return slices.Clone(limits) }

// LimitOf names what limits a socket: the main cause, and bytes that its own application
// left unread.
func LimitOf(cause flow.Cause, unread int64) string {
	switch {
	case cause != flow.Application:
		return cause.String()
	case unread > 0:
		return ownReader
	}
	return nothing
}
