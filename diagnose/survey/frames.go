package survey

import (
	"context"

	"flowlab/capture"
	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/h2flow"
	"flowlab/tcpwin"
)

// Frame is one packet and what it is to its connection.
type Frame struct {
	Number     int // from 1, through all files
	Time       flow.Time
	Interface  int // index into the source's interfaces
	Length     int // bytes on the wire
	Connection int // its number as [Survey.Run] gives it; 0 if the packet holds no TCP segment
	ID         flow.Conn
	Segment    *tcpwin.Segment // nil if there is none; valid until the next frame
	Marked     tcpwin.Marked
	HTTP       []h2flow.Event // what it ended of HTTP/2; valid until the next frame
	Link       capture.LinkType
	Data       []byte // what was kept of the packet; valid until the next frame
	// Double: it was captured before, and does not count; told only of frames that
	// [Survey.Only] chose.
	Double bool
}

// RunFrames calls receive with every packet that is asked for, in order; where
// [Survey.Only] chooses, with what it chose, in which HTTP/2 is not read. Source
// is filled as it goes, so that a frame's interface is there when it comes.
func (s *Survey) RunFrames(ctx context.Context, receive func(*Source, *Frame)) (Source, error) {
	d := &reading{survey: s, pause: func() {}}
	var roll diagnose.Roll
	var segment tcpwin.Segment
	var tuple flow.Tuple
	readers := map[int]*diagnose.Reader{} // by connection
	var seen doubles
	d.enter = func(link capture.LinkType, p *capture.Packet) {
		f := Frame{Number: int(d.source.Packets), Time: p.Time, Interface: p.Interface, Length: p.Length, Link: link, Data: p.Data}
		unmatched := d.source.Skipped.Unmatched
		if d.decode(link, p, &segment, &tuple) {
			f.Segment = &segment
			f.Connection, f.ID, f.Marked = roll.Enter(p.Interface, &tuple, &segment)
			d.source.Connections = max(d.source.Connections, f.Connection)
			if s.Only == nil {
				f.HTTP = d.http(readers, &f, p)
			}
		}
		if s.Only != nil {
			if f.Segment == nil || !s.Only(&f) {
				return
			}
			f.Double = seen.double(p.Interface, &tuple, &segment)
		}
		if d.source.Skipped.Unmatched == unmatched {
			receive(&d.source, &f)
		}
	}
	err := d.run(ctx)
	return d.source, err
}

// http reads HTTP/2 in a packet, from the first one of a connection on that tells.
func (d *reading) http(readers map[int]*diagnose.Reader, f *Frame, p *capture.Packet) []h2flow.Event {
	s := f.Segment
	payload := capture.Payload(p.Data, s)
	r := readers[f.Connection]
	if r == nil {
		if s.Len == 0 || !diagnose.Telling(payload) {
			return nil
		}
		r = diagnose.NewReader(d.survey.Keys, false, s, payload)
		readers[f.Connection] = r
	}
	return r.Read(s, payload)
}
