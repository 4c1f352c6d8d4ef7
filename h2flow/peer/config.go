package peer

import (
	"fmt"

	"flowlab/flow"

	"golang.org/x/net/http2"
)

// Config is how a side starts.
type Config struct {
	// Settings go out in the first frame, as they are and in this order. What is
	// not there has its default (RFC 9113 6.5.2): a window of 65,535 bytes, no
	// stream limit. A client says SETTINGS_ENABLE_PUSH 0 before them.
	Settings []http2.Setting
	// ConnWindow is the connection's window at the start, in bytes. What it has
	// above 65,535, the only size that HTTP/2 knows at first, is granted by a
	// WINDOW_UPDATE behind the SETTINGS; below, it means 65,535.
	ConnWindow uint32
	// ReadBuffer is the most that one read takes from the socket, in bytes, and so
	// how far this side reads ahead of what it has processed. 0 is 64 KiB.
	ReadBuffer int
	// Knobs can be turned later, by Conn.Set.
	Knobs Knobs
	// Break names the rules that are broken from the start.
	Break []Rule
	// Below, if not nil, is for how long each cause has held what is handed to the
	// socket, by its TCP's own account. Conn.Limits is made of it. It must not call the
	// connection or its streams.
	Below func() flow.Limits
	// OnFrame, if not nil, is called for each frame that was written or processed,
	// in that order, and before the next one is. It must return soon, and must not
	// call the connection or its streams.
	OnFrame func(FrameRecord)
}

// Knobs are what can be turned while a connection runs.
type Knobs struct {
	Credit Credit
	// Scheduler is which stream sends next.
	Scheduler Scheduler
	// Padding is how many bytes of padding each DATA frame has, with the octet that
	// tells its length: 0 to 256. A frame for which the window has less room has
	// less padding, so that it carries a byte at least; where there is room for a
	// single byte, that is padding.
	Padding int
	// DataSize is the most that the payload of a DATA frame has, in bytes, padding
	// included. 0 is as much as the other side's SETTINGS_MAX_FRAME_SIZE allows,
	// which is the limit in any case.
	DataSize int
	// WriteChunk is the most that is handed to the socket in one write, in bytes. 0
	// is no limit. Frames are gathered until there is as much, or 64 KiB if that is
	// more.
	WriteChunk int
	// HoldAck leaves the other side's SETTINGS without effect and unacknowledged,
	// until Conn.AckSettings or until it is turned off.
	HoldAck bool
}

// Credit is when a receiver gives credit back, by WINDOW_UPDATE.
type Credit struct {
	Stream When // the streams' windows
	Conn   When // the connection's window
	// Bytes is how many have to be owed for an update; or Share of the window, if
	// Bytes is 0. Where both are 0, an update goes out for whatever is owed. More
	// bytes than the window has stall the sender for good.
	Bytes int64
	Share float64
	// MaxUpdate is the most that one update grants, in bytes; 0 is no limit. What is
	// owed above it goes with later updates, of which there is at most one for each
	// DATA frame that arrives or is read.
	MaxUpdate int64
	// LeakReset keeps bytes of streams that were reset, which nobody will read any
	// more, from being credited to the connection.
	LeakReset bool
}

// When is what makes a receiver owe credit for a byte.
type When uint8

const (
	// AtRead: the application read it. As net/http for both windows, and grpc-go for
	// the streams'.
	AtRead When = iota
	// OnReceipt: it arrived. As grpc-go for the connection's window.
	OnReceipt
	// AfterMessage: the application has read the whole gRPC message it belongs to.
	// A stream whose content-type is not application/grpc is one message.
	AfterMessage
	// ByHand: nothing does. Only Conn.WindowUpdate grants credit.
	ByHand

	numWhens = int(ByHand) + 1
)

var whenNames = [numWhens]string{"at-read", "on-receipt", "after-message", "by-hand"}

func (w When) String() string { return whenNames[w] }

// ParseWhen returns the one of that name.
func ParseWhen(name string) (When, error) {
	for i, n := range whenNames {
		if n == name {
			return When(i), nil
		}
	}
	return 0, fmt.Errorf("unknown time of credit %q", name)
}

const (
	defaultWindow = 65_535    // RFC 9113 6.9.2
	maxWindow     = 1<<31 - 1 // 6.9.1
	minFrameSize  = 1 << 14   // 6.5.2
	maxFrameSize  = 1<<24 - 1
	defaultChunk  = 64 << 10
	maxPadding    = 256
)

// check returns what is wrong with the knobs.
func (k *Knobs) check() error {
	switch {
	case int(k.Scheduler) >= numSchedulers:
		return fmt.Errorf("unknown scheduler %d", k.Scheduler)
	case k.Padding < 0 || k.Padding > maxPadding:
		return fmt.Errorf("padding of %d bytes: it is 0 to %d, with its length octet", k.Padding, maxPadding)
	case k.DataSize < 0:
		return fmt.Errorf("DATA frames of %d bytes", k.DataSize)
	case k.WriteChunk < 0:
		return fmt.Errorf("writes of %d bytes", k.WriteChunk)
	case int(k.Credit.Stream) >= numWhens || int(k.Credit.Conn) >= numWhens:
		return fmt.Errorf("credit at an unknown time %d, %d", k.Credit.Stream, k.Credit.Conn)
	case k.Credit.Bytes < 0 || k.Credit.Share < 0 || k.Credit.MaxUpdate < 0:
		return fmt.Errorf("credit of fewer than 0 bytes: %d, %g, %d", k.Credit.Bytes, k.Credit.Share, k.Credit.MaxUpdate)
	}
	return nil
}
