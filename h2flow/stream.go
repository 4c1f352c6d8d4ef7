package h2flow

import "flowlab/flow"

// Stream is one stream. The caller must not change it; what it points to is used
// again some time after the stream was closed.
type Stream struct {
	ID     uint32
	Opener flow.Side // who opened it
	Opened flow.Time // its first frame, or the first that was seen
	Seen   bool      // its beginning was
	Closed bool      // in both directions
	Halves [2]Half   // by the side that sends

	Path string // the :path of the request, empty if it is not known
	GRPC bool   // its content type says so

	ResetBy Sides // who has sent RST_STREAM
	Code    Code  // of the first RST_STREAM
}

// Sides is a set of sides.
type Sides uint8

// Has tells whether a side is in the set.
func (s Sides) Has(side flow.Side) bool { return s&(1<<side) != 0 }

// Half is one direction of a stream.
type Half struct {
	Sent     int64 // bytes of DATA with padding
	Padding  int64 // of these
	Credited int64 // bytes, by WINDOW_UPDATE of the stream
	Updates  int64 // number of these
	Begun    bool  // HEADERS were sent, or DATA
	Ended    bool  // END_STREAM was sent, or RST_STREAM by either side
	Finished bool  // END_STREAM was sent

	Promised int64 // bytes of content, by content-length (RFC 9110 8.6); 0 if it is not known

	Messages Messages // of gRPC, where the stream is one and none of it was missed

	sum    sum   // of the window, relative to the initial one
	apart  bool  // or the window itself
	size   int64 // the most that sum ever was
	credit credited
	seen   [2]creditSeen // of the stream and of the connection, at its latest DATA
	stops  *stops        // nil unless the window is not known
}

// Unfinished tells whether bytes are known to be still to come: of a message of gRPC that
// was begun, or of the content whose length was told.
func (h *Half) Unfinished() bool {
	m := &h.Messages
	return m.Length > 0 && !m.Lost || h.Sent-h.Padding < h.Promised
}

// WholeOnly tells whether credit was given for whole messages of gRPC and for nothing
// else, where each of them took more than a frame of the default size.
func (h *Half) WholeOnly() bool {
	m, whole := &h.Messages, h.Sent-h.Messages.Done
	return !m.Lost && m.Whole > 0 && h.Padding == 0 && h.Credited == whole && h.Updates <= m.Whole && whole/m.Whole > 1<<14
}
