package h2flow

import "flowlab/flow"

// opener is who opens the streams of such a number (RFC 9113 5.1.1).
func opener(id uint32) flow.Side {
	if id%2 == 1 {
		return flow.Client
	}
	return flow.Server
}

// headers enters a header block: a stream is opened by it, or answered, or it is the
// trailer of one.
func (l *Ledger) headers(from flow.Side, f *Frame, t flow.Time, events []Event) []Event {
	s := l.streams[f.Stream]
	switch {
	case s == nil && from == opener(f.Stream) && (f.Stream > l.directions[from].Last || l.partial):
		s = l.open(f.Stream, f.Stream > l.directions[from].Last, t)
		events = append(events, Event{Kind: StreamOpened, From: from, Stream: f.Stream, Time: t, Frame: *f})
		d := &l.directions[from]
		if limit := d.limit.bounds().High; int64(d.Open) > limit {
			events = append(events, Event{Kind: TooManyStreams, From: from, Stream: f.Stream, Time: t, Value: limit, Frame: *f})
		}
	case s == nil:
		if s, events = l.unknown(from, f, t, events); s == nil {
			return events
		}
	case s.Halves[from].Finished:
		return append(events, Event{Kind: WrongStream, From: from, Stream: f.Stream, Time: t, Frame: *f})
	}
	s.Halves[from].Begun = true
	if f.Flags.Has(EndStream) {
		events = l.finish(s, from, t, events)
	}
	return events
}

// promise enters a stream that the server will open: the client has nothing to send
// on it.
func (l *Ledger) promise(from flow.Side, f *Frame, t flow.Time) {
	if from != flow.Server || f.Last%2 == 1 || f.Last == 0 || l.streams[f.Last] != nil {
		return
	}
	l.open(f.Last, true, t).Halves[flow.Client].Ended = true
}

// unknown makes a stream that a frame is on and that is not known, where its opening
// may not have been seen. It is nil if the stream was closed long ago, and if it was
// never opened, which is an error.
func (l *Ledger) unknown(from flow.Side, f *Frame, t flow.Time, events []Event) (*Stream, []Event) {
	d := &l.directions[opener(f.Stream)]
	switch {
	case f.Stream == 0:
	case l.partial && f.Type != RSTStream:
		return l.open(f.Stream, false, t), append(events, Event{Kind: StreamOpened, From: opener(f.Stream), Stream: f.Stream, Time: t, Frame: *f})
	case f.Stream <= d.Last:
		return nil, events
	}
	return nil, append(events, Event{Kind: WrongStream, From: from, Stream: f.Stream, Time: t, Frame: *f})
}

// open makes a stream.
func (l *Ledger) open(id uint32, seen bool, t flow.Time) *Stream {
	var s *Stream
	if last := len(l.spare) - 1; last >= 0 {
		s, l.spare = l.spare[last], l.spare[:last]
	} else {
		s = new(Stream)
	}
	*s = Stream{ID: id, Opener: opener(id), Opened: t, Seen: seen}
	if !seen {
		s.Halves[0].sum.Window, s.Halves[1].sum.Window = anyWindow, anyWindow
	}
	d := &l.directions[s.Opener]
	d.Open++
	d.Opened++
	d.Last = max(d.Last, id)
	l.streams[id] = s
	return s
}

// finish enters that a side sends no more on a stream.
func (l *Ledger) finish(s *Stream, from flow.Side, t flow.Time, events []Event) []Event {
	s.Halves[from].Ended, s.Halves[from].Finished = true, true
	if s.Halves[from.Peer()].Ended {
		return l.close(s, from, t, events)
	}
	return events
}

// reset enters that a side gives a stream up. DATA of the other side may still be on
// its way.
func (l *Ledger) reset(from flow.Side, f *Frame, t flow.Time, events []Event) []Event {
	s := l.streams[f.Stream]
	if s == nil {
		_, events = l.unknown(from, f, t, events)
		return events
	}
	if s.ResetBy == 0 {
		s.Code = f.Code
	}
	s.ResetBy |= 1 << from
	s.Halves[0].Ended, s.Halves[1].Ended = true, true
	s.Halves[from].Finished = true
	return l.close(s, from, t, events)
}

// Forget lets go of a stream that is open, to make room. What comes on it later counts
// for the connection's window only.
func (l *Ledger) Forget(id uint32) {
	s := l.streams[id]
	if s == nil || s.Closed {
		return
	}
	l.directions[s.Opener].Open--
	delete(l.streams, id)
	l.spare = append(l.spare, s)
}

// close enters the end of a stream, once.
func (l *Ledger) close(s *Stream, from flow.Side, t flow.Time, events []Event) []Event {
	if s.Closed {
		return events
	}
	s.Closed = true
	l.directions[s.Opener].Open--
	if len(l.closed) == keptClosed {
		oldest := l.closed[0]
		delete(l.streams, oldest.ID)
		l.spare = append(l.spare, oldest)
		l.closed = append(l.closed[:0], l.closed[1:]...)
	}
	l.closed = append(l.closed, s)
	return append(events, Event{Kind: StreamDone, From: from, Stream: s.ID, Time: t})
}
