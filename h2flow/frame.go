package h2flow

import "fmt"

// Type is a frame's type (RFC 9113 6). Others than those named are ignored, as 4.1
// asks.
type Type uint8

const (
	Data         Type = 0x0
	Headers      Type = 0x1
	Priority     Type = 0x2
	RSTStream    Type = 0x3
	Settings     Type = 0x4
	PushPromise  Type = 0x5
	Ping         Type = 0x6
	GoAway       Type = 0x7
	WindowUpdate Type = 0x8
	Continuation Type = 0x9
)

var typeNames = [...]string{
	"DATA", "HEADERS", "PRIORITY", "RST_STREAM", "SETTINGS", "PUSH_PROMISE", "PING",
	"GOAWAY", "WINDOW_UPDATE", "CONTINUATION",
}

func (t Type) String() string {
	if int(t) < len(typeNames) {
		return typeNames[t]
	}
	return fmt.Sprintf("type 0x%02x", uint8(t))
}

// Flags of a frame; which of them mean something depends on its type.
type Flags uint8

const (
	EndStream  Flags = 0x1  // DATA, HEADERS
	Ack        Flags = 0x1  // SETTINGS, PING
	EndHeaders Flags = 0x4  // HEADERS, PUSH_PROMISE, CONTINUATION
	Padded     Flags = 0x8  // DATA, HEADERS, PUSH_PROMISE
	HasWeight  Flags = 0x20 // HEADERS: five bytes of priority come first
)

// Has tells whether any of the flags is set.
func (f Flags) Has(g Flags) bool { return f&g != 0 }

// Code is why a stream or a connection ends (RFC 9113 7).
type Code uint32

const (
	NoError         Code = 0x0
	ProtocolError   Code = 0x1
	FlowControl     Code = 0x3
	SettingsTimeout Code = 0x4
	StreamClosed    Code = 0x5
	FrameSize       Code = 0x6
	RefusedStream   Code = 0x7
	Cancel          Code = 0x8
	EnhanceYourCalm Code = 0xb
)

var codeNames = [...]string{
	"NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR",
	"SETTINGS_TIMEOUT", "STREAM_CLOSED", "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL",
	"COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY",
	"HTTP_1_1_REQUIRED",
}

func (c Code) String() string {
	if int(c) < len(codeNames) {
		return codeNames[c]
	}
	return fmt.Sprintf("code 0x%x", uint32(c))
}

// Setting is the identifier of a setting (RFC 9113 6.5.2).
type Setting uint8

const (
	HeaderTableSize      Setting = 0x1
	EnablePush           Setting = 0x2
	MaxConcurrentStreams Setting = 0x3
	InitialWindowSize    Setting = 0x4
	MaxFrameSize         Setting = 0x5
	MaxHeaderListSize    Setting = 0x6

	numSettings = 7
)

// Values are the settings of a frame. Where one stands twice the last one counts.
type Values struct {
	value [numSettings]uint32
	given uint8 // a bit for each setting
}

// Get returns a setting, and whether it was given.
func (v *Values) Get(s Setting) (value uint32, given bool) {
	return v.value[s], v.given&(1<<s) != 0
}

func (v *Values) set(id uint16, value uint32) {
	if id > 0 && id < numSettings {
		v.value[id] = value
		v.given |= 1 << id
	}
}

// Frame is a frame without its payload.
type Frame struct {
	Type   Type
	Flags  Flags
	Stream uint32 // 0 is the connection
	Length int    // of the payload in bytes, the padding and its length included
	Offset int64  // of its first byte among the bytes of its direction

	Padding   int    // DATA, HEADERS: bytes of padding and of its length
	Increment uint32 // WINDOW_UPDATE, 1 to 2^31-1; 0 is an error
	Code      Code   // RST_STREAM, GOAWAY
	Last      uint32 // GOAWAY: the last stream that will be answered; PUSH_PROMISE: the promised one
	Opaque    uint64 // PING
	Settings  Values // SETTINGS
}

// End is where the frame ends among the bytes of its direction.
func (f *Frame) End() int64 { return f.Offset + headerLength + int64(f.Length) }

// headerLength is what a frame begins with (RFC 9113 4.1).
const headerLength = 9

func (f *Frame) String() string {
	text := f.Type.String()
	if f.Stream != 0 {
		text += fmt.Sprintf(" of stream %d", f.Stream)
	}
	switch f.Type {
	case Data, Headers, Continuation:
		text += fmt.Sprintf(", %d bytes", f.Length)
		if f.Padding > 0 {
			text += fmt.Sprintf(" of which %d are padding", f.Padding)
		}
		if f.Type != Continuation && f.Flags.Has(EndStream) {
			text += ", the last one"
		}
	case WindowUpdate:
		text += fmt.Sprintf(" +%d", f.Increment)
	case RSTStream:
		text += ", " + f.Code.String()
	case GoAway:
		text += fmt.Sprintf(" after stream %d, %v", f.Last, f.Code)
	case Settings, Ping:
		if f.Flags.Has(Ack) {
			text += " acknowledged"
		}
	}
	return text
}
