package h2flow

import (
	"fmt"

	"flowlab/flow"
)

// Kind is what an [Event] says.
type Kind uint8

const (
	// FrameBegun: the header of a frame was sent. DATA is withdrawn.
	FrameBegun Kind = iota
	// FrameEnded: all of a frame was sent, and it has been entered.
	FrameEnded
	// StreamOpened, StreamClosed: both by the frame that ended.
	StreamOpened
	StreamDone
	// Missed: bytes are missing. Value is how many.
	Missed
	// Resumed: a frame's beginning was found again, after bytes were missing or the
	// beginning was not seen. Value is how many bytes were passed over.
	Resumed

	// What follows breaks a rule of RFC 9113.

	// Overrun: DATA beyond the window (6.9.1). Value is by how many bytes at the least;
	// Stream is 0 if it is the connection's.
	Overrun
	// ZeroUpdate: a WINDOW_UPDATE of 0 (6.9).
	ZeroUpdate
	// Overflow: a window above 2^31-1 (6.9.1). Value is by how much at the least.
	Overflow
	// WrongLength: a frame's length is not what its type has (4.2). Value is the length.
	WrongLength
	// WrongStream: a frame on the connection that belongs on a stream, or the other
	// way round (6), or on a stream that is not open (5.1).
	WrongStream
	// TooManyStreams: a stream was opened beyond the limit (5.1.2). Value is the limit.
	TooManyStreams
	// WrongSetting: a value out of its range (6.5.2). Value is it.
	WrongSetting
	// LonePadding: padding that is longer than the frame (6.1).
	LonePadding
	// StrayAck: SETTINGS are acknowledged that were not sent (6.5.3).
	StrayAck
	// BrokenBlock: a header block is interrupted (4.3).
	BrokenBlock

	// NumKinds is how many kinds there are.
	NumKinds = int(BrokenBlock) + 1
)

var kindNames = [NumKinds]string{
	"frame-begun", "frame", "stream-opened", "stream-closed", "missed", "resumed",
	"overrun", "zero-update", "overflow", "wrong-length", "wrong-stream", "too-many-streams",
	"wrong-setting", "lone-padding", "stray-ack", "broken-block",
}

func (k Kind) String() string { return kindNames[k] }

// Violation tells whether the event breaks a rule.
func (k Kind) Violation() bool { return k >= Overrun }

// Event is one thing that bytes showed. From is who sent them.
type Event struct {
	Kind   Kind
	From   flow.Side
	Stream uint32
	Time   flow.Time
	Value  int64
	Frame  Frame // the frame that it is about, its fields set if it has ended
}

func (e *Event) String() string {
	switch e.Kind {
	case FrameBegun, FrameEnded:
		return e.Frame.String()
	case StreamOpened, StreamDone:
		return fmt.Sprintf("%v %d", e.Kind, e.Stream)
	case Overrun, Overflow:
		return fmt.Sprintf("%v of stream %d by %d bytes", e.Kind, e.Stream, e.Value)
	}
	return fmt.Sprintf("%v (%d) in %v", e.Kind, e.Value, &e.Frame)
}
